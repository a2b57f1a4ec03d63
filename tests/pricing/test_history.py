"""Published prices are remembered, and a reduction is announced only against what was really asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from psycopg import errors as postgres_errors

from tradewind.db import Database
from tradewind.pricing import PublishedPrice, announced_reduction, badge_problems, price_histories, price_history, record_prices

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SHOWN = "shown_offers"


def asked(*prices: tuple[int, int | None]) -> tuple[PublishedPrice, ...]:
    """A history from (days before now, price)."""
    return tuple(PublishedPrice(NOW - timedelta(days=days), price, "EUR", f"run_{days}") for days, price in prices)


def test_a_reduction_counts_from_the_lowest_price_of_thirty_days() -> None:
    found = announced_reduction(asked((90, 10_000), (20, 8_000), (10, 12_000)), 6_000, "EUR", NOW)
    assert found is not None
    assert (found.reference_minor, found.percent, found.rule_id) == (8_000, 25, "EU.price.reduction_30_days")


def test_a_price_that_ended_before_the_thirty_days_does_not_count() -> None:
    found = announced_reduction(asked((90, 5_000), (31, 10_000)), 9_000, "EUR", NOW)
    assert found is not None
    assert found.reference_minor == 10_000


def test_a_price_raised_for_the_sale_is_no_reduction() -> None:
    assert announced_reduction(asked((90, 8_000), (5, 12_000)), 9_000, "EUR", NOW) is None


@pytest.mark.parametrize("history", [(), asked((29, 10_000)), asked((90, None)), asked((90, 10_000), (40, None))])
def test_without_thirty_days_of_history_nothing_is_struck_through(history: tuple[PublishedPrice, ...]) -> None:
    assert announced_reduction(history, 5_000, "EUR", NOW) is None


def test_prices_in_another_currency_are_no_history() -> None:
    assert announced_reduction(asked((90, 10_000)), 5_000, "USD", NOW) is None


def test_a_percentage_is_never_rounded_up() -> None:
    found = announced_reduction(asked((60, 9_999)), 6_700, "EUR", NOW)
    assert found is not None
    assert found.percent == 32


@given(some.lists(some.tuples(some.integers(1, 120), some.integers(1, 20_000)), min_size=1, max_size=6), some.integers(1, 20_000))
def test_what_is_struck_through_was_never_undercut_in_thirty_days(entries: list[tuple[int, int]], price: int) -> None:
    history = asked(*sorted(dict(entries).items(), reverse=True))
    found = announced_reduction(history, price, "EUR", NOW)
    if found is not None:
        recent = [
            one for one, after in zip(history, [*history[1:], None], strict=True) if after is None or after.since > NOW - timedelta(30)
        ]
        assert found.reference_minor == min(one.price_minor or 0 for one in recent)
        assert found.price_minor < found.reference_minor


def test_the_badge_needs_thirty_days_at_the_base_price() -> None:
    month = NOW + timedelta(days=30)
    assert badge_problems(asked((60, 10_000), (20, 9_000)), 10_000, 8_000, NOW, month) == []
    assert "20 of the 30 days" in badge_problems(asked((60, 9_000), (20, 10_000)), 10_000, 8_000, NOW, month)[0]
    assert badge_problems(asked((260, 10_000), (190, 7_000)), 10_000, 8_000, NOW, month) != []


@pytest.mark.parametrize(("sale", "is_refused"), [(9_500, True), (9_499, False), (1_001, False), (1_000, True), (10_000, True)])
def test_the_badge_needs_a_discount_above_five_and_below_ninety_percent(sale: int, *, is_refused: bool) -> None:
    assert bool(badge_problems(asked((60, 10_000)), 10_000, sale, NOW, NOW + timedelta(days=7))) == is_refused


def test_a_long_sale_gets_no_badge() -> None:
    assert "longer than 30 days" in badge_problems(asked((60, 10_000)), 10_000, 8_000, NOW, NOW + timedelta(days=31))[0]


def publish(database: Database, run: str, days: int, prices: dict[str, int], currency: str = "EUR") -> int:
    """Makes the table of what is shown, and notes it."""
    with database.transaction() as tx:
        tx.execute(f"DROP TABLE IF EXISTS {SHOWN}")
        tx.execute(f"CREATE TABLE {SHOWN} (market text, offer_id text, price_minor bigint, currency text)")
        for offer_id, price in prices.items():
            tx.execute(f"INSERT INTO {SHOWN} VALUES ('de', %s, %s, %s), ('us', %s, 1, 'USD')", (offer_id, price, currency, offer_id))
        return record_prices(tx, "de", run, NOW + timedelta(days=days), published=SHOWN)


def test_only_changed_prices_are_appended(database: Database) -> None:
    assert publish(database, "run_1", 0, {"a": 100, "b": 200}) == 2
    assert publish(database, "run_2", 1, {"a": 100, "b": 200}) == 0
    assert publish(database, "run_3", 2, {"a": 100, "b": 150}) == 1
    with database.transaction() as tx:
        found = [(one.price_minor, one.run_id) for one in price_history(tx, "de", "b")]
    assert found == [(200, "run_1"), (150, "run_3")]


def test_an_offer_that_is_gone_ends_and_may_come_back(database: Database) -> None:
    for number, prices in enumerate(({"a": 100}, {}, {}, {"a": 100})):
        publish(database, f"run_{number}", number, prices)
    with database.transaction() as tx:
        histories = price_histories(tx, "de", ["a", "never"])
    assert [(one.price_minor, one.run_id) for one in histories["a"]] == [(100, "run_0"), (None, "run_1"), (100, "run_3")]
    assert "never" not in histories


def test_a_change_of_currency_is_a_change(database: Database) -> None:
    publish(database, "run_1", 0, {"a": 100})
    assert publish(database, "run_2", 1, {"a": 100}, currency="USD") == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE pricing_history SET price_minor = 1", "DELETE FROM pricing_history", "TRUNCATE pricing_history"]
)
def test_history_cannot_be_rewritten(database: Database, statement: str) -> None:
    publish(database, "run_1", 0, {"a": 100})
    with pytest.raises(postgres_errors.RestrictViolation, match="append-only"), database.transaction() as tx:
        tx.execute(statement)
