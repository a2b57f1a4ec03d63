"""Books of every market there is, with lanes from two countries and one of goods imported in bulk; and books drawn at random."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from hypothesis import strategies as some

from tradewind.adapters.fx.own import OwnRates, parse_rates
from tradewind.markets import load_market, load_markets
from tradewind.network import Network, load_network
from tradewind.pricing import Band, DutyRate, PriceBook, PriceInput, load_margins, price_book
from tradewind.pricing.duties import duty_table
from tradewind.pricing.model import EVERY

from .builders import a_product, history

EVERY_MARKET = tuple(sorted(load_markets()))
DAYS = (date(2026, 2, 24), date(2026, 6, 30), date(2026, 7, 1), date(2026, 10, 1), date(2026, 11, 23))
CODES = ("851830", "85183000", "8518300000", "610910", "6109101", "640399", "732393", "420212", "950300", "490199", "847130", "711790",
         "330499", "010121", "33", "", None)  # fmt: skip
ORIGINS = ("CN", "CN", "VN", "DE", "US", "JP", "XX", None)


@cache
def rates() -> OwnRates:
    rows = "\n".join(f"{day},USD,VND,25410.5,bank" for day in ("2026-01-02", "2026-06-01", "2026-10-30"))
    return OwnRates(parse_rates(f"date,base,quote,rate,source\n{rows}\n"), history())


@cache
def a_network(market: str) -> Network:
    """Parcels from China and from the United States, and stock in the market itself."""
    real = load_network()
    lanes = {lane.lane_id: lane for lane in real.lanes}
    made = (
        replace(lanes["SZX-1.de"], lane_id=f"cn.{market}", market=market),
        replace(lanes["SZX-1.de"], lane_id=f"us.{market}", market=market, location_id="LAX-1"),
        replace(lanes["DUI-1.de"], lane_id=f"bulk.{market}", market=market),
    )
    return Network(real.locations, made)


@cache
def a_wide_book(market: str, as_of: date = DAYS[-1]) -> PriceBook:
    return price_book(load_market(market), as_of, a_network(market), rates(), load_margins(), {})


def an_amount(top: int) -> some.SearchStrategy[int]:
    return some.one_of(some.integers(0, top), some.sampled_from([0, 1, top]))


@some.composite
def bands(draw: some.DrawFn) -> tuple[Band, ...]:
    """Bands of any kind, ascending, the last without limit."""
    limits = sorted(draw(some.lists(some.integers(1, 200_000), max_size=3, unique=True)))
    made = []
    for limit in (*limits, None):
        duty = draw(some.sampled_from(["none", "flat", "simplified", "tariff"]))
        made.append(
            Band(
                up_to=limit, counts_freight=draw(some.booleans()), per_item=draw(some.booleans()), duty=duty,
                flat=draw(an_amount(900)) if duty == "flat" else 0, taxed=draw(some.booleans()), line_fee=draw(an_amount(300)),
                rule_ids=(f"{duty}.{limit}",), certainty=draw(some.sampled_from(["certain", "likely", "estimate"])),
                parcel_fee=draw(an_amount(500)), at_sale=draw(some.booleans()), extra_taxed=draw(some.booleans()),
                tax_rule_ids=("why",) if draw(some.booleans()) else (),
            )
        )  # fmt: skip
    return tuple(made)


def a_rate(draw: some.DrawFn, prefix: str, origins: str) -> DutyRate:
    top = draw(some.sampled_from([0, 20_000, 75_000, 250_000, 1_000_000, 6_000_000]))
    return DutyRate(
        origins, prefix, top, (f"rule.{prefix}",), draw(some.sampled_from(["certain", "likely"])), low_ppm=top // draw(some.integers(1, 3)),
        per_kg_micro=draw(some.sampled_from([0, 0, 44_500_000])), per_item_micro=draw(some.sampled_from([0, 0, 1_250_000])),
        needs_person=draw(some.sampled_from([False, False, False, True])),
    )  # fmt: skip


@some.composite
def drawn_books(draw: some.DrawFn) -> PriceBook:
    """A German book with everything that decides a price drawn anew."""
    sets = tuple(draw(some.lists(bands(), min_size=1, max_size=2)))
    book = a_wide_book("de")
    duties = [a_rate(draw, prefix, group) for prefix in ("85", "851830", "61", "610910", "64") for group in (EVERY, "like VN")]
    return replace(
        book,
        bands=sets,
        lanes=tuple(replace(lane, band_set=at % len(sets)) for at, lane in enumerate(book.lanes)),
        duties=duty_table(duties), origins=(("VN", "like VN"),), unknown_origin_group="like VN",
        duty_counts_freight=draw(some.booleans()), tax_counts_freight=draw(some.booleans()), tax_counts_fee=draw(some.booleans()),
        tax_counts_insurance=draw(some.booleans()), insurance_ppm=draw(some.sampled_from([0, 0, 20_000])),
        value_factor_ppm=draw(some.sampled_from([1_000_000, 1_000_000, 600_000])), tax_collected=draw(some.sampled_from([True, True, False])),
        import_fee_ppm=draw(some.sampled_from([0, 4_714])),
        reduced_taxes=(("61", 70_000, "reduced.61"), ("610910", 0, "reduced.610910")) if draw(some.booleans()) else (),
        simplified=(("", 75_000, "simple"), ("64", 250_000, "simple")) if draw(some.booleans()) else (),
        extra_taxes=(("", 5_000, "extra.all"), ("61", 50_000, "extra.61")) if draw(some.booleans()) else (),
    )  # fmt: skip


GOOD_CODES = tuple(code for code in CODES if code and len(code) > 2 and code[:2] in ("85", "61", "64"))


def costs(book: PriceBook) -> some.SearchStrategy[int]:
    """Costs in the market's own currency, most of them where some band ends."""
    limits = sorted({band.up_to for bands in book.bands for band in bands if band.up_to})
    return some.one_of(some.integers(1, 400_000), *(some.integers(1, 2 * limit) for limit in limits))


@some.composite
def priceable(draw: some.DrawFn, book: PriceBook) -> PriceInput:
    """A product that lacks nothing, though its duty may still leave no room for a price."""
    lane = draw(some.sampled_from(["cn", "cn", "cn", "us", "bulk"]))
    return a_product(
        category=draw(some.sampled_from(["headphones", "apparel", None])), cost_minor=draw(costs(book)), cost_currency=book.currency,
        weight_g=draw(some.integers(1, 3_000)), hs_code=draw(some.sampled_from(GOOD_CODES)), origin=draw(some.sampled_from(ORIGINS)),
        lane_id=f"{lane}.{book.market}", imported=lane == "bulk",
    )  # fmt: skip


@some.composite
def products(draw: some.DrawFn, book: PriceBook) -> PriceInput:
    """A product that may lack anything, or hold what nobody would believe."""
    wrong: dict[str, some.SearchStrategy[Any]] = {
        "category": some.just("no-such"),
        "cost_minor": some.sampled_from([None, 0, -5, 10**10, 10**10 + 1, 2**62]),
        "cost_currency": some.sampled_from(["CNY", "ZZZ", None]),
        "weight_g": some.sampled_from([None, 0, -1, 30_000, 30_001, 2**40]),
        "hs_code": some.sampled_from(CODES),
        "lane_id": some.just("nowhere"),
    }
    item = draw(priceable(book))
    name = draw(some.sampled_from([None, None, *wrong]))
    return replace(item, **{name: draw(wrong[name])}) if name else item


def books() -> some.SearchStrategy[PriceBook]:
    """A real market on some day, or a book drawn at random."""
    real = some.builds(a_wide_book, some.sampled_from(EVERY_MARKET), some.sampled_from(DAYS))
    return some.one_of(real, drawn_books())
