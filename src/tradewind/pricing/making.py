"""Prices that a person sets: fixed prices, dated sales and list prices stand in place of the computed one, with checks. Pure.

They are read from prices.csv in the retailer's market folder. A price below its floor is refused, never raised in silence.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from tradewind.kit import PPM, Currency, Money, TradewindError
from tradewind.pricing.consignment import Basis, Consignment, owed
from tradewind.pricing.errors import PricesAreInvalid
from tradewind.pricing.index import index_of
from tradewind.pricing.model import Landed, PriceBook, PriceInput
from tradewind.pricing.owed import ConsignmentLine

PRICES_FILE = "prices.csv"
SET_RULE = "prices.csv/"
"""How the rule id of a set price begins; the kind follows."""
COLUMNS = ("market", "sku", "kind", "price", "currency", "from", "to")
ROWS_LIMIT = 200_000
_MAX_FILE_BYTES = 20_000_000
_HINT = f"columns: {', '.join(COLUMNS)}; kind is fixed, sale or list; days like 2026-12-01"


class PriceKind(StrEnum):
    """What a set price is: in place of the computed one, below it for a time, or the one that a reduction is shown against."""

    FIXED = "fixed"
    SALE = "sale"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class SetPrice:
    """One row: it holds from `starts` to `ends`, both days included (None: until it is taken away)."""

    row: int
    market: str
    sku: str
    kind: PriceKind
    price: Money
    starts: date
    ends: date | None

    def holds(self, day: date) -> bool:
        """Whether it is in force on the day."""
        return self.starts <= day <= (self.ends or date.max)


@dataclass(frozen=True, slots=True)
class PriceFinding:
    """Why a set price is not used, or must be looked at."""

    sku: str
    code: str  # overlap, currency, below_floor, sale_not_below, list_not_above, no_price
    message: str


@dataclass(frozen=True, slots=True)
class Made:
    """The price that is asked, with its build-up; the sale that it stands in, and the row of the list price beside it."""

    landed: Landed
    regular_minor: int | None
    sale: SetPrice | None
    listed: SetPrice | None
    findings: tuple[PriceFinding, ...]


class PriceTable:
    """Set prices by market and sku."""

    def __init__(self, rows: Sequence[SetPrice]) -> None:
        self.rows = tuple(rows)
        self._by_key: dict[tuple[str, str], list[SetPrice]] = {}
        for row in rows:
            self._by_key.setdefault((row.market, row.sku), []).append(row)

    def skus(self, market: str) -> tuple[str, ...]:
        """The skus that have a set price in the market."""
        return tuple(sorted(sku for code, sku in self._by_key if code == market))

    def find(self, market: str, sku: str, kind: PriceKind, day: date) -> SetPrice | None:
        """The row of a kind in force; of two that overlap the one that began last."""
        found = [row for row in self._by_key.get((market, sku), ()) if row.kind is kind and row.holds(day)]
        return max(found, key=lambda row: (row.starts, row.row), default=None)

    def problems(self, currencies: Mapping[str, Currency]) -> tuple[PriceFinding, ...]:
        """Rows of a kind that overlap, and prices in another currency than their market's (`currencies` by market)."""
        found = []
        for earlier, later in self._neighbors():
            if later.starts <= (earlier.ends or date.max):
                message = f"rows {earlier.row} and {later.row} of {PRICES_FILE} both set a {later.kind.value} price on {later.starts}"
                found.append(PriceFinding(later.sku, "overlap", message))
        for row in self.rows:
            wanted = currencies.get(row.market)
            if wanted is not None and row.price.currency != wanted:
                found.append(PriceFinding(row.sku, "currency", f"row {row.row}: {row.market} sells in {wanted}, not {row.price.currency}"))
        return tuple(found)

    def _neighbors(self) -> Iterator[tuple[SetPrice, SetPrice]]:
        """Rows of one product and kind that follow each other."""
        for rows in self._by_key.values():
            for kind in PriceKind:
                yield from pairwise(sorted((row for row in rows if row.kind is kind), key=lambda row: (row.starts, row.row)))


def load_prices(folder: Path | None) -> PriceTable:
    """The set prices of the retailer's folder; none without a file."""
    path = folder / PRICES_FILE if folder is not None else None
    if path is None or not path.is_file():
        return PriceTable(())
    content = path.read_bytes()
    if len(content) > _MAX_FILE_BYTES:
        raise PricesAreInvalid(f"{PRICES_FILE} has {len(content):,} bytes", hint=f"it may have {_MAX_FILE_BYTES:,}")
    return parse_prices(content.decode("utf-8-sig", errors="replace"))


def parse_prices(text: str) -> PriceTable:
    """The rows of a CSV file; PricesAreInvalid names the row and the value that is wrong."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = sorted(set(COLUMNS[:-1]) - set(reader.fieldnames or ()))
    if missing:
        raise PricesAreInvalid(f"{PRICES_FILE} lacks the column {missing[0]}", hint=_HINT)
    rows = []
    for number, record in enumerate(reader, start=2):
        if number > ROWS_LIMIT:
            raise PricesAreInvalid(f"{PRICES_FILE} has more than {ROWS_LIMIT:,} rows", hint="let the rules make most prices")
        try:
            rows.append(_row(number, {name: (record.get(name) or "").strip() for name in COLUMNS}))
        except (ValueError, TradewindError) as error:
            raise PricesAreInvalid(f"row {number} of {PRICES_FILE}: {error}", hint=_HINT) from None
    return PriceTable(rows)


def make_price(computed: Landed, item: PriceInput, book: PriceBook, table: PriceTable, day: date) -> Made:
    """What is asked for a product on a day: its fixed or computed price, or the sale in force, each never below its floor."""
    findings = list[PriceFinding]()
    regular, shown = computed, None
    fixed = table.find(book.market, item.sku, PriceKind.FIXED, day)
    if fixed is not None:
        regular = _set(fixed, computed, item, book, findings) or computed
    sale = table.find(book.market, item.sku, PriceKind.SALE, day)
    if sale is not None and sale.price.minor >= (regular.price_minor or 0):
        findings.append(PriceFinding(item.sku, "sale_not_below", f"the sale price {sale.price} is not below the regular one"))
        sale = None
    if sale is not None:
        shown = _set(sale, computed, item, book, findings)
    asked = shown or regular
    listed = table.find(book.market, item.sku, PriceKind.LIST, day)
    if listed is not None and listed.price.minor <= (asked.price_minor or 0):
        findings.append(PriceFinding(item.sku, "list_not_above", f"the list price {listed.price} is not above the price that is asked"))
        listed = None
    return Made(asked, regular.price_minor, sale if shown else None, listed, tuple(findings))


def at_price(price_minor: int, computed: Landed, item: PriceInput, book: PriceBook) -> Landed:
    """The computed price's build-up at another price: tax and duty derived from it, the margin is what remains."""
    index = index_of(book)
    lane = index.lanes[item.lane_id]
    line = ConsignmentLine(item.sku, item.hs_code, item.origin, 1, price_minor, item.weight_g or 0)
    freight = computed.freight_amount or 0
    (found,), _ = owed(Consignment((line,), freight, basis=Basis.PAID, imported=item.imported, band_set=lane.band_set), book)
    duty, low, fee = (found.duty, found.duty_low, found.fee)
    if item.imported:
        duty, low, fee = computed.duty_amount or 0, computed.duty_low_amount or 0, computed.fee_amount or 0
    tax = found.tax + found.extra_tax
    band = None if item.imported else book.bands[lane.band_set][found.band]
    rate, margin = index.duty(item.hs_code, item.origin), index.margin(item.category)
    return replace(
        computed,
        price_minor=price_minor,
        customs_value_amount=computed.customs_value_amount if item.imported else found.customs_value,
        duty_amount=duty,
        duty_low_amount=low,
        fee_amount=fee,
        tax_amount=tax,
        margin_amount=price_minor - tax - duty - fee - freight - (computed.cost_amount or 0),
        ending_amount=0,
        band=None if item.imported else found.band,
        rule_ids=index.rule_ids(band, rate.rule_ids if rate else (), margin.rule_id, index.taxes(item.hs_code)),
    )


def is_below_floor(row: Landed, item: PriceInput, book: PriceBook) -> bool:
    """Whether the margin of a price is a smaller share of its net than the category's floor."""
    net = (row.price_minor or 0) - (row.tax_amount or 0)
    kept = (row.margin_amount or 0) + (row.ending_amount or 0)
    return kept * PPM < index_of(book).margin(item.category).floor_ppm * net


def _set(row: SetPrice, computed: Landed, item: PriceInput, book: PriceBook, findings: list[PriceFinding]) -> Landed | None:
    if row.price.currency.code != book.currency:
        findings.append(
            PriceFinding(item.sku, "currency", f"row {row.row}: {book.market} sells in {book.currency}, not {row.price.currency}")
        )
        return None
    if computed.problem is not None:
        findings.append(PriceFinding(item.sku, "no_price", f"the cost of {row.price} cannot be known: {computed.problem}"))
        return None
    found = at_price(row.price.minor, computed, item, book)
    if is_below_floor(found, item, book):
        made = Money(computed.price_minor or 0, Currency(book.currency))
        message = f"the {row.kind.value} price {row.price} is below its floor; the computed price is {made}"
        findings.append(PriceFinding(item.sku, "below_floor", message))
        return None
    return replace(found, rule_ids=(*found.rule_ids, f"{SET_RULE}{row.kind.value}"))


def _row(number: int, record: Mapping[str, str]) -> SetPrice:
    starts = date.fromisoformat(record["from"])
    ends = date.fromisoformat(record["to"]) if record["to"] else None
    if ends is not None and ends < starts:
        raise ValueError(f"it ends on {ends}, before it begins")
    price = Money.parse(record["price"], Currency(record["currency"]))
    if price.minor <= 0 or not record["market"] or not record["sku"]:
        raise ValueError("market, sku and a price above zero are needed")
    return SetPrice(number, record["market"].lower(), record["sku"], PriceKind(record["kind"]), price, starts, ends)
