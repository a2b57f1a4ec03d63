"""Turns a mapping and the staged tables into SQL: one narrow view for each table, and one SELECT that makes raw facts of them."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tradewind.catalog.errors import MappingIsInvalid
from tradewind.catalog.model import CatalogMapping, Source, TableRule
from tradewind.catalog.ports import StagedTable

MAX_SPECS = 60
_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def literal(text: str | None) -> str:
    """The text as an SQL literal."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@dataclass
class Tables:
    """Knows which columns of which staged tables the mapping uses, and what each is called in the views."""

    mapping: CatalogMapping
    staged: Mapping[str, StagedTable]
    used: dict[str, dict[str, str]] = field(default_factory=dict)

    def reference(self, name: str, where: str) -> str:
        """The view's column for `column`, `table.column` or a path such as `meta.barcode` or `ean[0]`."""
        table, column = self._split(name)
        columns = self.used.setdefault(table, {})
        if column not in columns:
            columns[column] = f"c{len(columns)}"
            self._check(table, column, where)
        return f"{quoted('t_' + table)}.{columns[column]}"

    def _split(self, name: str) -> tuple[str, str]:
        head, dot, rest = name.partition(".")
        if dot and head in self.staged and name not in self.staged[self.mapping.primary.name].columns:
            return head, rest
        return self.mapping.primary.name, name

    def _check(self, table: str, column: str, where: str) -> None:
        known = self.staged[table].columns
        first = _STEP.findall(column)[0] if _STEP.findall(column) else column
        if column in known or first in known or (self.staged[table].shape == "record" and not known):
            return
        near = difflib.get_close_matches(first, known, 1)
        shown = self.mapping.path.name if self.mapping.path else self.mapping.name
        raise MappingIsInvalid(
            f'{shown}: {where}: the table {table} has no column "{first}"',
            hint=(f"did you mean {near[0]}? " if near else "") + "it has: " + ", ".join(known[:40]) + (" …" if len(known) > 40 else ""),
        )

    def view(self, table: str) -> str:
        """The SELECT of a table's used columns, each as text."""
        staged, columns = self.staged[table], self.used.get(table, {})
        source = staged.relation
        if staged.shape == "columns":
            picked = ", ".join(f"{self._column(staged, column)} AS {name}" for column, name in columns.items())
            return f"SELECT _row{', ' + picked if picked else ''} FROM {source}"
        if not columns:
            return f"SELECT _row, _record FROM {source}"
        paths = ", ".join(literal(json_path(column, staged.columns)) for column in columns)
        picked = ", ".join(f"x[{index}] AS {name}" for index, name in enumerate(columns.values(), start=1))
        return f"SELECT _row, _record, {picked} FROM (SELECT _row, _record, json_extract_string(_record, [{paths}]) AS x FROM {source})"

    def _column(self, staged: StagedTable, column: str) -> str:
        if column in staged.columns:
            return quoted(column)
        first = _STEP.findall(column)[0]
        path = "$" + column[len(first) :]
        return f"json_extract_string(CASE WHEN json_valid({quoted(first)}) THEN {quoted(first)} END, {literal(path)})"


def json_path(column: str, known: Sequence[str]) -> str:
    """The JSON path of a column name: a key that has a dot itself is taken whole when it is known."""
    if column in known:
        return f'$."{column}"'
    steps = _STEP.findall(column)
    return "$" + "".join(step if step.startswith("[") else f'."{step}"' for step in steps)


class Compiler:
    """Writes the SELECT that gives one row of raw facts for each variant."""

    def __init__(self, mapping: CatalogMapping, staged: Mapping[str, StagedTable], tables: Tables | None = None) -> None:
        self.mapping = mapping
        self.tables = tables or Tables(mapping, staged)
        self.collected = {rule.name for rule in mapping.tables if rule.collect}
        self.many = next((rule for rule in mapping.tables if rule.many), None)
        # Layers of named columns: macros are inlined, so a value that is used twice must be a column of the layer below.
        self.layers: list[dict[str, str]] = [{}]

    def column(self, layer: int, expression: str) -> str:
        """The name of a column of `layer` that holds the expression; equal expressions share one."""
        while len(self.layers) <= layer:
            self.layers.append({})
        known = self.layers[layer]
        return known.setdefault(expression, f"s{layer}_{len(known)}")

    def layered(self, base: str, kept: Sequence[str], final: Mapping[str, str]) -> str:
        """The SELECT over `base`: the kept columns, then each layer over the one below, then the final columns."""
        made = [", ".join([*kept, *(f"{expression} AS {name}" for expression, name in self.layers[0].items())])]
        steps = [f"WITH layer_0 AS (SELECT {made[0]} {base})"]
        for number, layer in enumerate(self.layers[1:], start=1):
            columns = "".join(f", {expression} AS {name}" for expression, name in layer.items())
            steps.append(f"layer_{number} AS (SELECT *{columns} FROM layer_{number - 1})")
        columns = ",\n       ".join(f"{expression} AS {name}" for name, expression in final.items())
        names = [name.rsplit(" AS ", 1)[-1] for name in kept]
        return ",\n".join(steps) + f"\nSELECT {', '.join(names)},\n       {columns}\nFROM layer_{len(self.layers) - 1}"

    # -- one source ----------------------------------------------------------------------------------------------
    def text(self, source: Source, where: str) -> str:
        """The column that holds the text of one source, its words replaced."""
        return self.column(0, self._expression(source, where))

    def _expression(self, source: Source, where: str) -> str:
        if source.value is not None:
            return literal(source.value)
        if source.template is not None:
            return self._template(source.template, where)
        if source.fields:
            parts = ", ".join(f"coalesce({self.tables.reference(name, where)}, '')" for name in source.fields)
            return f"{literal(source.prefix)} || substr(sha256(concat_ws(chr(31), {parts})), 1, 16)"
        found = f"present({self.tables.reference(str(source.column), where)})"
        if source.prefix:
            found = f"{literal(source.prefix)} || {found}"
        if source.words:
            cases = " ".join(f"WHEN {literal(word)} THEN {literal(value) if value else 'NULL'}" for word, value in source.words.items())
            found = f"CASE lower(trim({found})) {cases} ELSE {found} END"
        if source.without:
            endings = "|".join(re.escape(one) for one in source.without)
            pattern = literal(f" *(?:{endings}) *$")
            found = f"nullif(regexp_replace({found}, {pattern}, ''), '')"
        return found

    def _template(self, template: str, where: str) -> str:
        parts, last = [], 0
        for match in _PLACEHOLDER.finditer(template):
            parts.append(literal(template[last : match.start()]))
            parts.append(f"present({self.tables.reference(match[1], where)})")
            last = match.end()
        parts.append(literal(template[last:]))
        return "nullif(trim(" + " || ".join(parts) + "), '')"

    def first(self, attribute: str, wrap: Callable[[str, Source], str] | None = None) -> str:
        """The first source that has a value."""
        sources = self.mapping.attributes.get(attribute, ())
        texts = [
            (wrap(self.text(source, f"attributes.{attribute}"), source) if wrap else self.text(source, f"attributes.{attribute}"))
            for source in sources
        ]
        return f"coalesce({', '.join(texts)})" if texts else "NULL"

    def origin_of(self, attribute: str, wrap: Callable[[str, Source], str]) -> str:
        """The provenance that the winning source names."""
        sources = self.mapping.attributes.get(attribute, ())
        cases = [
            f"WHEN {wrap(self.text(source, f'attributes.{attribute}'), source)} IS NOT NULL THEN {literal(source.provenance)}"
            for source in sources
        ]
        return f"CASE {' '.join(cases)} END" if cases else "NULL"

    # -- lists and maps --------------------------------------------------------------------------------------------
    def as_list(self, source: Source, where: str) -> str:
        if source.table is not None:
            return f"map_values({self.column(0, quoted('t_' + source.table) + '.collected')})"
        text = self.text(source, where)
        split = f"string_split({text}, {literal(source.split)})" if source.split else f"[{text}]"
        return f"CASE WHEN starts_with(ltrim({text}), '[') AND json_valid({text}) THEN json_extract_string({text}, '$[*]') ELSE {split} END"

    def all_lists(self, attribute: str) -> str:
        """Every source's values, one after the other; nulls are left out."""
        sources = self.mapping.attributes.get(attribute, ())
        if not sources:
            return "[]::VARCHAR[]"
        lists = [f"coalesce({self.as_list(source, f'attributes.{attribute}')}, [])" for source in sources]
        joined = lists[0] if len(lists) == 1 else f"flatten([{', '.join(lists)}])"
        return f"list_filter(list_transform({joined}, lambda x: trim(x)), lambda x: x <> '')"

    def entries(self, attribute: str) -> str:
        """Key and value pairs of every source, as STRUCT(k, v)[]; the first of equal keys stays."""
        sources = self.mapping.attributes.get(attribute, ())
        if not sources:
            return "[]::STRUCT(k VARCHAR, v VARCHAR)[]"
        lists = [f"coalesce({self._pairs(source, f'attributes.{attribute}')}, [])" for source in sources]
        return lists[0] if len(lists) == 1 else f"flatten([{', '.join(lists)}])"

    def _pairs(self, source: Source, where: str) -> str:
        if source.keys is not None:
            return self._pairs_by_prefix(source.keys, where)
        if source.table is not None:
            collected = self.column(0, f"{quoted('t_' + source.table)}.collected")
            return f"list_transform(map_entries({collected}), lambda e: {{'k': e.key, 'v': e.value}})"
        text = self.text(source, where)
        if source.shape == "pairs":
            listed = f'CASE WHEN json_valid({text}) THEN from_json({text}, \'[{{"key":"VARCHAR","value":"VARCHAR"}}]\') END'
            return f"list_transform({listed}, lambda e: {{'k': e.key, 'v': e.value}})"
        if source.shape == "object":
            return f"list_transform(map_entries(CASE WHEN json_valid({text}) THEN from_json({text}, '\"MAP(VARCHAR,VARCHAR)\"') END), lambda e: {{'k': e.key, 'v': e.value}})"
        if source.names in self.collected:
            names = self.column(0, f"{quoted('t_' + str(source.names))}.collected")
            return f"list_transform({self.as_list(source, where)}, lambda v: {{'k': {names}[v], 'v': v}})"
        name = (
            literal(source.names[1:])
            if source.names and source.names.startswith("=")
            else self.column(0, self.tables.reference(str(source.names or source.column), where))
        )
        return f"[{{'k': {name}, 'v': {text}}}]"

    def _pairs_by_prefix(self, keys: str, where: str) -> str:
        table = self.mapping.primary.name
        staged = self.tables.staged[table]
        strip = f"lambda e: {{'k': replace(regexp_replace(e.k, {literal('^' + keys)}, ''), '_', ' '), 'v': e.v}}"
        if staged.shape == "record":
            listed = f"list_transform(map_entries(from_json({self.column(0, quoted('t_' + table) + '._record')}, '\"MAP(VARCHAR,VARCHAR)\"')), lambda e: {{'k': e.key, 'v': e.value}})"
            return f"list_transform(list_filter({listed}, lambda e: regexp_matches(e.k, {literal('^' + keys)}))[1:{MAX_SPECS}], {strip})"
        matching = [column for column in staged.columns if re.match(keys, column)][:MAX_SPECS]
        if not matching:
            return "[]::STRUCT(k VARCHAR, v VARCHAR)[]"
        listed = ", ".join(
            f"{{'k': {literal(column)}, 'v': {self.column(0, self.tables.reference(column, where))}}}" for column in matching
        )
        return f"list_transform([{listed}], {strip})"

    def languages(self) -> list[str]:
        """Every language that a title or description of this mapping is written in, the home language first."""
        found = [self.mapping.language]
        for attribute in ("title", "description"):
            found += [source.language for source in self.mapping.attributes.get(attribute, ()) if source.language]
        return list(dict.fromkeys(found))

    def in_language(self, attribute: str, language: str) -> str:
        """The first text of a language."""
        sources = [
            source for source in self.mapping.attributes.get(attribute, ()) if (source.language or self.mapping.language) == language
        ]
        texts = [self.text(source, f"attributes.{attribute}") for source in sources]
        return f"coalesce({', '.join(texts)})" if texts else "NULL"

    def stock(self) -> str:
        """What lies where, as STRUCT(location, quantity text)[]."""
        lists = [self._stock_of(source) for source in self.mapping.stock]
        if not lists:
            return "[]::STRUCT(location VARCHAR, text VARCHAR)[]"
        return lists[0] if len(lists) == 1 else f"flatten([{', '.join(lists)}])"

    def _stock_of(self, source: Source) -> str:
        text = self.text(source, "stock")
        if source.shape == "object":
            entries = f"map_entries(CASE WHEN json_valid({text}) THEN from_json({text}, '\"MAP(VARCHAR,VARCHAR)\"') END)"
            return f"coalesce(list_transform({entries}, lambda e: {{'location': e.key, 'text': e.value}}), [])"
        return f"[{{'location': {literal(source.location)}, 'text': {text}}}]"


def table_statement(tables: Tables, rule: TableRule) -> str:
    """The statement that loads a joined table: one row for each key, or one map of its rows."""
    own = [tables.used[rule.name][column] for column, _ in rule.on]
    where = " AND ".join(
        f"{tables.used[rule.name][column]} IN ({', '.join(literal(value) for value in values)})" for column, values in rule.where
    )
    rows = f"SELECT * FROM ({tables.view(rule.name)}) {'WHERE ' + where if where else ''}"
    keys = ", ".join(own)
    name = quoted("t_" + rule.name)
    if rule.collect:
        key, value = (tables.used[rule.name][column] for column in rule.collect)
        return (
            f"CREATE OR REPLACE TEMP TABLE {name} AS WITH firsts AS (SELECT {keys}, {key} AS k, arg_min({value}, _row) AS v, min(_row) AS r FROM ({rows}) "
            f"WHERE {key} IS NOT NULL AND {value} IS NOT NULL GROUP BY ALL) "
            f"SELECT {keys}, map_from_entries(list({{'k': k, 'v': v}} ORDER BY r)) AS collected FROM firsts GROUP BY ALL"
        )
    if rule.many:
        return f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}"
    return f"CREATE OR REPLACE TEMP TABLE {name} AS {rows} QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY _row) = 1"
