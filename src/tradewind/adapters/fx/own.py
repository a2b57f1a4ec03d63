"""The retailer's own rates, for currencies that the ECB does not publish (VND, TWD) or a bank's own: rates.csv, and the ECB behind it.

The file has the columns date, base, quote, rate, source; `rate` is units of `quote` for one `base`, as a plain decimal.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from tradewind.pricing import DatedRate, RateHistory, RateIsInvalid

RATES_FILE = "rates.csv"
_COLUMNS = ["date", "base", "quote", "rate", "source"]
_MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class OwnRates:
    """Own rates first, by day; what they lack comes from `behind`."""

    rows: tuple[DatedRate, ...]
    behind: RateHistory

    def currencies(self) -> frozenset[str]:
        """The currencies of both tables."""
        return self.behind.currencies() | {code for row in self.rows for code in (row.base, row.quote)}

    def rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The newest own rate on or before `as_of`, in either direction; else what the table behind says."""
        found = [one for row in self.rows if row.day <= as_of and (one := _turned(row, base, quote)) is not None]
        return max(found, key=lambda row: row.day) if found else self.behind.rate(base, quote, as_of)


def load_rates(folder: Path | None, behind: RateHistory) -> RateHistory:
    """The own rates of `folder` (its rates.csv) with `behind` behind them, or `behind` alone."""
    path = folder / RATES_FILE if folder is not None else None
    if path is None or not path.is_file():
        return behind
    return OwnRates(parse_rates(path.read_text("utf-8-sig")), behind)


def parse_rates(text: str) -> tuple[DatedRate, ...]:
    """The rows of rates.csv; RateIsInvalid names the line that is wrong."""
    reader = csv.DictReader(io.StringIO(text))
    if list(reader.fieldnames or []) != _COLUMNS:
        raise RateIsInvalid(f"{RATES_FILE} has the columns {reader.fieldnames}", hint=f"write {','.join(_COLUMNS)}")
    rows = []
    for number, record in enumerate(reader, start=2):
        if number > _MAX_ROWS:
            raise RateIsInvalid(f"{RATES_FILE} has more than {_MAX_ROWS:,} lines", hint="keep the days that you price with")
        rows.append(_row(record, number))
    return tuple(rows)


def _row(record: dict[str, str], number: int) -> DatedRate:
    try:
        value = Fraction(Decimal(record["rate"].strip()))
        day = date.fromisoformat(record["date"].strip())
    except (InvalidOperation, ValueError, AttributeError, OverflowError):
        raise RateIsInvalid(f"{RATES_FILE}, line {number}: {record}", hint="write 2026-11-02,USD,VND,25410.5,my bank") from None
    if value <= 0:
        raise RateIsInvalid(
            f"{RATES_FILE}, line {number}: the rate {record['rate']} is not above 0", hint="write units of quote for one base"
        )
    return DatedRate(record["base"].strip(), record["quote"].strip(), value.numerator, value.denominator, day, f"{record['source']} {day}")


def _turned(row: DatedRate, base: str, quote: str) -> DatedRate | None:
    if (row.base, row.quote) == (base, quote):
        return row
    if (row.quote, row.base) == (base, quote):
        return DatedRate(base, quote, row.denominator, row.numerator, row.day, row.source)
    return None
