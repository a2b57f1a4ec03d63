"""The ledger of what a channel holds, in real PostgreSQL: what waits, in which order, and how often a day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.db import Database
from tradewind.listings.sync import (
    Outcome,
    Result,
    Send,
    Target,
    Urgency,
    Wanted,
    Way,
    counts,
    mark_fetched,
    may_send,
    plan,
    urgency,
    way_of,
)
from tradewind.listings.sync.store import attempts, claim, lost, settle

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TARGET = Target("us", "accounts/1001", "US", "en", "accounts/1001/dataSources/1")
FILE_TARGET = Target("us", "accounts/1001", "US", "en", "accounts/1001/dataSources/1", Way.FILE)
LISTINGS = st.builds(Wanted, st.just("a"), st.sampled_from(["h1", "h2", "h3"]), st.integers(min_value=1, max_value=4), st.booleans())


def a_listing(offer_id: str = "a", text: str = "h1", price: int = 1000, *, available: bool = True) -> Wanted:
    return Wanted(offer_id, text, price, available)


def planned(database: Database, *wanted: Wanted, at: datetime = NOW) -> dict[Urgency, int]:
    with database.transaction() as tx:
        return plan(tx, "us-en", wanted, at)


def claimed(database: Database, at: datetime = NOW, target: Target = TARGET) -> list[Send]:
    with database.transaction() as tx:
        return claim(tx, target, (Way.API, Way.SUPPLEMENTAL), at, "batch_1", 100)


def ended(database: Database, sends: Sequence[Send], result: Result = Result.SUCCEEDED, at: datetime = NOW) -> None:
    with database.transaction() as tx:
        settle(tx, "us-en", [(Outcome(send.offer_id, send.version, result, "why"), None) for send in sends], at)


def held(database: Database, *wanted: Wanted, at: datetime = NOW) -> None:
    planned(database, *wanted, at=at)
    ended(database, claimed(database, at), at=at)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.none() | LISTINGS, after=st.none() | LISTINGS)
def test_sql_and_rules_agree_on_urgency(database: Database, before: Wanted | None, after: Wanted | None) -> None:
    with database.transaction() as tx:
        tx.execute("TRUNCATE listings_held")
    held(database, *([before] if before else []), at=NOW - timedelta(days=2))
    found = planned(database, *([after] if after else []))
    expected = urgency(after, before)
    assert found == ({expected: 1} if expected is not None else {})


def test_what_sells_wrongly_goes_first(database: Database) -> None:
    old = NOW - timedelta(days=2)
    held(database, a_listing("cut"), a_listing("rise"), a_listing("out"), a_listing("gone"), a_listing("text"), at=old)
    planned(
        database,
        a_listing("cut", "h2", 900),
        a_listing("rise", "h2", 1100),
        a_listing("out", "h2", available=False),
        a_listing("text", "h2"),
        a_listing("new"),
    )
    assert [send.offer_id for send in claimed(database)] == ["gone", "out", "rise", "cut", "new", "text"]


def test_an_unchanged_plan_touches_nothing(database: Database) -> None:
    held(database, a_listing())
    assert planned(database, a_listing(), at=NOW + timedelta(days=1)) == {}
    with database.transaction() as tx:
        row = tx.execute("SELECT wanted_at FROM listings_held").fetchone()
    assert row is not None
    assert row["wanted_at"] == NOW


def test_a_listing_is_refreshed_before_it_expires(database: Database) -> None:
    held(database, a_listing())
    assert planned(database, a_listing(), at=NOW + timedelta(days=24)) == {}
    assert planned(database, a_listing(), at=NOW + timedelta(days=25)) == {Urgency.REFRESH: 1}


def test_the_second_update_of_a_day_is_kept_for_selling_out_and_rising_prices(database: Database) -> None:
    held(database, a_listing("x"), a_listing("y"))
    later = NOW + timedelta(hours=1)
    planned(database, a_listing("x", "h2", 900), a_listing("y", "h2", 1100), at=later)
    assert [send.offer_id for send in claimed(database, later)] == ["y"]


def test_a_third_update_waits_for_the_next_day(database: Database) -> None:
    held(database, a_listing())
    held(database, a_listing(text="h2", price=1100), at=NOW + timedelta(hours=1))
    planned(database, a_listing(text="h3", available=False), at=NOW + timedelta(hours=2))
    assert claimed(database, NOW + timedelta(hours=2)) == []
    assert [send.urgency for send in claimed(database, NOW + timedelta(days=1))] == [Urgency.SOLD_OUT]


@given(st.lists(st.tuples(st.sampled_from(list(Urgency)[1:]), st.integers(min_value=0, max_value=30)), max_size=40))
def test_no_series_of_changes_updates_a_product_three_times_in_any_day(changes: list[tuple[Urgency, int]]) -> None:
    moment, sent = NOW, list[datetime]()
    for reason, hours in changes:
        moment += timedelta(hours=hours)
        last, before = (sent[-place] if len(sent) >= place else None for place in (1, 2))
        if may_send(reason, last, before, moment):
            sent.append(moment)
    assert all(third - first >= timedelta(days=1) for first, third in zip(sent, sent[2:], strict=False))


HOURS = st.none() | st.integers(min_value=0, max_value=48)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reason=st.sampled_from([Urgency.SOLD_OUT, Urgency.PRICE_RISE, Urgency.PRICE_CUT, Urgency.CONTENT]), last=HOURS, more=HOURS)
def test_sql_and_rules_agree_on_the_twice_a_day_rule(database: Database, reason: Urgency, last: int | None, more: int | None) -> None:
    updated_at = None if last is None else NOW - timedelta(hours=last)
    updated_before = None if updated_at is None or more is None else updated_at - timedelta(hours=more)
    with database.transaction() as tx:
        tx.execute("TRUNCATE listings_held")
        tx.execute(
            "INSERT INTO listings_held (feed, offer_id, wanted_hash, wanted_price, wanted_available, wanted_at, urgency, held_hash,"
            " updated_at, updated_before) VALUES ('us-en', 'a', 'h', 1, true, %s, %s, 'g', %s, %s)",
            (NOW, int(reason), updated_at, updated_before),
        )
    assert bool(claimed(database)) == may_send(reason, updated_at, updated_before, NOW)


def test_a_used_up_quota_is_no_attempt_of_the_listing(database: Database) -> None:
    planned(database, a_listing())
    for number in range(3):
        sends = claimed(database, NOW + timedelta(minutes=number))
        with database.transaction() as tx:
            outcome = Outcome("a", sends[0].version, Result.RETRY, "quota/request_rate_too_high")
            settle(tx, "us-en", [(outcome, None)], NOW)
            assert attempts(tx, "us-en", ["a"]) == {"a": 0}


def test_a_deletion_is_no_update(database: Database) -> None:
    held(database, a_listing())
    planned(database, at=NOW + timedelta(hours=1))
    ended(database, claimed(database, NOW + timedelta(hours=1)), at=NOW + timedelta(hours=1))
    planned(database, a_listing(), at=NOW + timedelta(hours=2))
    assert [send.urgency for send in claimed(database, NOW + timedelta(hours=2))] == [Urgency.NEW]


def test_a_change_during_a_send_is_sent_again_with_a_higher_version(database: Database) -> None:
    planned(database, a_listing())
    first = claimed(database)
    planned(database, a_listing(text="h2", price=1200))
    ended(database, first)
    second = claimed(database)
    assert [send.urgency for send in second] == [Urgency.PRICE_RISE]
    assert second[0].version > first[0].version


def test_two_pushers_never_claim_the_same_change(database: Database) -> None:
    planned(database, *(a_listing(f"o{number}") for number in range(10)))
    with database.transaction() as one, database.transaction() as two:
        first = claim(one, TARGET, (Way.API,), NOW, "batch_1", 5)
        second = claim(two, TARGET, (Way.API,), NOW, "batch_2", 10)
    assert len(first) == 5
    assert not {send.offer_id for send in first} & {send.offer_id for send in second}


def test_a_send_without_an_end_is_found_again(database: Database) -> None:
    planned(database, a_listing())
    sends = claimed(database)
    with database.transaction() as tx:
        assert lost(tx, "us-en", NOW - timedelta(minutes=1), 10) == []
        assert [send for send, _ in lost(tx, "us-en", NOW, 10)] == sends


def test_a_late_answer_to_an_old_send_changes_nothing(database: Database) -> None:
    planned(database, a_listing())
    old = claimed(database)
    ended(database, old, Result.RETRY)
    new = claimed(database, NOW + timedelta(seconds=1))
    ended(database, old)
    with database.transaction() as tx:
        assert counts(tx, "us-en", NOW).held == 0
    ended(database, new)
    with database.transaction() as tx:
        assert counts(tx, "us-en", NOW).held == 1


def test_a_failed_listing_waits_for_a_change(database: Database) -> None:
    planned(database, a_listing())
    ended(database, claimed(database), Result.FAILED)
    assert claimed(database) == []
    planned(database, a_listing(text="h2"))
    assert len(claimed(database)) == 1


def test_beside_a_file_only_price_and_availability_go_by_the_api(database: Database) -> None:
    planned(database, a_listing("x"), a_listing("y"))
    assert claimed(database, target=FILE_TARGET) == []
    with database.transaction() as tx:
        assert mark_fetched(tx, FILE_TARGET, NOW) == 2
    planned(database, a_listing("x", "h2"), a_listing("y", "h2", 1100))
    assert [send.offer_id for send in claimed(database, target=FILE_TARGET)] == ["y"]


def test_a_file_that_was_read_before_a_change_does_not_hold_it(database: Database) -> None:
    planned(database, a_listing("x"))
    with database.transaction() as tx:
        assert mark_fetched(tx, FILE_TARGET, NOW) == 1
    planned(database, a_listing("x", "h2"), at=NOW + timedelta(hours=2))
    with database.transaction() as tx:
        assert mark_fetched(tx, FILE_TARGET, NOW + timedelta(hours=1)) == 0
        assert counts(tx, "us-en", NOW).waiting == {Urgency.CONTENT: 1}


def test_every_reading_of_the_file_refreshes_all_that_it_holds(database: Database) -> None:
    planned(database, a_listing())
    for day in (0, 20):
        with database.transaction() as tx:
            mark_fetched(tx, FILE_TARGET, NOW + timedelta(days=day))
    with database.transaction() as tx:
        assert counts(tx, "us-en", NOW + timedelta(days=40)).expiring == 0
        assert counts(tx, "us-en", NOW + timedelta(days=46)).expiring == 1


@pytest.mark.parametrize(("reason", "way"), [(Urgency.SOLD_OUT, Way.SUPPLEMENTAL), (Urgency.CONTENT, Way.FILE), (Urgency.NEW, Way.FILE)])
def test_the_way_beside_a_file_depends_on_the_change(reason: Urgency, way: Way) -> None:
    assert way_of(reason, FILE_TARGET) is way
    assert way_of(reason, TARGET) is Way.API


def test_a_withdrawn_listing_that_google_never_held_is_forgotten(database: Database) -> None:
    planned(database, a_listing())
    assert planned(database) == {}
