"""U.S. sales tax: rates by destination from a jurisdiction file, and what is collected in which state. Pure but for reading the file.

The file is CSV with the columns of COLUMNS. `zip` is empty, one code (90001), a range (90001-90089) or codes joined by ";"; `exempt` lists
product classes joined by ";", each alone or below a price per item ("clothing<110.00"); a row that is not understood is counted.
"""

import csv
import io
import json
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

from tradewind.kit import PPM
from tradewind.markets.errors import SalesTaxIsInvalid

SALES_TAX_FILE = "us.csv"
SALES_TAX_FOLDER = "sales_tax"
_SAMPLE = resources.files("tradewind.markets").joinpath("data", "us_sales_tax.csv")
COLUMNS = (
    "state", "zip", "county", "city", "rate_percent", "state_percent", "county_percent", "city_percent", "special_percent",
    "shipping", "exempt", "certainty", "valid_from", "valid_to", "source",
)  # fmt: skip
_NEEDED = frozenset({"state", "rate_percent", "valid_from", "source"})
_PARTS = ("state_percent", "county_percent", "city_percent", "special_percent")
_STATES = """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN
    TX UT VT VA WA WV WI WY
"""
US_STATES = frozenset(_STATES.split())
_SHIPPING = {"": None, "taxable": True, "exempt": False}
_CERTAINTY = ("certain", "likely", "estimate")
_ZIP = re.compile(r"(\d{5})(?:-(\d{5}))?", re.ASCII)
_CLASS = re.compile(r"([a-z][a-z_-]{1,39})(?:<(\d{1,7}(?:\.\d{1,2})?))?", re.ASCII)
_MAX_PERCENT = 25
_MAX_ROWS = 200_000
_MAX_REJECTED_SHARE = 4  # one bad row in four means that this is another kind of file
_MAX_KEPT_REASONS = 100
_KEPT_PARTS = 1_000
_LAST_DAY = date.max


@dataclass(frozen=True, slots=True)
class SalesTaxRate:
    """One row: where it holds, its whole rate in millionths and the parts of it, and whether shipping is taxed (None: not said)."""

    row: int
    state: str
    zips: tuple[tuple[int, int], ...]
    county: str
    city: str
    rate_ppm: int
    parts: tuple[tuple[str, int], ...]
    shipping_taxed: bool | None
    exempt: tuple[tuple[str, int | None], ...]  # (product class, below this price of one item in cents; None: always)
    certainty: str
    valid_from: date
    valid_to: date | None
    source: str

    @property
    def rule_id(self) -> str:
        """The name under which a tax line refers to this row."""
        places = [one for one in (self.county, self.city) if one]
        zips = f"{self.zips[0][0]:05d}" if self.zips else ""
        return ".".join(["US-" + self.state, "sales_tax", *([zips] if zips else []), *(one.casefold().replace(" ", "_") for one in places)])

    def exempts(self, product_class: str | None, item_cents: int) -> bool:
        """Whether one item of this class and price is exempt."""
        return any(product_class == name and (below is None or item_cents < below) for name, below in self.exempt)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where goods go: state as two letters, ZIP of five digits (a +4 is ignored), county and city when they are known."""

    state: str
    zip: str
    county: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True)
class SalesTaxTable:
    """The rates of a file, and the rows that were not understood: (row, reason)."""

    name: str
    rates: tuple[SalesTaxRate, ...]
    rejected: tuple[tuple[int, str], ...]
    rejected_count: int
    is_sample: bool = False
    _by_state: dict[str, list[SalesTaxRate]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for rate in self.rates:
            self._by_state.setdefault(rate.state, []).append(rate)

    def states(self) -> tuple[str, ...]:
        """The states that have at least one row."""
        return tuple(sorted(self._by_state))

    def find(self, place: Destination, day: date) -> tuple[SalesTaxRate, bool] | None:
        """The most particular rate that holds, and whether equally particular rows disagree (then it is the highest of them)."""
        held = [rate for rate in self._by_state.get(place.state, ()) if _holds(rate, day) and _covers(rate, place)]
        if not held:
            return None
        best = max(_rank(rate) for rate in held)
        rivals = [rate for rate in held if _rank(rate) == best]
        return max(rivals, key=lambda rate: rate.rate_ppm), len({rate.rate_ppm for rate in rivals}) > 1


def load_sales_tax(folder: Path | None = None) -> SalesTaxTable:
    """The rates that were loaded into the retailer's folder, else the package's sample, which is an estimate and says so."""
    own = folder / SALES_TAX_FOLDER / SALES_TAX_FILE if folder is not None else None
    if own is not None and own.is_file():
        return parse_sales_tax(own.read_bytes(), own.name)
    return parse_sales_tax(_SAMPLE.read_bytes(), "sample", is_sample=True)


def keep_sales_tax(folder: Path, content: bytes, name: str, today: date) -> tuple[SalesTaxTable, Path]:
    """Keeps a file of rates for later, with a note of what it was; a file that is refused leaves the old one."""
    table = parse_sales_tax(content, name)
    path = folder / SALES_TAX_FOLDER / SALES_TAX_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    note = {"source": name, "sha256": sha256(content).hexdigest(), "rates": len(table.rates), "rejected": table.rejected_count}
    aside = path.with_suffix(".new")
    aside.write_bytes(content)
    aside.replace(path)
    path.with_suffix(".json").write_text(json.dumps(note | {"loaded_on": str(today)}, indent=2) + "\n", encoding="utf-8")
    return table, path


def parse_sales_tax(content: bytes, name: str, *, is_sample: bool = False) -> SalesTaxTable:
    """The rates of a CSV file; SalesTaxIsInvalid when it is no such file, single bad rows are counted with their reason."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SalesTaxIsInvalid(f"{name} is not UTF-8: {error}", hint="save it as CSV in UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = [column.strip().lower() for column in reader.fieldnames or []]
    missing, unknown = sorted(_NEEDED - set(header)), sorted(set(header) - set(COLUMNS))
    if missing or unknown:
        wrong = f"lacks the column {missing[0]}" if missing else f'has the unknown column "{unknown[0]}"'
        raise SalesTaxIsInvalid(f"{name} {wrong}", hint=f"columns: {', '.join(COLUMNS)}")
    reader.fieldnames = header
    rates, rejected = _read(reader, name)
    if not rates or len(rejected) * _MAX_REJECTED_SHARE > len(rates) + len(rejected):
        first = f"row {rejected[0][0]}: {rejected[0][1]}" if rejected else "it has no row"
        raise SalesTaxIsInvalid(f"{name}: {len(rejected)} of {len(rates) + len(rejected)} rows are wrong; {first}", hint=_HINT)
    return SalesTaxTable(name, tuple(rates), tuple(rejected[:_MAX_KEPT_REASONS]), len(rejected), is_sample)


_HINT = "compare it with docs/how-to/collect-sales-tax.md"


def _read(reader: "csv.DictReader[str]", name: str) -> tuple[list[SalesTaxRate], list[tuple[int, str]]]:
    rates, rejected = list[SalesTaxRate](), list[tuple[int, str]]()
    try:
        for number, record in enumerate(reader, start=2):
            if number > _MAX_ROWS:
                raise SalesTaxIsInvalid(f"{name} has more than {_MAX_ROWS:,} rows", hint="keep the states that you hold permits in")
            try:
                rates.append(_rate({key: (value or "").strip() for key, value in record.items() if isinstance(key, str)}, number))
            except ValueError as error:
                rejected.append((number, str(error)))
    except csv.Error as error:
        raise SalesTaxIsInvalid(f"{name} is not CSV: {error}", hint=_HINT) from None
    return rates, rejected


def _rate(row: dict[str, str], number: int) -> SalesTaxRate:
    state = row["state"].upper()
    if state not in US_STATES:
        raise ValueError(f'"{row["state"]}" is no state')
    rate = _ppm(row["rate_percent"], "rate_percent")
    parts = tuple((name.removesuffix("_percent"), _ppm(row[name], name)) for name in _PARTS if row.get(name))
    if parts and sum(ppm for _, ppm in parts) != rate:
        raise ValueError(f"its parts add up to {sum(ppm for _, ppm in parts)} millionths, its rate is {rate}")
    shipping, certainty = row.get("shipping", ""), row.get("certainty") or "certain"
    if shipping not in _SHIPPING:
        raise ValueError(f'shipping is "{shipping}" (taxable, exempt or empty)')
    if certainty not in _CERTAINTY:
        raise ValueError(f'certainty is "{certainty}" ({", ".join(_CERTAINTY)})')
    starts, ends = _day(row["valid_from"]), _day(row["valid_to"]) if row.get("valid_to") else None
    if ends is not None and ends < starts:
        raise ValueError(f"it ends on {ends}, before it begins on {starts}")
    if not row["source"]:
        raise ValueError("it names no source")
    return SalesTaxRate(
        row=number,
        state=state,
        zips=tuple(_zips(one.strip()) for one in row.get("zip", "").split(";") if one.strip()),
        county=row.get("county", ""),
        city=row.get("city", ""),
        rate_ppm=rate,
        parts=parts,
        shipping_taxed=_SHIPPING[shipping],
        exempt=tuple(_exempt(one.strip()) for one in row.get("exempt", "").split(";") if one.strip()),
        certainty=certainty,
        valid_from=starts,
        valid_to=ends,
        source=row["source"],
    )


def _ppm(text: str, name: str) -> int:
    try:
        percent = Decimal(text)
    except InvalidOperation:
        raise ValueError(f'{name} is "{text}", and no percentage') from None
    if not percent.is_finite() or not 0 <= percent <= _MAX_PERCENT:
        raise ValueError(f"{name} is {text} (0 to {_MAX_PERCENT} percent)")
    scaled = percent * (PPM // 100)
    if scaled != int(scaled):
        raise ValueError(f"{name} is {text}, finer than a millionth")
    return int(scaled)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no day (2026-01-31)') from None


def _zips(text: str) -> tuple[int, int]:
    found = _ZIP.fullmatch(text)
    if not found or int(found[2] or found[1]) < int(found[1]):
        raise ValueError(f'"{text}" is no ZIP code or range')
    return int(found[1]), int(found[2] or found[1])


def _exempt(text: str) -> tuple[str, int | None]:
    found = _CLASS.fullmatch(text)
    if not found:
        raise ValueError(f'"{text}" is no exemption (clothing, or clothing<110.00)')
    return found[1], int(Decimal(found[2]) * 100) if found[2] else None


def _holds(rate: SalesTaxRate, day: date) -> bool:
    return rate.valid_from <= day <= (rate.valid_to or _LAST_DAY)


def _covers(rate: SalesTaxRate, place: Destination) -> bool:
    if rate.county and rate.county.casefold() != place.county.casefold():
        return False
    if rate.city and rate.city.casefold() != place.city.casefold():
        return False
    code = place.zip[:5]
    return not rate.zips or (code.isdecimal() and any(first <= int(code) <= last for first, last in rate.zips))


def _rank(rate: SalesTaxRate) -> tuple[bool, bool, bool, date]:
    return bool(rate.zips), bool(rate.city), bool(rate.county), rate.valid_from


@lru_cache(maxsize=_KEPT_PARTS)
def parts_in_words(parts: tuple[tuple[str, int], ...]) -> str:
    """The parts of a rate for people: "state 6.25 %, city 2 %"."""
    return ", ".join(f"{name} {(Decimal(ppm) / (PPM // 100)).normalize():f} %" for name, ppm in parts)
