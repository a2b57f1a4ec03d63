"""Readers of the lists that lay duty on top of the United States' tariff, and of the flags of other agencies."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from tradewind.markets.tariff.census import COUNTRY_OF
from tradewind.markets.tariff.grammar import clean
from tradewind.markets.tariff.lines import Line, Loaded, code_of
from tradewind.markets.tariff.source import Record

_PPM_OF_PERCENT = 10_000
_FULL = "full"
# The words "of heading 8471" in the text of annex 1b were once read as a list entry: it would tax every computer.
_ARTEFACTS = {("8471", "1b"): "a bare 8471 comes from the words “of heading 8471”, and would tax every computer"}
_BAD_CODE = "no tariff code of 4, 6, 8 or 10 digits"


def read_301_lists(records: Sequence[Record]) -> Loaded:
    """Codes by list of the Section 301 duty on goods of China; a list is known by its heading of chapter 99."""
    loaded = Loaded(len(records))
    for at, record in enumerate(records, start=1):
        written, heading, name = (clean(str(record[key])) for key in ("hts8", "ch99_code", "list"))
        _take(loaded, "s301", Line(at, code_of(written), list=heading, description=name), written)
    return loaded


def read_232_annexes(records: Sequence[Record]) -> Loaded:
    """Prefixes by annex of the Section 232 duty on metals."""
    loaded = Loaded(len(records))
    for at, record in enumerate(records, start=1):
        written, annex = str(record["hts_prefix"]), clean(str(record["annex"]))
        artefact = _ARTEFACTS.get((code_of(written), annex))
        if artefact:
            loaded.refuse(at, written, annex, artefact)
            continue
        metal, begins = clean(str(record["metal_type"])), _day(record["effective_date"])
        _take(loaded, "s232", Line(at, code_of(written), list=annex, description=metal, valid_from=begins), written)
    return loaded


def read_122_exemptions(records: Sequence[Record]) -> Loaded:
    """Codes that the surcharge of Section 122 spared."""
    loaded = Loaded(len(records))
    for at, record in enumerate(records, start=1):
        written = str(record["hts8"])
        _take(loaded, "s122-exempt", Line(at, code_of(written)), written)
    return loaded


def read_fl_exemptions(records: Sequence[Record]) -> Loaded:
    """Codes that the Section 301 duty on forced labor spares; one that is spared under a condition only is marked unsure."""
    loaded = Loaded(len(records))
    for at, record in enumerate(records, start=1):
        written, condition = str(record["hts"]), clean(str(record["condition"]))
        _take(loaded, "s301fl-exempt", Line(at, code_of(written), description=condition, is_sure=condition == _FULL), written)
    return loaded


def read_fl_rates(records: Sequence[Record]) -> Loaded:
    """Countries by tier of the Section 301 duty on forced labor, with the rate of the tier."""
    loaded, origins, rates = Loaded(len(records)), defaultdict[str, list[str]](list), dict[str, int]()
    for at, record in enumerate(records, start=1):
        census, tier, percent = (clean(str(record[name])) for name in ("census_code", "tier", "rate_pct"))
        country, ppm = COUNTRY_OF.get(census), _ppm(percent)
        if country is None or ppm is None:
            loaded.refuse(at, census, percent, "no known country" if country is None else "no rate in percent")
        elif rates.setdefault(tier, ppm) != ppm:
            loaded.refuse(at, census, percent, f"another rate than the rest of the tier {tier}")
        else:
            origins[tier].append(country)
    loaded.tiers = {tier: (rates[tier], tuple(sorted(set(found)))) for tier, found in origins.items()}
    return loaded


def read_pga_flags(records: Sequence[Record]) -> Loaded:
    """Flags of other agencies by code: which papers an import needs. They cost nothing, and tell what to ask for."""
    loaded = Loaded(len(records))
    for at, record in enumerate(records, start=1):
        flags = " ".join(str(value).strip() for key, value in record.items() if key.startswith("pga ") and str(value).strip())
        words = clean(str(record["description"]))
        if not flags:
            loaded.headings += 1
            continue
        written, begins, ends = str(record["tariff number"]), _day(record["effective date"]), _day(record["expiration date"])
        line = Line(at, code_of(written), list=flags, description=words, valid_from=begins, valid_to=ends)
        _take(loaded, "pga", line, written)
    return loaded


def _take(loaded: Loaded, table: str, line: Line, written: str) -> None:
    lines = loaded.tables.setdefault(table, [])
    if not line.code:
        loaded.refuse(line.row, written, line.list, _BAD_CODE)
    else:
        lines.append(line)


def _ppm(percent: str) -> int | None:
    whole, _, part = percent.partition(".")
    if not whole.isdecimal() or len(part) > 4 or not (part or "0").isdecimal():
        return None
    return int(whole) * _PPM_OF_PERCENT + int(part.ljust(4, "0") or "0")


def _day(value: object) -> date | None:
    text = clean(str(value))
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None
