"""Cleaning titles and descriptions: the SQL is made for the languages of a mapping and for the entities found in a chunk."""

import html
from collections.abc import Sequence

import duckdb

from tradewind.catalog.compiling import literal

MAX_ENTITIES = 400
DESCRIPTION_CHARS = 5000  # source: Google's limit for a description
# Each step is a column of its own, computed once; macros are inlined, so they must not nest.
_STEPS = {
    "decoded": "decoded({f})",
    "scripted": "holds_scripts({f}_decoded)",
    "unscripted": "CASE WHEN {f}_scripted THEN without_scripts({f}_decoded) ELSE {f}_decoded END",
    "tagless": "without_tags({f}_unscripted)",
    "odd": "is_odd({f}_tagless)",
    "controlled": "CASE WHEN {f}_odd THEN without_controls({f}_tagless) ELSE {f}_tagless END",
    "narrow": "CASE WHEN {f}_odd THEN half_width({f}_controlled) ELSE {f}_controlled END",
    "honest": "CASE WHEN {f}_odd THEN without_promotion({f}_narrow) ELSE {f}_narrow END",
    "flat": "flat_lines({f}_honest)",
    "spaced": "single_spaced({f}_flat)",
    "clean": "nullif(trimmed({f}_spaced), '')",
    "shouting": "is_shouting({f}_clean)",
}


def entity_macro(connection: duckdb.DuckDBPyConnection, fields: Sequence[str]) -> None:
    """Defines decoded(t) for the HTML entities that this chunk holds: SQL cannot name them, so Python does, once for each."""
    found = " UNION ".join(
        f"SELECT unnest(regexp_extract_all({name}, '&#?[A-Za-z0-9]{{2,31}};')) AS e FROM raw_chunk WHERE contains({name}, '&')"
        for name in fields
    )
    entities = [
        str(row[0])
        for row in connection.execute(f"SELECT DISTINCT e FROM ({found}) ORDER BY e = '&amp;', e LIMIT {MAX_ENTITIES}").fetchall()
    ]
    body = "t"
    for entity in entities:
        plain = html.unescape(entity)
        if plain != entity:
            body = f"replace({body}, {literal(entity)}, {_sql_text(plain)})"
    connection.execute(f"CREATE OR REPLACE TEMP MACRO decoded(t) AS CASE WHEN contains(t, '&') THEN {body} ELSE t END")


def _sql_text(plain: str) -> str:
    if plain.isprintable():
        return literal(plain)
    return " || ".join(f"chr({ord(letter)})" for letter in plain)


def text_columns(languages: Sequence[str]) -> list[str]:
    """The columns of raw_chunk that hold titles and descriptions."""
    return [f"{kind}_{index}" for index in range(len(languages)) for kind in ("title", "description")]


def text_view(languages: Sequence[str]) -> str:
    """The view text_chunk: raw_chunk with maps of clean texts, and with flags for what cleaning did."""
    fields = text_columns(languages)
    lines = ["CREATE OR REPLACE TEMP VIEW text_chunk AS", "WITH step_0 AS (SELECT * FROM raw_chunk)"]
    for number, (step, expression) in enumerate(_STEPS.items(), start=1):
        made = [f"{expression.format(f=field)} AS {field}_{step}" for field in fields]
        lines.append(f", step_{number} AS (SELECT *, {', '.join(made)} FROM step_{number - 1})")
    lines.append(f", spaced AS (SELECT * FROM step_{len(_STEPS)})")
    drop = [name for field in fields for name in (field, *(f"{field}_{step}" for step in _STEPS))]
    lines.append(
        f"SELECT * EXCLUDE ({', '.join(drop)}), {_map('title', languages)} AS titles, {_map('description', languages)} AS descriptions,\n"
        f"  coalesce({', '.join(f'title_{index}_clean' for index in range(len(languages)))}, NULL) AS any_title,\n"
        f"  greatest({', '.join(f'coalesce(length({field}_clean), 0)' for field in fields if field.startswith('description'))}) AS description_length,\n"
        f"  {_flags(fields)} AS text_flags FROM spaced"
    )
    return "\n".join(lines)


def _map(kind: str, languages: Sequence[str]) -> str:
    entries = []
    for index, language in enumerate(languages):
        name = f"{kind}_{index}_clean"
        text = (
            f"CASE WHEN {kind}_{index}_shouting THEN calm({name}) ELSE {name} END"
            if kind == "title"
            else f"CASE WHEN strlen({name}) > {DESCRIPTION_CHARS} THEN substr({name}, 1, {DESCRIPTION_CHARS}) ELSE {name} END"
        )
        entries.append(f"{{'k': {literal(language)}, 'v': {text}}}")
    if len(entries) == 1:
        return f"CASE WHEN {kind}_0_clean IS NULL THEN MAP {{}}::MAP(VARCHAR, VARCHAR) ELSE map_from_entries([{entries[0]}]) END"
    return f"map_from_entries(list_filter([{', '.join(entries)}], lambda e: e.v IS NOT NULL))"


def _flags(fields: Sequence[str]) -> str:
    def changed(after: str, earlier: str) -> str:
        return " OR ".join(f"({field}_odd AND {field}_{after} <> {field}_{earlier})" for field in fields)

    shouting = " OR ".join(f"{field}_shouting" for field in fields if field.startswith("title"))
    pictured = " OR ".join(f"({field} IS NOT NULL AND {field}_clean IS NULL)" for field in fields if field.startswith("description"))
    decoded = " OR ".join(f"strlen({field}_decoded) <> strlen({field})" for field in fields)
    cases = (
        (" OR ".join(f"strlen({field}_tagless) <> strlen({field}_decoded)" for field in fields), "html_removed"),
        (decoded, "entities_decoded"),
        (changed("controlled", "tagless"), "control_characters"),
        (changed("narrow", "controlled"), "fullwidth"),
        (changed("honest", "narrow"), "promotion_removed"),
        (shouting, "shouting"),
        (pictured, "description_without_text"),
    )
    return "list_filter([" + ", ".join(f"CASE WHEN {test} THEN '{name}' END" for test, name in cases) + "], lambda f: f IS NOT NULL)"
