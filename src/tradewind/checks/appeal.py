"""What an appeal to Google needs: the account's issues, what was sent and refused, and how the shop stands by our own checks."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tradewind.checks.launch import Subject
from tradewind.db import Transaction, audit
from tradewind.listings.sync import AccountIssue, counts, frozen, reconcile
from tradewind.listings.topology import Account
from tradewind.offers.publish import publications

GROUPS_SHOWN = 20


def facts(tx: Transaction, account: Account, issues: Sequence[AccountIssue], checked: Sequence[Subject], at: datetime) -> dict[str, Any]:
    """Everything at hand, as plain values. `issues` are those that Google lists now, `checked` what the launch checks found."""
    stopped = frozen(tx, account.resource)
    published = publications(tx)
    return {
        "account": account.resource,
        "site": account.site,
        "asked_at": at.isoformat(timespec="seconds"),
        "frozen": None if stopped is None else {"reason": stopped.reason, "since": stopped.since.isoformat(timespec="seconds")},
        "issues_then": [] if stopped is None else [asdict(one) for one in stopped.issues],
        "issues_now": [asdict(one) for one in issues],
        "feeds": [_feed(tx, account, number, at) for number in range(len(account.feeds))],
        "published": {
            feed.market: {"run": shown.run_id, "offers": shown.offers_count, "at": shown.published_at.isoformat(timespec="seconds")}
            for feed in account.feeds
            if (shown := published.get(feed.market)) is not None
        },
        "in_order": sorted({one.name for one in checked if one.state == "ok"}),
        "not_in_order": [asdict(one) for one in checked if one.state == "blocks"],
        "history": [
            {"at": entry.at.isoformat(timespec="seconds"), "by": entry.actor, "what": entry.action, "detail": dict(entry.detail)}
            for entry in audit.entries(tx, subject=account.resource)
        ],
    }


def _feed(tx: Transaction, account: Account, number: int, at: datetime) -> dict[str, Any]:
    feed = account.target(account.feeds[number], "").feed
    numbers = counts(tx, feed, at)
    groups = reconcile.issues(tx, feed)[:GROUPS_SHOWN]
    return {
        "feed": feed,
        "held": numbers.held,
        "refused": numbers.failed,
        "issues": [{"code": one.code, "severity": one.severity, "listings": one.count, "detail": one.detail} for one in groups],
    }
