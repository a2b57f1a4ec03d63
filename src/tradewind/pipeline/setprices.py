"""prices.csv held against the markets, the newest snapshot and the rules of a day, before a run uses it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tradewind.kit import NotFound, TradewindError
from tradewind.markets import Market, load_markets
from tradewind.pipeline import retelling
from tradewind.pipeline.planning import RuleSources
from tradewind.pricing import PriceBook, PriceTable, SetPrice, load_prices, make_price

PRODUCTS_CHECKED = 500


@dataclass(frozen=True, slots=True)
class SetPriceFinding:
    """What is wrong with a set price: in which market, of which product, and why it is not used."""

    market: str
    sku: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class SetPriceCheck:
    """How many rows there are, how many products were priced by the rules of the day, and what was found."""

    rows: int
    priced: int
    left: int
    findings: tuple[SetPriceFinding, ...]


def check_set_prices(home: Path, sources: RuleSources, day: date) -> SetPriceCheck:
    """Every row against its market; the products of rows in force, at most PRODUCTS_CHECKED, against their cost, floor and sale."""
    table, markets = load_prices(sources.folder), load_markets(sources.folder)
    findings = list(_of_rows(table, markets, day))
    wanted = sorted({(row.market, row.sku) for row in table.rows if row.market in markets and row.holds(day)})
    for market in dict.fromkeys(market for market, _ in wanted[:PRODUCTS_CHECKED]):
        skus = [sku for code, sku in wanted[:PRODUCTS_CHECKED] if code == market]
        findings += _of_market(home, markets[market], sources, table, skus, day)
    return SetPriceCheck(len(table.rows), min(len(wanted), PRODUCTS_CHECKED), max(len(wanted) - PRODUCTS_CHECKED, 0), tuple(findings))


def _of_rows(table: PriceTable, markets: Mapping[str, Market], day: date) -> Iterator[SetPriceFinding]:
    for row in table.rows:
        if row.market not in markets:
            yield SetPriceFinding(row.market, row.sku, "market", f"row {row.row}: there is no market {row.market}")
        elif row.ends is not None and row.ends < day:
            yield SetPriceFinding(row.market, row.sku, "ended", f"row {row.row} ended on {row.ends}; take it out of the file")
    by_market: dict[str, list[SetPrice]] = {}
    for row in table.rows:
        by_market.setdefault(row.market, []).append(row)
    for code, rows in by_market.items():
        currencies = {code: markets[code].currency} if code in markets else {}
        for one in PriceTable(rows).problems(currencies):
            yield SetPriceFinding(code, one.sku, one.code, one.message)


def _of_market(  # noqa: PLR0917 - what a price is made from, and whose
    home: Path, market: Market, sources: RuleSources, table: PriceTable, skus: Sequence[str], day: date
) -> Iterator[SetPriceFinding]:
    try:
        book = retelling.book_of(market, day, sources)
    except TradewindError as error:
        yield SetPriceFinding(market.code, "*", error.code, error.message)
        return
    for sku in skus:
        yield from _of_product(home, book, table, sku, day)


def _of_product(home: Path, book: PriceBook, table: PriceTable, sku: str, day: date) -> Iterator[SetPriceFinding]:
    try:
        item, computed = retelling.priced(retelling.facts_of(home, book.market, sku), book)
    except NotFound as error:
        yield SetPriceFinding(book.market, sku, "sku", error.message)
        return
    except TradewindError as error:
        yield SetPriceFinding(book.market, sku, error.code, error.message)
        return
    # What the whole file shows of currencies has been said already.
    for one in make_price(computed, item, book, table, day).findings:
        if one.code != "currency":
            yield SetPriceFinding(book.market, one.sku, one.code, one.message)
