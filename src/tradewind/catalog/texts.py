"""Cleaning titles and descriptions: the SQL is made for the languages of a mapping and for the entities found in a chunk."""

import html
from collections.abc import Sequence

import duckdb

from tradewind.catalog.compiling import literal

MAX_ENTITIES = 400
DESCRIPTION_CHARS = 5000  # source: Google's limit for a description
LONG_CHARS = 40  # a description of so many characters says something; nobody asks how much longer one is
SURELY_LONG_BYTES = LONG_CHARS * 4  # UTF-8 needs at most four bytes for a character, and counting characters reads all of them
# Each run of equal descriptions is looked through once.
_FIRST_OF_RUNS = "raw_texts r JOIN text_runs n ON n.is_first_of_run AND n.source_row = r.source_row AND n.unit_row = r.unit_row"
# Each step is a column of its own, computed once; macros are inlined, so they must not nest.
_STEPS = {
    "decoded": "decoded({f})",
    "commented": "contains({f}_decoded, '<!--')",
    "scripted": "holds_scripts({f}_decoded)",
    "opened": "CASE WHEN {f}_scripted THEN without_scripts({f}_decoded) ELSE without_tags({f}_decoded) END",
    # A tag that was cut in two by a comment or a script is whole afterwards: hence the second look.
    "tagless": "CASE WHEN {f}_commented OR {f}_scripted THEN without_tags({f}_opened) ELSE {f}_opened END",
    "odd": "is_odd({f}_tagless)",
    "controlled": "CASE WHEN {f}_odd THEN without_controls({f}_tagless) ELSE {f}_tagless END",
    "narrow": "CASE WHEN {f}_odd THEN half_width({f}_controlled) ELSE {f}_controlled END",
    "honest": "CASE WHEN {f}_odd THEN without_promotion({f}_narrow) ELSE {f}_narrow END",
    "flat": "flat_lines({f}_honest)",
    "spaced": "single_spaced({f}_flat)",
    "clean": "nullif(trimmed({f}_spaced), '')",
}
# What cleaning did, in the order in which a variant's flags name it: a test over the steps of one field.
_FLAGS = {
    "html_removed": "strlen({f}_tagless) <> strlen({f}_decoded)",
    "entities_decoded": "strlen({f}_decoded) <> strlen({f})",
    "control_characters": "{f}_odd AND {f}_controlled <> {f}_tagless",
    "fullwidth": "{f}_odd AND {f}_narrow <> {f}_controlled",
    "promotion_removed": "{f}_odd AND {f}_honest <> {f}_narrow",
}


def entity_macro(connection: duckdb.DuckDBPyConnection, fields: Sequence[str]) -> None:
    """Defines decoded(t) for the HTML entities that this chunk holds: SQL cannot name them, so Python does, once for each."""
    found = " UNION ".join(
        f"SELECT unnest(regexp_extract_all({name}, '&#?[A-Za-z0-9]{{2,31}};')) AS e"
        f" FROM {_FIRST_OF_RUNS if name.startswith('description') else 'raw_chunk'} WHERE contains({name}, '&')"
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
    """The columns of raw_chunk that hold titles, and those of raw_texts that hold descriptions."""
    return [f"{kind}_{index}" for index in range(len(languages)) for kind in ("title", "description")]


def description_columns(languages: Sequence[str]) -> list[str]:
    """The columns of raw_texts that hold descriptions: the long texts, which variants of one product share."""
    return [f"description_{index}" for index in range(len(languages))]


def text_statements(languages: Sequence[str]) -> list[str]:
    """Leaves the table described, with each run's clean descriptions, and the view text_chunk: raw_chunk with clean titles and with flags."""
    return [_described(languages), _text_view(languages)]


def descriptions_map(languages: Sequence[str]) -> str:
    """The map of descriptions by language, made of the columns of `described`."""
    return _map(languages, "description_{n}_text")


def _steps(fields: Sequence[str], base: str) -> str:
    """The common table expressions step_0 … step_n, and `cleaned`, which has every step of every field."""
    lines = [f"WITH step_0 AS ({base})"]
    for number, expression in enumerate(_STEPS.items(), start=1):
        made = [f"{expression[1].format(f=field)} AS {field}_{expression[0]}" for field in fields]
        lines.append(f", step_{number} AS (SELECT *, {', '.join(made)} FROM step_{number - 1})")
    return "\n".join([*lines, f", cleaned AS (SELECT * FROM step_{len(_STEPS)})"])


def _described(languages: Sequence[str]) -> str:
    """The table described: each run of equal descriptions is cleaned once, and hashed once."""
    fields = description_columns(languages)
    kept = [
        f"CASE WHEN strlen({field}_clean) > {DESCRIPTION_CHARS} THEN substr({field}_clean, 1, {DESCRIPTION_CHARS}) ELSE {field}_clean END AS {field}_text"
        for field in fields
    ]
    lengths = ", ".join(
        f"CASE WHEN strlen({field}_clean) >= {SURELY_LONG_BYTES} THEN {LONG_CHARS} ELSE coalesce(length({field}_clean), 0) END"
        for field in fields
    )
    flags = [f"coalesce({_any(fields, test)}, false) AS d_{name}" for name, test in _FLAGS.items()]
    pictured = _any(fields, "({f} IS NOT NULL AND {f}_clean IS NULL)")
    base = f"SELECT text_run, {', '.join(fields)} FROM {_FIRST_OF_RUNS}"
    named = ", ".join(
        f"CASE WHEN {field}_text IS NOT NULL THEN {literal(language)} END" for field, language in zip(fields, languages, strict=True)
    )
    texts = ", ".join(f"coalesce({field}_text, chr(30))" for field in fields)
    return (
        f"CREATE OR REPLACE TEMP TABLE described AS\n{_steps(fields, base)}\n"
        f", kept AS (SELECT text_run, {', '.join(kept)}, greatest({lengths}) AS description_length, {pictured} AS is_pictured, {', '.join(flags)} FROM cleaned)\n"
        f"SELECT *, concat_ws(',', {named}) AS description_languages, md5(concat_ws(chr(31), {texts})) AS description_hash FROM kept"
    )


def _text_view(languages: Sequence[str]) -> str:
    titles = [f"title_{index}" for index in range(len(languages))]
    steps = ["shouting", *_STEPS]
    drop = ["is_pictured", *(f"d_{name}" for name in _FLAGS)]
    drop += [name for field in titles for name in (field, *(f"{field}_{step}" for step in steps))]
    base = (
        f"SELECT r.*, d.* EXCLUDE ({', '.join(f'{field}_text' for field in description_columns(languages))})"
        " FROM raw_chunk r JOIN text_runs n ON n.source_row = r.source_row AND n.unit_row = r.unit_row JOIN described d ON d.text_run = n.text_run"
    )
    loud = ", ".join(f"is_shouting({field}_clean) AS {field}_shouting" for field in titles)
    return "\n".join(
        [
            "CREATE OR REPLACE TEMP VIEW text_chunk AS",
            _steps(titles, base),
            f", heard AS (SELECT *, {loud} FROM cleaned)",
            f"SELECT * EXCLUDE ({', '.join(drop)}),",
            f"  {_map(languages, 'CASE WHEN title_{n}_shouting THEN calm(title_{n}_clean) ELSE title_{n}_clean END')} AS titles,",
            f"  coalesce({', '.join(f'{field}_clean' for field in titles)}, NULL) AS any_title,",
            f"  {_flags(titles)} AS text_flags",
            "FROM heard",
        ]
    )


def _map(languages: Sequence[str], text: str) -> str:
    """The texts by language; a text that is NULL has no entry."""
    entries = [f"{{'k': {literal(language)}, 'v': {text.format(n=index)}}}" for index, language in enumerate(languages)]
    if len(entries) == 1:
        return f"CASE WHEN {text.format(n=0)} IS NULL THEN MAP {{}}::MAP(VARCHAR, VARCHAR) ELSE map_from_entries([{entries[0]}]) END"
    return f"map_from_entries(list_filter([{', '.join(entries)}], lambda e: e.v IS NOT NULL))"


def _flags(titles: Sequence[str]) -> str:
    cases = [(f"d_{name} OR {_any(titles, test)}", name) for name, test in _FLAGS.items()]
    cases += [(_any(titles, "{f}_shouting"), "shouting"), ("is_pictured", "description_without_text")]
    return "list_filter([" + ", ".join(f"CASE WHEN {test} THEN '{name}' END" for test, name in cases) + "], lambda f: f IS NOT NULL)"


def _any(fields: Sequence[str], test: str) -> str:
    return "(" + " OR ".join(f"({test.format(f=field)})" for field in fields) + ")"
