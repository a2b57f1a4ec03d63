"""Accounts whose pushes are stopped: an account-level issue freezes them, a person lets them go on."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from tradewind.db import Database, Transaction, audit

CRITICAL = "critical"
"""The severity with which nothing of an account is shown (AccountIssue.Severity)."""
WATCHER = "account watch"

_FREEZE = """
    INSERT INTO listings_account (account, frozen_reason, frozen_at, facts) VALUES (%(account)s, %(reason)s, %(at)s, %(facts)s::jsonb)
    ON CONFLICT (account) DO UPDATE
    SET frozen_reason = excluded.frozen_reason, frozen_at = excluded.frozen_at, facts = excluded.facts
"""
_THAW = """
    UPDATE listings_account
    SET frozen_reason = NULL, frozen_at = NULL, acknowledged = ARRAY(SELECT fact->>'issue_id' FROM jsonb_array_elements(facts) AS fact)
    WHERE account = %s AND frozen_reason IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class AccountIssue:
    """What Google holds against a whole account. `where` names the places it is kept from, such as "SHOPPING_ADS DE"."""

    issue_id: str
    severity: str
    title: str
    detail: str = ""
    documentation: str = ""
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frozen:
    """Why and since when pushes of an account are stopped, with the issues that Google listed then."""

    account: str
    reason: str
    since: datetime
    issues: tuple[AccountIssue, ...]


class AccountPort(Protocol):
    """What tells of an account's issues."""

    async def account_issues(self, account: str) -> list[AccountIssue]: ...


def freeze(tx: Transaction, account: str, reason: str, at: datetime, issues: Sequence[AccountIssue] = ()) -> None:
    """No push of the account goes out until `thaw`; the reason and the issues are what the appeal begins with."""
    facts = json.dumps([asdict(one) for one in issues], ensure_ascii=False)
    tx.execute(_FREEZE, {"account": account, "reason": reason, "at": at, "facts": facts})


def thaw(tx: Transaction, account: str) -> bool:
    """Pushes go on, also while Google still lists the same issues; a new one freezes again. False when the account was not frozen."""
    return tx.execute(_THAW, (account,)).rowcount > 0


def frozen(tx: Transaction, account: str) -> Frozen | None:
    """Why the account is frozen; None when it is not."""
    row = tx.execute(
        "SELECT frozen_reason, frozen_at, facts FROM listings_account WHERE account = %s AND frozen_reason IS NOT NULL", (account,)
    ).fetchone()
    if row is None:
        return None
    issues = tuple(AccountIssue(**fact | {"where": tuple(fact["where"])}) for fact in row["facts"])
    return Frozen(account, str(row["frozen_reason"]), row["frozen_at"], issues)


def all_frozen(tx: Transaction) -> list[Frozen]:
    """Every account whose pushes are stopped, the latest first."""
    rows = tx.execute("SELECT account FROM listings_account WHERE frozen_reason IS NOT NULL ORDER BY frozen_at DESC, account")
    return [found for row in rows.fetchall() if (found := frozen(tx, row["account"])) is not None]


async def watch(database: Database, port: AccountPort, account: str, at: datetime) -> list[AccountIssue]:
    """Asks for the account's issues, and freezes it when a critical one is there that nobody has acknowledged; all that were found."""
    found = await port.account_issues(account)
    critical = [one for one in found if one.severity == CRITICAL]
    ids = [one.issue_id for one in critical]
    with database.transaction() as tx:
        # An acknowledged issue that has gone must freeze again when it returns.
        tx.execute(
            "UPDATE listings_account SET acknowledged = ARRAY(SELECT unnest(acknowledged) INTERSECT SELECT unnest(%s::text[]))"
            " WHERE account = %s AND NOT acknowledged <@ %s::text[]",
            (ids, account, ids),
        )
        row = tx.execute("SELECT acknowledged FROM listings_account WHERE account = %s", (account,)).fetchone()
        new = [one for one in critical if one.issue_id not in (row["acknowledged"] if row else ())]
        if new and frozen(tx, account) is None:
            freeze(tx, account, "; ".join(one.title for one in new), at, critical)
            audit.record(tx, WATCHER, "google.freeze", account, {"issues": [one.issue_id for one in new]})
    return found
