"""What the catalog's specifications say of a product in Google's words, as columns of the sheet: made once for all markets.

The names that a shard's specifications use are looked at first. What none of them says costs nothing: there is no column for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from tradewind.listings.attribute_book import OF_A_LANGUAGE, VERBATIM, fold, sold_by_measure
from tradewind.listings.measures import unit_measure
from tradewind.listings.own_attributes import shipped
from tradewind.offers import Languages, quoted

# Between the values of a repeated attribute, and between the parts of one value: characters that no text holds.
ITEM_MARK: Final = "chr(31)"
PART_MARK: Final = "chr(30)"
HIGHLIGHTS, HIGHLIGHT_LENGTH = 10, 150
DETAILS, DETAIL_NAME, DETAIL_VALUE = 30, 140, 1000
NOTICE_LENGTH: Final = 1000
_PLAIN = ("size_type", "size_system", "multipack", "is_bundle", "adult")
_CLASSES = ("energy_efficiency_class", "min_energy_efficiency_class", "max_energy_efficiency_class")
_CLASS = r"(?i)^\s*([A-G]\+{0,3})\s*$"
TYPED_NOTICE: Final = "^(legal_disclaimer|safety_warning|prop_65):."
# At least two: Google refuses a single highlight.
_HIGHLIGHT_MARKS = r"\s*(?:[\r\n|;；•]|\s\s)+\s*"


@dataclass(frozen=True, slots=True)
class Facts:
    """Columns of the sheet by name (SQL over `h`), and the joins they need."""

    columns: Mapping[str, str]
    joins: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """The entries of a shard's specifications, as suppliers write them, that say each attribute; by language where it is a text."""

    names: Mapping[tuple[str, str], tuple[str, ...]]

    def value(self, attribute: str, language: str = "") -> str:
        """The first of them that has a value, as SQL; nothing when no entry says it."""
        found = [_value(name) for name in self.names.get((attribute, language), ())]
        return f"coalesce({', '.join(found)})" if found else ""


def facts_of_products(connection: duckdb.DuckDBPyConnection, names: Mapping[str, tuple[str, ...]], languages: Languages) -> Facts:
    """The facts that `source` has; makes the temp table `channel_measure` when something says how much is in a product."""
    home = [str(row[0]) for row in connection.execute("SELECT DISTINCT home_language FROM source").fetchall()]
    said = _said(connection, names, languages, home)
    columns, joins = dict[str, str](), ""
    for name in _PLAIN:
        if value := said.value(name):
            columns[name] = f"lower({value})" if name != "size_system" else f"upper({value})"
    for name in _CLASSES:
        if value := said.value(name):
            columns[name] = f"nullif(upper(regexp_extract({value}, {quoted(_CLASS)}, 1)), '')"
    if value := said.value("certification"):
        columns["certification"] = (
            f"case when regexp_matches({value}, '(?i)^(EC|ADEME|BMWK|EPA):[A-Z_]+') then {value}"
            f" else 'EC:EPREL:' || nullif(regexp_extract({value}, '([0-9]{{4,8}})/?$', 1), '') end"
        )
    if value := said.value("texts_by_model"):
        columns["texts_by_model"] = f"' ' || lower(replace({value}, ',', ' ')) || ' '"
    word = _measured_word(connection, said)
    if word:
        columns["unit_pricing_measure"], joins = "cm.measure", f"left join channel_measure as cm on cm.word = {word}"
        columns["unit_pricing_base_measure"] = f"coalesce({said.value('unit_pricing_base_measure') or 'null'}, cm.base)"
    for code, number in languages.items():
        columns |= _texts(said, code, number)
    if any(code in languages for code in home):
        columns["product_detail"] = _details(home, names)
    return Facts({f"fact_{name}": sql for name, sql in columns.items()}, joins)


def _said(connection: duckdb.DuckDBPyConnection, names: Mapping[str, tuple[str, ...]], languages: Languages, home: Sequence[str]) -> _Said:
    rows = connection.execute("SELECT DISTINCT unnest(map_keys(specs)) AS name FROM source ORDER BY name").fetchall()
    written: dict[str, list[str]] = {}
    for (name,) in rows:
        written.setdefault(fold(name), []).append(name)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for attribute, known in names.items():
        if attribute not in OF_A_LANGUAGE:
            found[attribute, ""] = tuple(name for word in known for name in written.get(word, ()))
            continue
        for code in languages:
            own = known if code in home else ()
            words = (*(f"{word}_{code}" for word in known), *own)
            found[attribute, code] = tuple(name for word in words for name in written.get(word, ()))
    return _Said(found)


def _value(name: str) -> str:
    return f"nullif(trim(h.spec_map[{quoted(name)}]), '')"


def _texts(said: _Said, code: str, number: int) -> dict[str, str]:
    columns = {}
    if value := said.value("product_highlight", code):
        each = f"list_filter(string_split_regex({value}, {quoted(_HIGHLIGHT_MARKS)}), lambda one: one <> '')"
        cut = f"list_transform(({each})[1:{HIGHLIGHTS}], lambda one: left(one, {HIGHLIGHT_LENGTH}))"
        columns[f"product_highlight_{number}"] = f"case when len({each}) > 1 then array_to_string({cut}, {ITEM_MARK}) end"
    notices = [_notice(name) for name in said.names.get(("consumer_notice", code), ())]
    if notices:
        columns[f"consumer_notice_{number}"] = f"coalesce({', '.join(notices)})"
    return columns


def _notice(name: str) -> str:
    """A notice that says its type, or the warning of an entry that is named for Proposition 65."""
    value = _value(name)
    typed = f"when regexp_matches({value}, '{TYPED_NOTICE}') then left({value}, {NOTICE_LENGTH + len('legal_disclaimer:')})"
    other = "" if fold(name).startswith(VERBATIM) else f" else 'prop_65:' || left({value}, {NOTICE_LENGTH})"
    return f"case {typed}{other} end"


def _details(home: Sequence[str], names: Mapping[str, tuple[str, ...]]) -> str:
    """The specifications under one heading, without those that are attributes of their own."""
    sections = shipped()["section"]
    heading = " ".join(f"when {quoted(code)} then {quoted(sections.get(code, sections['en']))}" for code in home)
    own = ", ".join(quoted(word) for name, words in names.items() if name != "content_in_its_category" for word in words)
    told = (
        f"list_filter(map_entries(h.spec_map), lambda e: e.value <> '' and not starts_with(e.key, '{VERBATIM}')"
        f" and lower(trim(e.key)) not in ({own}))"
    )
    written = (
        f"list_transform(({told})[1:{DETAILS}], lambda e: concat(case h.home_language {heading} end, {PART_MARK},"
        f" left(e.key, {DETAIL_NAME}), {PART_MARK}, left(e.value, {DETAIL_VALUE})))"
    )
    return f"case when cardinality(h.spec_map) > 0 then nullif(array_to_string({written}, {ITEM_MARK}), '') end"


def _measured_word(connection: duckdb.DuckDBPyConnection, said: _Said) -> str:
    """The text that says how much is in a product, as SQL; nothing when no product of the shard says it."""
    value = said.value("unit_pricing_measure")
    here = f"h.category in ({', '.join(quoted(slug) for slug in sorted(sold_by_measure()))})"
    other = said.value("content_in_its_category")
    by_category = f"case when {here} then {f'coalesce({other}, h.size)' if other else 'h.size'} end"
    word = f"coalesce({value}, {by_category})" if value else by_category
    asked = "" if value else f" WHERE {here}"
    rows = connection.execute(f"SELECT DISTINCT {word} FROM (SELECT *, specs AS spec_map FROM source) AS h{asked}").fetchall()
    read = [(text, *found) for (text,) in rows if text is not None and (found := unit_measure(text)) is not None]
    if not read:
        return ""
    columns = [list(column) for column in zip(*sorted(read), strict=True)]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE channel_measure AS SELECT unnest(?::VARCHAR[]) AS word, unnest(?::VARCHAR[]) AS measure,"
        " unnest(?::VARCHAR[]) AS base",
        columns,
    )
    return word
