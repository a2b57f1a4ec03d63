"""Books and consignments for worked examples: the rules of a real market, with the rates that an example states put in their place."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tradewind.kit import Currency, Money
from tradewind.markets import load_market
from tradewind.network import load_network
from tradewind.pricing import (
    Assessment,
    Band,
    Basis,
    Consignment,
    ConsignmentLine,
    DutyRate,
    PriceBook,
    assess,
    load_margins,
    price_book,
)
from tradewind.pricing.duties import duty_table
from tradewind.pricing.model import EVERY

from .builders import TODAY, a_book, history

SOME_CODE = "851830"
CHAPTERS = tuple(f"{chapter:02d}" for chapter in range(1, 100))


def a_band(**changes: Any) -> Band:
    """A band that holds for every value: the tariff's duty, and tax."""
    defaults: dict[str, Any] = {
        "up_to": None, "counts_freight": False, "per_item": False, "duty": "tariff", "flat": 0, "taxed": True, "line_fee": 0,
        "rule_ids": (), "certainty": "certain",
    }  # fmt: skip
    return Band(**(defaults | changes))


def stated(book: PriceBook, *, duty: str | Mapping[str, str] | None = None, tax: str | None = None, **changes: Any) -> PriceBook:
    """The book with the rates that an example states, in percent: one duty for every code, or one for each."""
    if duty is not None:
        rates = dict.fromkeys(CHAPTERS, duty) if isinstance(duty, str) else duty
        duties = [DutyRate(EVERY, prefix, ppm(rate), (f"stated.{prefix}",), "certain") for prefix, rate in rates.items()]
        changes |= {"duties": duty_table(duties), "origins": (), "unknown_origin_group": EVERY}
    if tax is not None:
        changes |= {"tax_ppm": ppm(tax), "reduced_taxes": ()}
    return replace(book, **changes)


def a_plain_book(market: str = "de", day: date = TODAY, **changes: Any) -> PriceBook:
    """A book with one band for every value, for arithmetic alone."""
    band = a_band(**changes.pop("band", {}))
    defaults: dict[str, Any] = {
        "bands": ((band,),),
        "value_factor_ppm": 1_000_000,
        "insurance_ppm": 0,
        "extra_taxes": (),
        "tax_collected": True,
    }
    return stated(a_book(market, day), **(defaults | changes))


def ppm(percent: str) -> int:
    """A percentage as written, in millionths."""
    return Money.parse(percent, Currency("TND")).minor * 10  # three decimals, each a hundred-thousandth of the whole


def minor(text: str, book: PriceBook) -> int:
    return Money.parse(text, Currency(book.currency)).minor


def plain(amount: int, book: PriceBook) -> str:
    return Money(amount, Currency(book.currency)).plain()


def a_line(value: int = 2_000, hs: str | None = "610910", quantity: int = 1, **changes: Any) -> ConsignmentLine:
    defaults: dict[str, Any] = {"sku": f"sku-{hs}", "origin": "CN", "weight_g": 0}
    return ConsignmentLine(**(defaults | {"hs_code": hs, "quantity": quantity, "unit_value": value} | changes))


def owed(book: PriceBook, lines: Sequence[ConsignmentLine] | int, **given: Any) -> Assessment:
    """The assessment of lines, or of one unit of a value."""
    many = (a_line(lines, SOME_CODE),) if isinstance(lines, int) else tuple(lines)
    basis = Basis.PAID if given.pop("paid", False) else Basis.DECLARED
    return assess(Consignment(many, basis=basis, **given), book)


def a_reached_book(market: str, locations: Sequence[str], day: date = TODAY) -> PriceBook:
    """The book of a market that a lane reaches from each of these locations, for rules that ask where a parcel leaves from."""
    network = load_network()
    lane = network.lanes_to("gb")[0]
    lanes = tuple(replace(lane, lane_id=f"{location}.{market}", location_id=location, market=market) for location in locations)
    return price_book(load_market(market), day, replace(network, lanes=lanes), history(), load_margins(), {})
