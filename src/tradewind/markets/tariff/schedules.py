"""Readers of whole tariffs: the HTS of the United States (JSON, CSV), the UK and EU table, the Australian schedule."""

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from tradewind.markets.tariff.concordance import carried_over
from tradewind.markets.tariff.grammar import clean
from tradewind.markets.tariff.lines import Line, Loaded, code_of, priced
from tradewind.markets.tariff.source import Record

_CODES = ("htsno", "hts number", "hts8", "digits", "hts")
_GENERAL = ("general", "general rate of duty")
_SPECIAL = ("special", "special rate of duty")
_OTHER = ("other", "column 2 rate of duty", "column2")
_UNITS = ("units", "unit of quantity")
GENERAL = "general"
"""The table of a tariff that has one column of rates."""
_SPECIAL_CHAPTERS = ("98", "99")
_LINE_DIGITS = 8
_MONTHS = tuple(calendar.month_name)[1:]
_STEP = re.compile(rf"From ?(\d{{1,2}}) ?({'|'.join(_MONTHS)}) ?(\d{{4}})", re.IGNORECASE)
_BETWEEN = re.compile(r"\d{5}|\d{7}")
_PREFERENCE = re.compile(r" ?(?=(?:NZ ?/|DCS|DCT|DTC|DC|CA|MY|SG|LDC)(?: |[\d$/;]|Free))")


def read_hts(records: Sequence[Record], currency: str) -> Loaded:
    """The HTS of the USITC, from its JSON export or a CSV with the same columns. Chapters 98 and 99 go into a table of their own."""
    loaded, above = Loaded(len(records)), list[tuple[int, str, str, str]]()
    seen: dict[str, str] = {}
    for at, record in enumerate(records, start=1):
        shape = record.get("\0shape")
        general, special, other = (_first(record, names) for names in (_GENERAL, _SPECIAL, _OTHER))
        indent = _indent(record.get("indent"))
        while indent is not None and above and above[-1][0] >= indent:
            above.pop()
        written = str(_first(record, _CODES))
        if shape:
            loaded.refuse(at, written, general, str(shape))
            continue
        rates = (general, special, other) if general else (above[-1][1:] if above else ("", "", ""))
        if indent is not None and rates[0]:
            above.append((indent, *rates))
        code = code_of(written)
        if written and not code:
            loaded.refuse(at, written, general, "no tariff code of 4, 6, 8 or 10 digits")
        elif not code or _is_heading(code, general, rates[0]):
            loaded.headings += 1
        elif not rates[0]:
            loaded.refuse(at, written, general, "no rate of its own, and none above it")
        elif code in seen:
            _repeated(loaded, at, code, rates[0], seen[code])
        else:
            seen[code] = rates[0]
            words = {"description": clean(str(record.get("description") or "")), "units": _first(record, _UNITS)}
            _take_hts(loaded, (at, code), rates, words, currency)
    return loaded


def _is_heading(code: str, own: str, inherited: str) -> bool:
    if code.startswith(_SPECIAL_CHAPTERS):
        return not inherited
    return len(code) < _LINE_DIGITS and not own


def _take_hts(loaded: Loaded, place: tuple[int, str], rates: tuple[str, str, str], words: dict[str, str], currency: str) -> None:
    (at, code), (general, special, other) = place, rates
    is_special = code.startswith(_SPECIAL_CHAPTERS)
    loaded.tables.setdefault("ch99" if is_special else "hts", []).append(
        priced(at, code, general, currency, special=clean(special), **words)
    )
    if other and not is_special:
        loaded.tables.setdefault("hts-column2", []).append(priced(at, code, other, currency, **words))


def _repeated(loaded: Loaded, at: int, code: str, text: str, first: str) -> None:
    if clean(text) == clean(first):
        loaded.refuse(at, code, text, "the same code and rate stand in an earlier row")
    else:
        loaded.refuse(at, code, text, "the code stands in an earlier row with another rate")


def read_plain(records: Sequence[Record], currency: str) -> Loaded:
    """A table of one's own: a code and a rate in the words of the tariff, such as "30%" or "5% + 12 EUR / 100 kg"."""
    loaded, seen = Loaded(len(records)), dict[str, str]()
    for at, record in enumerate(records, start=1):
        written, text = str(record.get("code", "")), str(record.get("rate", ""))
        code = code_of(written)
        if record.get("\0shape") or not code or not clean(text):
            why = "no rate is written" if code else "no tariff code of 4, 6, 8 or 10 digits"
            loaded.refuse(at, written, text, str(record.get("\0shape") or why))
        elif code in seen:
            _repeated(loaded, at, code, text, seen[code])
        else:
            seen[code] = text
            words = {"description": clean(str(record.get("description") or "")), "units": clean(str(record.get("units") or ""))}
            loaded.tables.setdefault(GENERAL, []).append(priced(at, code, text, currency, **words))
    return loaded


def read_uk_eu(records: Sequence[Record], currency: str, *, is_uk: bool) -> Loaded:
    """The table of the EU's and the UK's rates side by side. Its codes are of HS 2017: what was split since is carried over, marked."""
    loaded, column = Loaded(len(records)), "ukgt_duty_rate" if is_uk else "cet_duty_rate"
    seen = dict[str, str]()
    lines = loaded.tables.setdefault(GENERAL, [])
    for at, record in enumerate(records, start=1):
        written, text = str(record.get("commodity", "")), str(record.get(column, ""))
        code = code_of(written)
        if record.get("\0shape") or not code:
            loaded.refuse(at, written, text, str(record.get("\0shape") or "no tariff code of 4, 6, 8 or 10 digits"))
        elif not clean(text):
            loaded.refuse(at, written, text, "no rate is written")
        elif code in seen:
            _repeated(loaded, at, code, text, seen[code])
        else:
            seen[code] = text
            lines.append(priced(at, code, text, currency, description=clean(str(record.get("description", "")))))
    derived = list(carried_over(lines))
    if derived:
        lines.extend(derived)
        loaded.notes.append(
            f"the codes are of HS 2017; {len(derived)} codes of HS 2022 take the range of those they were split from, marked likely"
        )
    return loaded


def read_australian(records: Sequence[Record], currency: str) -> Loaded:
    """The Australian schedule: the general rate stands before the preferences, and steps by day behind it."""
    loaded, seen = Loaded(len(records)), dict[str, str]()
    exact, without = set[tuple[str, ...]](), list[tuple[int, str, str]]()
    for at, record in enumerate(records, start=1):
        written, text = str(record.get("code", "")), str(record.get("general_rate", ""))
        code, whole = _australian_code(written, text), tuple(str(value) for value in record.values())
        if record.get("\0shape") or not code:
            loaded.refuse(at, written, text, str(record.get("\0shape") or "no tariff code of 4, 6, 8 or 10 digits"))
        elif whole in exact:
            loaded.refuse(at, written, text, "an exact copy of an earlier row")
        elif not clean(text):
            without.append((at, written, code))
        elif code in seen and clean(seen[code]) == clean(text):
            loaded.repeated += 1  # one line of the tariff, another statistical key
        elif code in seen:
            _repeated(loaded, at, code, text, seen[code])
        else:
            seen[code] = text
            loaded.tables.setdefault(GENERAL, []).extend(_australian_lines(at, code, text, record, currency))
        exact.add(whole)
    _without_rate(loaded, without, seen)
    return loaded


def _australian_code(written: str, text: str) -> str:
    """As code_of, and a group of lines such as 2203.00.6 by its digits: it has no rate of its own."""
    digits = clean(written).replace(".", "")
    return digits if _BETWEEN.fullmatch(digits) and not clean(text) else code_of(written)


def _without_rate(loaded: Loaded, rows: Sequence[tuple[int, str, str]], seen: Mapping[str, str]) -> None:
    """Headings and further statistical keys of a code have no rate of their own; another line without one is refused."""
    for at, written, code in rows:
        if len(code) < _LINE_DIGITS:
            loaded.headings += 1
        elif code in seen:
            loaded.repeated += 1
        else:
            loaded.refuse(at, written, "", "no rate is written")
    loaded.refused.sort(key=lambda one: one.row)


def _australian_lines(at: int, code: str, text: str, record: Record, currency: str) -> Iterator[Line]:
    said = clean(text)
    words = {"description": clean(str(record.get("description", ""))), "units": clean(str(record.get("unit", "")))}
    steps = list(_STEP.finditer(said))
    pieces = [(None, said[: steps[0].start()] if steps else said)]
    ends = [*(step.start() for step in steps[1:]), len(said)][: len(steps)]
    pieces += [(_day(step), said[step.end() : end]) for step, end in zip(steps, ends, strict=True)]  # type: ignore[misc]
    rates = [(day, *_general_and_rest(piece)) for day, piece in pieces if piece.strip()]
    for number, (day, general, rest) in enumerate(rates):
        following = rates[number + 1][0] if number + 1 < len(rates) else None
        days = {"valid_from": day, "valid_to": following - timedelta(days=1) if following else None}
        yield priced(at, code, general, currency, special=rest, **words, **{key: value for key, value in days.items() if value})


def _general_and_rest(piece: str) -> tuple[str, str]:
    found = _PREFERENCE.search(piece.strip())
    said = piece.strip()
    return (said, "") if found is None else (said[: found.start()].strip(), said[found.start() :].strip())


def _day(step: re.Match[str]) -> date:
    month = next(number for number, name in enumerate(_MONTHS, start=1) if name.casefold() == step.group(2).casefold())
    return date(int(step.group(3)), month, int(step.group(1)))


def _first(record: Record, names: Sequence[str]) -> str:
    value = next((record[name] for name in names if record.get(name) not in (None, "", [])), "")
    return "; ".join(str(one) for one in value) if isinstance(value, list) else str(value).strip()


def _indent(value: object) -> int | None:
    text = str(value if value is not None else "").strip()
    return int(text) if text.isdecimal() else None
