"""Drafts a mapping from a file: columns are guessed by their names and values, and every guess says what it stands on."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tradewind.catalog import evidence
from tradewind.catalog.category_guess import guess_categories
from tradewind.catalog.errors import HeaderIsNoHeader
from tradewind.catalog.evidence import Numbers
from tradewind.catalog.guessing import AMOUNTS, MEASURES, Guess, guess
from tradewind.catalog.headers import LENGTH_WORDS, WEIGHT_WORDS
from tradewind.catalog.mapping import GUESSED
from tradewind.catalog.ports import StagedTable
from tradewind.db import duck

SAMPLE_ROWS = 2000
SAMPLE_CHARS = 60
_MEMORY_MB = 256
_HOME_CURRENCY = {"zh": "CNY", "ja": "JPY", "th": "THB", "vi": "VND", "de": "EUR", "fr": "EUR", "es": "EUR", "it": "EUR"}
_BY_TEXTS = "the texts' language"
_COMMA_LANGUAGES = ("de", "fr", "es", "it", "vi")
_CATEGORY_MARKS = (" > ", ">", " / ", "/", "|", "»")
_PICTURE_MARKS = ("|", ";", ",", "\n", " ")


@dataclass(frozen=True, slots=True)
class DraftReading:
    """How the file was read, where that is not found out from its content alone: the mapping must say it too."""

    encoding: str | None = None
    evidence: str = ""
    sheet: str | None = None
    places: tuple[str, ...] = ()  # locations of the network, for the stock's line


@dataclass
class _Sheet:
    """The first rows of the file, and what their columns seem to be."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    found: Guess
    language: str = "en"
    numbers: dict[str, Numbers] = field(default_factory=dict)

    def values(self, column: str) -> list[str]:
        return [row[column] for row in self.rows if row.get(column, "").strip()]

    def seen(self, column: str) -> Numbers:
        if column not in self.numbers:
            self.numbers[column] = evidence.numbers(self.values(column))
        return self.numbers[column]


def draft(
    staged: StagedTable, shown: str, *, language: str | None = None, currency: str | None = None, reading: DraftReading | None = None
) -> str:
    """The text of a mapping for the staged file: guesses first, then the columns that nobody guessed, as comments with samples."""
    if staged.rejected_rows > staged.rows:
        raise HeaderIsNoHeader(
            f"{shown}: {staged.rejected_rows:,} of {staged.rows_read:,} rows do not fit the first one, which should hold the columns' names;"
            f" it holds {', '.join(_text(column) for column in staged.columns[:5])}",
            hint="delete what stands above the columns' names (a title, a date, a logo), save it again and draft anew",
        )
    rows, reading = _first_rows(staged), reading or DraftReading()
    columns = list(staged.columns)
    found = guess(columns, {column: [row[column] for row in rows if row.get(column, "").strip()] for column in columns})
    sheet = _Sheet(columns, rows, found)
    told, why = _language(sheet, language)
    sheet.language = told
    money, money_why = _currency(sheet, currency, why)
    lines = [
        f"# A first draft for {shown}: look it over, line by line. docs/reference/mapping.md explains every key.",
        f"name = {_text(shown.split('.', maxsplit=1)[0])}",
        f'language = "{told}"' + (f"  # {why}" if why else ""),
        f'currency = "{money}"' + (f"  # {money_why}" if money_why else "")
        if money
        else '# currency = "EUR"  # which one are the prices in?',
    ]
    if told == "zh":
        lines.append('country = "CN"  # whose tariff codes: of a Chinese code only the first six digits are used')
    if not found.found:
        lines.insert(1, "# None of the columns is known by its name. Are the names in the first row?")
    lines += _table_lines(staged, reading)
    lines += ["", "[attributes]", *_ids(sheet), *_attributes(sheet, money)]
    lines += [*_stock(sheet, reading), *_categories(sheet), *_unused(sheet)]
    return "\n".join(lines) + "\n"


def _table_lines(staged: StagedTable, reading: DraftReading) -> list[str]:
    """How to read the file again, when the importer would not find it out or a person should know it."""
    said = []
    encoding = reading.encoding or (staged.encoding if staged.encoding not in (None, "utf-8", "ascii") else None)
    if encoding:
        said.append(f"encoding = {_text(encoding)}" + (f"  # {reading.evidence}" if reading.evidence else ""))
    if reading.sheet:
        said.append(f"sheet = {_text(reading.sheet)}")
    return ["", "[tables.products]", *said] if said else []


def _language(sheet: _Sheet, given: str | None) -> tuple[str, str]:
    if given:
        return given, ""
    named = next((header.text_language for header in sheet.found.of("title") if header.text_language), None)
    plain = [header.column for kind in ("title", "description") for header in sheet.found.of(kind) if not header.text_language]
    language, why = evidence.text_language([value for column in plain for value in sheet.values(column)[:200]])
    if language:
        return language, f"{_BY_TEXTS}, {why}"
    if named and not plain:
        return named, "a column says it"
    votes: Counter[str] = Counter()
    for header in sheet.found.headers():
        votes.update({one: 60 // len(header.languages) for one in header.languages})
    best = votes.most_common(1)
    return (best[0][0], "guessed from the columns' names") if best else ("en", "nothing shows it")


def _currency(sheet: _Sheet, given: str | None, language_why: str) -> tuple[str | None, str]:
    if given:
        return given, ""
    for attribute in AMOUNTS:
        for header in sheet.found.of(attribute):
            code = _column_currency(sheet, header.column)
            if code:
                return code, f"stands in {_text(header.column)}, its name or its cells"
    if sheet.language == "en" and language_why.startswith(_BY_TEXTS) and any(sheet.found.of(attribute) for attribute in AMOUNTS):
        return "USD", "nothing shows it: a guess from English texts alone, ask before you import"
    guessed = _HOME_CURRENCY.get(sheet.language)
    return (guessed, "a guess from the language alone") if guessed else (None, "")


def _column_currency(sheet: _Sheet, column: str) -> str | None:
    header = sheet.found.header(column)
    code = (header.currency if header else None) or sheet.seen(column).currency
    return "JPY" if code == "CNY" and sheet.language == "ja" else code


def _ids(sheet: _Sheet) -> Iterator[str]:
    found = sheet.found
    (own,) = (header.column for header in found.of("sku")[:1]) if found.of("sku") else (None,)
    parts = [header.column for name in ("color", "size", "material") for header in found.of(name)]
    if own and not evidence.are_row_numbers(sheet.values(own)):
        yield from _named_ids(sheet, own, parts)
        return
    why = f"{_text(own)} only counts the rows" if own else "no column of ids was found"
    gtin = next((header.column for header in found.of("gtin")), None)
    if gtin and _are_unique(sheet, [gtin]):
        yield f"sku = {_text(gtin)}  # {why}; this one is filled and differs in every row seen"
        return
    texts = [header.column for name in ("title", "brand", "mpn") for header in found.of(name)]
    fields = _fewest(sheet, [*([gtin] if gtin else []), *texts, *parts]) or texts or list(sheet.columns)
    yield f'# {why}: an id is made of these fields, and stays while they stay. Change them, or name a column: sku = "<column>"'
    yield f'sku = {{ fields = {json.dumps(fields, ensure_ascii=False)}, prefix = "my-" }}'


def _named_ids(sheet: _Sheet, own: str, parts: Sequence[str]) -> Iterator[str]:
    shown = f"# e.g. {_shown(sheet.values(own))}"
    empty = sum(not row.get(own, "").strip() for row in sheet.rows)
    note = f"; empty in {empty} of the {len(sheet.rows)} rows seen, which go to quarantine" if empty else ""
    if not sheet.values(own) or _are_unique(sheet, [own], filled=False):
        yield f"sku = {_text(own)}  {shown}{note}"
        return
    fields = _fewest(sheet, [own, *parts])
    if fields and all("{" not in name and "}" not in name for name in fields):
        template = "-".join("{" + name + "}" for name in fields)
        yield f"sku = {{ template = {_text(template)} }}  # {_text(own)} alone stands in several rows: variants of one product"
        if not sheet.found.of("product_id"):
            yield f"product_id = {_text(own)}  {shown}"
        return
    again = len(sheet.values(own)) - len(set(sheet.values(own)))
    yield f"sku = {_text(own)}  {shown}; {again} rows repeat an id and go to quarantine{note}"


def _fewest(sheet: _Sheet, columns: Sequence[str]) -> list[str] | None:
    """The first of the columns, in order, that differ together in every row; None when even all of them do not."""
    for count in range(1, len(columns) + 1):
        if _are_unique(sheet, columns[:count], filled=count == 1):
            return list(columns[:count])
    return None


def _are_unique(sheet: _Sheet, columns: Sequence[str], *, filled: bool = True) -> bool:
    keys = [tuple(row.get(column, "").strip() for column in columns) for row in sheet.rows]
    if filled and not all(all(key) for key in keys):
        return False
    keys = [key for key in keys if any(key)]
    return bool(keys) and len(set(keys)) == len(keys)


def _attributes(sheet: _Sheet, money: str | None) -> Iterator[str]:
    for attribute in sheet.found.attributes():
        if attribute in ("sku", "stock", "currency", "weight_unit"):
            continue
        headers = sheet.found.of(attribute)
        made = [part for header in headers for part in _sources(sheet, attribute, header.column, money)]
        notes = "; ".join(dict.fromkeys(note for header in headers if (note := _note(sheet, attribute, header.column))))
        value = made[0] if len(made) == 1 else "[" + ", ".join(made) + "]"
        yield f"{attribute} = {value}  # e.g. {_shown(sheet.values(headers[0].column))}" + (f"; {notes}" if notes else "")
    if not sheet.found.of("title"):
        yield '# title = "…"  # which column holds the name? an import needs it'
    if not sheet.found.of("cost"):
        price = "home_price" if sheet.found.of("home_price") else "a price"
        yield f'# cost = {{ from = "home_price", times = "0.6" }}  # no column of costs: say openly what share of {price} it is, or no price can be built'


def _sources(sheet: _Sheet, attribute: str, column: str, money: str | None) -> list[str]:
    """The sources of one column; two where both decimal marks are seen."""
    header, seen = sheet.found.header(column), sheet.seen(column)
    keys: dict[str, str] = {"column": column}
    if attribute in ("title", "description") and header and header.text_language not in (None, sheet.language):
        keys["language"] = str(header.text_language)
    if attribute in AMOUNTS:
        unit_column = next((one.column for one in sheet.found.of("currency")), None)
        code = _column_currency(sheet, column)
        if unit_column and not code:
            keys = {"template": f"{{{unit_column}}} {{{column}}}"}
        elif code and code != money:
            keys["currency"] = code
        minor = evidence.are_cents(sheet.values(column))
    else:
        minor = False
    if attribute in MEASURES:
        unit_column = next((one.column for one in sheet.found.of("weight_unit")), None) if attribute == "weight" else None
        unit = _unit(sheet, attribute, column)[0]
        if unit_column:
            keys = {"template": f"{{{column}}} {{{unit_column}}}"}
        elif unit:
            keys["unit"] = unit
    split = _split(sheet, attribute, column)
    if split:
        keys["split"] = split
    marks = _decimals(sheet, attribute, seen)
    made = [_inline(keys | ({"decimal": ","} if mark == "," else {})) for mark in marks]
    return [_with_minor(one) for one in made] if minor else made


def _decimals(sheet: _Sheet, attribute: str, seen: Numbers) -> list[str]:
    if attribute not in (*AMOUNTS, *MEASURES):
        return ["."]
    if seen.decimal:
        return [seen.decimal, "," if seen.decimal == "." else "."] if seen.is_mixed else [seen.decimal]
    elsewhere = Counter(one.decimal for one in sheet.numbers.values() if one.decimal)
    if elsewhere:
        return [str(elsewhere.most_common(1)[0][0])]
    return ["," if sheet.language in _COMMA_LANGUAGES else "."]


def _unit(sheet: _Sheet, attribute: str, column: str) -> tuple[str | None, str]:
    """The unit of bare numbers, with the reason."""
    header, seen = sheet.found.header(column), sheet.seen(column)
    known = WEIGHT_WORDS if attribute == "weight" else LENGTH_WORDS
    said = (header.weight_unit if attribute == "weight" else header.length_unit) if header else None
    if said:
        return said, ""
    if seen.unit in known:
        return known[
            seen.unit
        ], "most cells carry their unit" if not seen.bare else f"{seen.bare} numbers stand without a unit, the others say it"
    if attribute == "weight":
        likely = evidence.likely_weight_unit(seen)
        return likely or "g", "no unit is written: " + ("a guess from the size of the numbers" if likely else "a guess")
    likely = evidence.likely_length_unit(seen)
    return likely or "cm", "no unit is written: " + ("a guess from the size of the numbers" if likely else "a guess")


def _split(sheet: _Sheet, attribute: str, column: str) -> str | None:
    values = sheet.values(column)
    if attribute == "home_category":
        return evidence.list_mark(values, _CATEGORY_MARKS)
    if attribute == "images" and not any(value.startswith("[") for value in values[:20]):
        return evidence.list_mark(values, _PICTURE_MARKS)
    return None


def _note(sheet: _Sheet, attribute: str, column: str) -> str:
    seen = sheet.seen(column)
    if attribute not in (*AMOUNTS, *MEASURES):
        return ""
    notes = []
    if attribute in AMOUNTS and evidence.are_cents(sheet.values(column)):
        notes.append("whole numbers that end like prices in cents: a guess")
    if attribute in MEASURES:
        notes.append(_unit(sheet, attribute, column)[1])
    if seen.is_mixed:
        notes.append("decimal points and commas are mixed")
    if attribute != "dimensions" and seen.odd_count:
        total = seen.odd_count + seen.count
        notes.append(f"{seen.odd_count} of {total} are no numbers, such as {_shown([str(seen.odd)])}")
    return "; ".join(filter(None, notes))


def _stock(sheet: _Sheet, reading: DraftReading) -> Iterator[str]:
    for header in sheet.found.of("stock"):
        column, seen = header.column, sheet.seen(header.column)
        yield from ("", "[[stock]]", f"column = {_text(column)}  # e.g. {_shown(sheet.values(column))}")
        if seen.odd_count:
            yield f'# words = {{ {_text(str(seen.odd))} = "10" }}  # {seen.odd_count} cells hold no number: how many units is that?'
        places = f" Known places: {', '.join(reading.places)}." if reading.places else ""
        yield f'location = "{reading.places[0] if reading.places else "SZX-1"}"  # a guess: where does it lie?{places}'
    if not sheet.found.of("stock"):
        yield "# no column of stock was found: count it apart (tradewind stock import), or nothing is available"


def _categories(sheet: _Sheet) -> Iterator[str]:
    headers = sheet.found.of("home_category")
    if not headers:
        yield "# no column of categories was found: they are guessed from English and Chinese words in the titles"
        return
    texts: Counter[str] = Counter()
    for header in headers:
        split = _split(sheet, "home_category", header.column)
        texts.update(
            " > ".join(part.strip() for part in value.split(split)) if split else value.strip() for value in sheet.values(header.column)
        )
    guesses = guess_categories([text for text, _ in texts.most_common()], sheet.language)
    told = (
        "our slug for each of yours; take the question mark away where the guess is right"
        if guesses
        else "an import understands yours by their words"
    )
    yield from ("", "[categories]", f"# {told}")
    for home, slug in guesses:
        yield (
            f"{_text(home)} = {_text(slug + GUESSED)}"
            if slug
            else f'# {_text(home)} = "…"  # none of ours was found: its products stay at home'
        )


def _unused(sheet: _Sheet) -> Iterator[str]:
    used = {header.column for header in sheet.found.headers()}
    rest = [column for column in sheet.columns if column not in used]
    if rest:
        yield from ("", "# not used:")
        yield from (f"# {_flat(column)} = {_shown(sheet.values(column))}" for column in rest)


def _with_minor(source: str) -> str:
    """The same source, whose amounts are in cents."""
    return f"{source[:-2]}, minor = true }}" if source.startswith("{") else f"{{ column = {source}, minor = true }}"


def _inline(keys: Mapping[str, str]) -> str:
    if set(keys) == {"column"}:
        return _text(keys["column"])
    return "{ " + ", ".join(f"{key} = {_text(value)}" for key, value in keys.items()) + " }"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _flat(value: str) -> str:
    return "".join(letter for letter in re.sub(r"\s+", " ", value) if letter.isprintable())


def _shown(values: Sequence[str]) -> str:
    flat = _flat(values[0]) if values else ""
    return _text(flat[:SAMPLE_CHARS] + ("…" if len(flat) > SAMPLE_CHARS else ""))


def _first_rows(staged: StagedTable) -> list[dict[str, str]]:
    """The first rows, every value as text."""
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        found = connection.execute(f"SELECT * FROM {staged.relation} ORDER BY _row LIMIT {SAMPLE_ROWS}")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if staged.shape == "record":
        rows = [json.loads(str(row["_record"])) for row in rows]
    return [{name: _as_text(row.get(name)) for name in staged.columns} for row in rows]


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
