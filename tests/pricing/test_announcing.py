"""A reduction is announced only for a dated price of the retailer's own, and only against what was really asked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradewind.kit import Currency, Money
from tradewind.pricing import Made, PriceKind, PublishedPrice, SetPrice, announcement, asked_since, landed, running_reduction

from .builders import FRESH, a_book, a_product

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LONG = ((90, 10_000),)


def asked(*prices: tuple[float, int | None]) -> tuple[PublishedPrice, ...]:
    """A history from (days before now, price)."""
    return tuple(PublishedPrice(NOW - timedelta(days=days), price, "EUR", "run") for days, price in prices)


def a_row(kind: PriceKind, minor: int, starts: date = DAY, ends: date | None = date(2026, 11, 30)) -> SetPrice:
    return SetPrice(2, "de", "HX-1", kind, Money(minor, Currency("EUR")), starts, ends)


def made(asked_minor: int, *rows: SetPrice) -> Made:
    """A price as `make_price` leaves it, beside the rows that hold."""
    row = replace(landed(a_product(sku="HX-1"), a_book("de", FRESH)), price_minor=asked_minor)
    by_kind = {one.kind: one for one in rows}
    return Made(row, None, by_kind.get(PriceKind.SALE), by_kind.get(PriceKind.LIST), ())


SALE, LISTED = a_row(PriceKind.SALE, 8_000), a_row(PriceKind.LIST, 12_000)


def test_a_sale_is_announced_from_what_was_asked_and_not_from_the_list_price() -> None:
    for rows in ((SALE,), (SALE, LISTED), (LISTED,)):
        found = announcement(made(8_000, *rows), asked(*LONG), NOW)
        assert found is not None
        assert (found.list_price_minor, found.reduction.percent, found.starts, found.ends) == (10_000, 20, DAY, date(2026, 11, 30))


@pytest.mark.parametrize(
    ("rows", "history"),
    [
        ((), LONG),  # no row of the retailer's own
        ((a_row(PriceKind.FIXED, 8_000),), LONG),
        ((a_row(PriceKind.SALE, 8_000, ends=None),), LONG),  # without a last day
        ((SALE,), ()),  # no history
        ((SALE,), ((29, 10_000),)),
        ((SALE,), ((90, 10_000), (10, 7_500))),  # cheaper within thirty days
        ((a_row(PriceKind.LIST, 9_000),), LONG),  # the retailer claims less than was asked
    ],
)
def test_nothing_is_announced(rows: tuple[SetPrice, ...], history: tuple[tuple[float, int | None], ...]) -> None:
    assert announcement(made(8_000, *rows), asked(*history), NOW) is None


def test_a_sale_that_runs_keeps_the_price_it_began_from() -> None:
    history = asked((90, 10_000), (12, 8_000))
    found = announcement(made(8_000, a_row(PriceKind.SALE, 8_000, DAY - timedelta(20))), history, NOW)
    assert found is not None
    assert (found.list_price_minor, found.starts) == (10_000, DAY - timedelta(12))


def test_a_day_written_before_the_price_was_asked_hides_no_lower_price() -> None:
    history = asked((90, 10_000), (20, 9_000))
    found = running_reduction(history, 8_000, "EUR", DAY - timedelta(25), NOW)
    assert found is not None
    assert found.reference_minor == 9_000


def test_a_second_reduction_counts_from_the_first_one() -> None:
    found = running_reduction(asked((90, 10_000), (12, 8_000)), 7_000, "EUR", DAY - timedelta(12), NOW)
    assert found is not None
    assert found.reference_minor == 8_000


def test_an_offer_that_was_away_for_a_day_still_asks_the_same_price() -> None:
    assert asked_since(asked((90, 10_000), (12, 8_000), (3, None), (2, 8_000)), 8_000, NOW) == NOW - timedelta(days=12)


ENTRIES = some.lists(some.tuples(some.integers(1, 120), some.none() | some.integers(1, 20_000)), max_size=8)


@given(ENTRIES, some.integers(1, 20_000), some.integers(0, 40), some.none() | some.integers(1, 20_000))
def test_what_is_struck_was_never_undercut_in_the_thirty_days_before_the_price(
    entries: list[tuple[int, int | None]], price: int, ago: int, listed: int | None
) -> None:
    history = asked(*sorted(dict(entries).items(), reverse=True))
    rows = [a_row(PriceKind.SALE, price, DAY - timedelta(ago)), *([a_row(PriceKind.LIST, listed)] if listed else [])]
    found = announcement(made(price, *rows), history, NOW)
    if found is None:
        return
    since = found.reduction.since
    before = [one for one in history if one.since < since]
    recent = [one for one, after in zip(before, [*before[1:], None], strict=True) if after is None or after.since > since - timedelta(30)]
    assert price < found.list_price_minor <= min(one.price_minor for one in recent if one.price_minor is not None)
    assert before[0].since <= since - timedelta(30)
    assert found.reduction.percent * found.list_price_minor <= (found.list_price_minor - price) * 100
    assert listed is None or found.list_price_minor <= listed


@given(ENTRIES, some.integers(1, 20_000), some.integers(0, 23))
def test_within_a_day_a_kept_decision_is_never_bolder_than_a_new_one(entries: list[tuple[int, int | None]], price: int, hours: int) -> None:
    """Rows of the same day and history are carried over: `load_past` promises that they claim no more."""
    history = asked(*((days + 1, minor) for days, minor in sorted(dict(entries).items(), reverse=True)))
    early = NOW.replace(hour=0)
    first, later = (running_reduction(history, price, "EUR", DAY, at) for at in (early, early + timedelta(hours=hours)))
    if first is not None and asked_since(history, price, early) == early:
        assert later is not None
        assert first.reference_minor <= later.reference_minor
