"""What the channel shows against the ledger: each kind of difference is found, and mended by the next push."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tradewind.db import Database, Transaction
from tradewind.listings.sync import ItemIssue, Outcome, Processed, Result, Send, Target, Urgency, Wanted, Way, plan, reconcile
from tradewind.listings.sync.store import claim, settle

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
TARGET = Target("us", "accounts/1001", "US", "en", "accounts/1001/dataSources/1")
WANTED = Wanted("a", "h1", 1999, available=True)
PROCESSING = timedelta(minutes=30)


@pytest.fixture
def sent(database: Database) -> Send:
    """The listing as it was sent two days ago, and held since."""
    with database.transaction() as tx:
        plan(tx, "us-en", [WANTED], NOW)
        send = claimed(tx, NOW)[0]
        settle(tx, "us-en", [(Outcome("a", send.version, Result.SUCCEEDED), None)], NOW)
    return send


def claimed(tx: Transaction, at: datetime) -> list[Send]:
    return claim(tx, TARGET, (Way.API,), at, "b", 10)


def shown(send: Send, **changes: object) -> Processed:
    return replace(Processed("a", send.version, 19_990_000, "USD", available=True, issues=()), **changes)  # type: ignore[arg-type]


def reconciled(database: Database, *found: Processed) -> tuple[dict[str, int], list[Send]]:
    """The differences by kind, and what the next push would send."""
    with database.transaction() as tx:
        reconcile.begin(tx, "us-en")
        reconcile.add(tx, "us-en", found, LATER)
        kinds = {one.kind: one.count for one in reconcile.differences(tx, TARGET, 2, LATER - PROCESSING)}
        reconcile.repair(tx, TARGET, LATER, PROCESSING)
        return kinds, claimed(tx, LATER)


def test_what_is_as_intended_is_no_difference(database: Database, sent: Send) -> None:
    assert reconciled(database, shown(sent)) == ({}, [])


def test_what_google_dropped_is_missing_and_sent_again(database: Database, sent: Send) -> None:
    kinds, sends = reconciled(database)
    assert (kinds, [send.urgency for send in sends]) == ({"missing": 1}, [Urgency.NEW])


def test_an_older_version_is_stale_and_sent_again(database: Database, sent: Send) -> None:
    kinds, sends = reconciled(database, shown(sent, version=sent.version - 1))
    assert (kinds, [send.urgency for send in sends]) == ({"stale": 1}, [Urgency.CONTENT])


def test_a_higher_version_of_somebody_else_is_overtaken_and_ours_goes_above_it(database: Database, sent: Send) -> None:
    theirs = int(LATER.timestamp() * 1000) + 10**9
    kinds, sends = reconciled(database, shown(sent, version=theirs))
    assert (kinds, [send.version for send in sends]) == ({"overtaken": 1}, [theirs + 1])


@pytest.mark.parametrize("change", [{"price_micros": 17_990_000}, {"available": False}])
def test_what_automatic_updates_changed_is_told_and_left(database: Database, sent: Send, change: dict[str, object]) -> None:
    assert reconciled(database, shown(sent, **change)) == ({"changed": 1}, [])


def test_what_nobody_sent_is_unexpected_and_deleted(database: Database, sent: Send) -> None:
    kinds, sends = reconciled(database, shown(sent), shown(sent, offer_id="stranger"))
    assert (kinds, [(send.offer_id, send.urgency) for send in sends]) == ({"unexpected": 1}, [("stranger", Urgency.WITHDRAWN)])


def test_a_refused_listing_is_disapproved_and_its_cause_is_in_the_inbox(database: Database, sent: Send) -> None:
    issue = ItemIssue("missing_shipping", "disapproved", "shipping", ("US",), "No shipping")
    kinds, sends = reconciled(database, shown(sent, issues=(issue,)))
    with database.transaction() as tx:
        groups = reconcile.issues(tx, "us-en")
    assert (kinds, sends) == ({"disapproved": 1}, [])
    assert [(group.code, group.count, group.samples) for group in groups] == [("missing_shipping", 1, ("a",))]
