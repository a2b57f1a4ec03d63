"""Writes the tables of docs/explanation/worked-prices.md from the computation: `python -m tests.docs.worked_prices`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from tradewind.adapters.fx import EcbHistory
from tradewind.adapters.fx.own import OwnRates, parse_rates
from tradewind.kit import Currency, Money
from tradewind.markets import load_market
from tradewind.network import load_network
from tradewind.pricing import Basket, BasketLine, PriceBook, PriceInput, explain, landed, load_margins, price_book, quote

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "worked-prices.md"
DAY = date(2026, 10, 30)
DONG = "date,base,quote,rate,source\n2026-10-30,USD,VND,25410.5,a rate for this example\n"
_BLOCK = re.compile(r"(<!-- worked: ([\w ,-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def a_book(market: str, day: date = DAY) -> PriceBook:
    rates = OwnRates(parse_rates(DONG), EcbHistory())
    return price_book(load_market(market), day, load_network(), rates, load_margins(), {})


def headphones(book: PriceBook) -> PriceInput:
    lane = next(lane for lane in book.lanes if not lane.imported)
    return PriceInput(
        "HX-4411-BLK", "headphones", 21_200, "CNY", 420, None, None, None, "851830", "CN", lane.lane_id.split(".")[0], lane.lane_id,
        imported=False,
    )  # fmt: skip


def price_table(market: str, day: date) -> Iterator[str]:
    """The price of the headphones, line by line."""
    book = a_book(market, day)
    item = headphones(book)
    row = landed(item, book)
    assert row.problem is None, (market, row.problem)
    yield "| line | how it comes to be | rule | amount |"
    yield "|---|---|---|---:|"
    for line in explain(asdict(row), book, item):
        yield f"| {line.label} | {line.formula} | {code(line.rule_id.split())} | {Money(line.amount, Currency(book.currency))} |"


def basket_table(market: str, quantity: int) -> Iterator[str]:
    """A basket of headphones, as the shopper pays it and as it is made."""
    book = a_book(market)
    item = headphones(book)
    price = landed(item, book).price_minor or 0
    line = BasketLine(item.sku, item.hs_code, item.origin, quantity, price, item.weight_g or 0, item.lane_id)
    found = quote(Basket((line,)), book, load_market(market))
    one, currency = found.consignments[0], Currency(book.currency)
    yield "| line | how it comes to be | rule | amount |"
    yield "|---|---|---|---:|"
    yield f"| listed | {quantity} × {Money(price, currency)} |  | {Money(found.listed, currency)} |"
    yield f"| discount | {'; '.join(one.reasons)} |  | {Money(-found.discount, currency)} |"
    yield f"| **total** | {len(one.parts)} consignment{'s' if len(one.parts) > 1 else ''} |  | **{Money(found.total, currency)}** |"
    for charge in one.charges:
        yield f"| of it {charge.label} | {charge.formula} | {code(charge.rule_ids)} | {Money(charge.amount, currency)} |"


def code(rules: Sequence[str]) -> str:
    return " ".join(f"`{rule}`" for rule in rules)


def block(name: str) -> str:
    """The table that a marker of the page asks for: "price de 2026-06-30", "basket gb 4"."""
    kind, market, rest = [*name.split(), ""][:3]
    lines = basket_table(market, int(rest)) if kind == "basket" else price_table(market, date.fromisoformat(rest) if rest else DAY)
    return "\n".join(lines) + "\n"


def names(text: str) -> list[str]:
    return [found[2] for found in _BLOCK.finditer(text)]


def written(text: str) -> str:
    """The page with every table computed anew."""
    return _BLOCK.sub(lambda found: found[1] + block(found[2]) + found[3], text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
