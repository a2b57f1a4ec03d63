"""The retailer's own rates, for currencies that the ECB does not publish (VND, TWD), a bank's, or customs: rates.csv, and the ECB behind it.

The file has the columns date, base, quote, rate, source and, when it holds customs rates too, kind (shop or customs); `rate` is units of
`quote` for one `base`, as a plain decimal. A customs rate holds from its day until the next one.
"""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from importlib import resources
from pathlib import Path

from tradewind.kit import Currency, CurrencyUnknown
from tradewind.pricing import DatedRate, RateHistory, RateIsInvalid

RATES_FILE = "rates.csv"
SHOP, CUSTOMS = "shop", "customs"
INVENTED = "invented for the demo"
_SAMPLE = resources.files("tradewind.adapters.fx").joinpath("data", RATES_FILE)
_COLUMNS = ["date", "base", "quote", "rate", "source"]
_MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class OwnRates:
    """Own rates of one kind first, by day; what they lack comes from `behind`. A customs rate that is lacking is the shop's, and says so."""

    rows: tuple[DatedRate, ...]
    behind: RateHistory
    kind: str = SHOP
    customs: tuple[DatedRate, ...] = ()

    def currencies(self) -> frozenset[str]:
        """The currencies of both tables."""
        return self.behind.currencies() | {code for row in self.rows for code in (row.base, row.quote)}

    def rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The newest own rate on or before `as_of`, in either direction; else what the table behind says, else both in a chain."""
        found = _newest(self.rows, base, quote, as_of)
        if found is not None:
            return found
        other = self.behind.rate(base, quote, as_of) or self._crossed(base, quote, as_of)
        if other is None or self.kind == SHOP:
            return other
        return replace(other, source=f"{other.source} (a shop rate: rates.csv has no customs rate of {base} in {quote})")

    def customs_rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The newest rate of customs on or before `as_of`, in either direction."""
        return _newest(self.customs, base, quote, as_of) or self.behind.customs_rate(base, quote, as_of)

    def _crossed(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """An own rate of one of the two against a third currency, and that one's rate behind: a bank quotes the dong in dollars only."""
        found = []
        for row in (row for row in self.rows if row.day <= as_of):
            for own in (row, _turned(row, row.quote, row.base)):
                if own is None or (own.quote != quote and own.base != base):
                    continue
                over = own.base if own.quote == quote else own.quote
                rest = self.behind.rate(base, over, as_of) if own.quote == quote else self.behind.rate(over, quote, as_of)
                if rest is not None:
                    found.append(_joined(base, quote, own, rest))
        return max(found, key=lambda one: one.day, default=None)


def load_rates(folder: Path | None, behind: RateHistory, kind: str = SHOP) -> RateHistory:
    """The own rates of `folder` (its rates.csv) with `behind` behind them, or `behind` alone. Customs rates have the shop's behind them."""
    rows = _read(folder)
    shop = tuple(row for row, row_kind in rows if row_kind == SHOP)
    # The sample knows only what the ECB does not, and steps back for every currency that the retailer's own file knows.
    own = {code for row in shop for code in (row.base, row.quote)}
    sample = tuple(row for row in parse_rates(_SAMPLE.read_text("utf-8")) if row.quote not in own)
    known: RateHistory = OwnRates(sample, behind)
    customs = tuple(row for row, row_kind in rows if row_kind == CUSTOMS)
    first: RateHistory = OwnRates(shop, known, customs=customs) if rows else known
    return first if kind == SHOP else OwnRates(customs, first, CUSTOMS)


def own_rates(folder: Path | None) -> tuple[tuple[DatedRate, str], ...]:
    """Every row of rates.csv with its kind; none when there is no file."""
    return _read(folder)


def _read(folder: Path | None) -> tuple[tuple[DatedRate, str], ...]:
    path = folder / RATES_FILE if folder is not None else None
    return _parsed(path.read_text("utf-8-sig")) if path is not None and path.is_file() else ()


def parse_rates(text: str, kind: str = SHOP) -> tuple[DatedRate, ...]:
    """The rows of rates.csv of one kind; RateIsInvalid names the line that is wrong."""
    return tuple(row for row, row_kind in _parsed(text) if row_kind == kind)


def _parsed(text: str) -> tuple[tuple[DatedRate, str], ...]:
    reader = csv.DictReader(io.StringIO(text))
    if list(reader.fieldnames or []) not in (_COLUMNS, [*_COLUMNS, "kind"]):
        raise RateIsInvalid(f"{RATES_FILE} has the columns {reader.fieldnames}", hint=f"write {','.join(_COLUMNS)} and, if you like, kind")
    rows = []
    for number, record in enumerate(reader, start=2):
        if number > _MAX_ROWS:
            raise RateIsInvalid(f"{RATES_FILE} has more than {_MAX_ROWS:,} lines", hint="keep the days that you price with")
        rows.append(_row(record, number))
    return tuple(rows)


def _row(record: dict[str, str], number: int) -> tuple[DatedRate, str]:
    where = f"{RATES_FILE}, line {number}"
    try:
        value = Fraction(Decimal(record["rate"].strip()))
        day = date.fromisoformat(record["date"].strip())
        base, quote = (Currency(record[name].strip()).code for name in ("base", "quote"))
    except CurrencyUnknown as error:
        raise RateIsInvalid(f"{where}: {error.message}", hint=error.hint) from None
    except (InvalidOperation, ValueError, AttributeError, OverflowError):
        raise RateIsInvalid(f"{where}: {record}", hint="write 2026-11-02,USD,VND,25410.5,my bank") from None
    if value <= 0:
        raise RateIsInvalid(f"{where}: the rate {record['rate']} is not above 0", hint="write units of quote for one base")
    kind = (record.get("kind") or SHOP).strip()
    if kind not in (SHOP, CUSTOMS):
        raise RateIsInvalid(f'{where}: the kind "{kind}" is unknown', hint=f"write {SHOP} or {CUSTOMS}")
    return DatedRate(base, quote, value.numerator, value.denominator, day, f"{record['source']} {day}"), kind


def _newest(rows: tuple[DatedRate, ...], base: str, quote: str, as_of: date) -> DatedRate | None:
    found = [one for row in rows if row.day <= as_of and (one := _turned(row, base, quote)) is not None]
    return max(found, key=lambda row: row.day, default=None)


def _joined(base: str, quote: str, one: DatedRate, other: DatedRate) -> DatedRate:
    """Two rates in a chain, as old as the older of them."""
    ratio = Fraction(one.numerator, one.denominator) * Fraction(other.numerator, other.denominator)
    return DatedRate(base, quote, ratio.numerator, ratio.denominator, min(one.day, other.day), f"{one.source} over {other.source}")


def _turned(row: DatedRate, base: str, quote: str) -> DatedRate | None:
    if (row.base, row.quote) == (base, quote):
        return row
    if (row.quote, row.base) == (base, quote):
        return DatedRate(base, quote, row.denominator, row.numerator, row.day, row.source)
    return None
