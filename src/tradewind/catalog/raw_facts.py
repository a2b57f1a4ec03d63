"""The SELECT of raw facts: the mapping's sources side by side, measures and amounts already read as integers."""

from collections.abc import Mapping

from tradewind.catalog.compiling import Compiler, literal, quoted, table_statement
from tradewind.catalog.model import CatalogMapping, Source
from tradewind.catalog.ports import StagedTable
from tradewind.catalog.texts import description_columns

_PLAIN = (
    "sku",
    "product_id",
    "brand",
    "gtin",
    "mpn",
    "google_category",
    "category",
    "color",
    "size",
    "material",
    "pattern",
    "gender",
    "age_group",
)
_LATER = ("image_width", "image_height", "condition", "battery", "rating", "rating_count", "sold_count", "hs_code", "origin")


class RawFacts:
    """The statements that make `raw_chunk`, `raw_texts` and `text_runs` from the staged tables."""

    def __init__(self, mapping: CatalogMapping, staged: Mapping[str, StagedTable]) -> None:
        self.mapping = mapping
        self.compiler = Compiler(mapping, staged)
        # Layers of their own, over the same tables: neither statement binds what only the other needs.
        self.texts = Compiler(mapping, staged, self.compiler.tables)
        self._columns = self._facts()
        languages = self.compiler.languages()
        self._descriptions = {
            name: f"{self.texts.in_language('description', language)}::VARCHAR"
            for name, language in zip(description_columns(languages), languages, strict=True)
        }
        self._joins = self._join_clauses()
        for rule in mapping.tables:
            for column, _ in rule.where:
                self.compiler.tables.reference(self._qualified(rule.name, column), f"tables.{rule.name}.where")
            for column in rule.collect or ():
                self.compiler.tables.reference(self._qualified(rule.name, column), f"tables.{rule.name}.collect")

    def table_statements(self) -> list[str]:
        """Loads every joined table; run once."""
        return [table_statement(self.compiler.tables, rule) for rule in self.mapping.tables if not rule.primary]

    def chunk_statement(self) -> str:
        """Makes raw_chunk of the primary table's rows with $1 <= _row < $2: everything but their descriptions."""
        kept = [*self._keys(), f"{self._table_name()} AS table_name", f"{self._left_out()} AS left_out"]
        return f"CREATE OR REPLACE TEMP TABLE raw_chunk AS\n{self.compiler.layered(self._base(), kept, self._columns)}"

    def texts_statement(self) -> str:
        """Makes raw_texts of the same rows: their descriptions.

        Descriptions are most of a catalog's bytes: they take a way of their own, so that no other statement copies them.
        """
        fields = list(self._descriptions)
        select = self.texts.layered(self._base(), self._keys(), self._descriptions)
        lengths = ", ".join(f"coalesce(strlen({name}), -1)" for name in fields)
        return f"CREATE OR REPLACE TEMP TABLE raw_texts AS\nSELECT *, hash({', '.join(fields)}) AS text_key, concat_ws(',', {lengths}) AS text_lengths FROM ({select})"

    def runs_statement(self) -> str:
        """Makes text_runs: raw_texts' runs of rows with the same descriptions, numbered from $1, so that each is cleaned once.

        Variants of a product stand side by side and share their descriptions. Neighbors are told apart by 64 bits and the lengths:
        looking back at the texts themselves keeps a copy of each.
        """
        same = "text_key = lag(text_key) OVER () AND text_lengths = lag(text_lengths) OVER ()"
        counted = "sum(is_first_of_run::INTEGER) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)::BIGINT"
        return (
            f"CREATE OR REPLACE TEMP TABLE text_runs AS\nSELECT source_row, unit_row, is_first_of_run, $1 + {counted} AS text_run\n"
            f"FROM (SELECT source_row, unit_row, coalesce(NOT ({same}), true) AS is_first_of_run FROM raw_texts)"
        )

    def _base(self) -> str:
        primary = self.mapping.primary.name
        return f"FROM (SELECT * FROM ({self.compiler.tables.view(primary)}) WHERE _row >= $1 AND _row < $2) AS {quoted('t_' + primary)}\n{self._joins}"

    def _keys(self) -> list[str]:
        many = self.compiler.many
        unit = f"coalesce({quoted('t_' + many.name)}._row, 0)" if many else "0"
        return [f"{quoted('t_' + self.mapping.primary.name)}._row AS source_row", f"{unit} AS unit_row"]

    def _table_name(self) -> str:
        primary, many = self.mapping.primary.name, self.compiler.many
        if many is None:
            return literal(primary)
        return f"CASE WHEN {quoted('t_' + many.name)}._row IS NULL THEN {literal(primary)} ELSE {literal(many.name)} END"

    def _qualified(self, table: str, column: str) -> str:
        return column if table == self.mapping.primary.name else f"{table}.{column}"

    def _join_clauses(self) -> str:
        clauses = []
        for rule in self.mapping.tables:
            if rule.primary:
                continue
            terms = [
                f"{self.compiler.tables.reference(f'{rule.name}.{own}', f'tables.{rule.name}.on')} = {self.compiler.tables.reference(other, f'tables.{rule.name}.on')}"
                for own, other in rule.on
            ]
            clauses.append(f"LEFT JOIN {quoted('t_' + rule.name)} ON {' AND '.join(terms)}")
        return "\n".join(clauses)

    def _left_out(self) -> str:
        cases = []
        for column, values in self.mapping.primary.where:
            found = self.compiler.tables.reference(column, "where")
            listed = ", ".join(literal(value) for value in values)
            cases.append(f"WHEN {found} IS NULL OR {found} NOT IN ({listed}) THEN {{'field': {literal(column)}, 'value': {found}}}")
        return f"CASE {' '.join(cases)} END" if cases else "NULL::STRUCT(field VARCHAR, value VARCHAR)"

    def _facts(self) -> dict[str, str]:
        make = self.compiler
        facts = {f"{name}_text": f"{make.first(name)}::VARCHAR" for name in (*_PLAIN, *_LATER)}
        facts["hs_country"] = self._hs_country()
        for attribute in ("hs_code", "origin", "brand", "gtin", "image_width"):
            facts[f"{attribute}_source"] = f"{make.origin_of(attribute, lambda text, _source: text)}::VARCHAR"
        for index, language in enumerate(make.languages()):
            facts[f"title_{index}"] = f"{make.in_language('title', language)}::VARCHAR"
        facts["home_category"] = f"nullif(array_to_string(list_transform({make.all_lists('home_category')}, lambda x: trim(x)), ' > '), '')"
        facts["images"] = make.all_lists("images")
        facts["options"] = make.entries("options")
        facts["specs"] = make.entries("specs")
        facts["stock"] = make.stock()
        facts |= self._amounts("home_price") | self._amounts("cost") | self._measures()
        return facts

    def _hs_country(self) -> str:
        """Whose tariff the code is from: the source that says so, else the mapping's country."""
        named = [source.country for source in self.mapping.attributes.get("hs_code", ()) if source.country]
        return literal(named[0] if named else self.mapping.country)

    def _amounts(self, attribute: str) -> dict[str, str]:
        make, name = self.compiler, attribute
        sources = [source for source in self.mapping.attributes.get(attribute, ()) if source.basis is None]
        derived = next((source for source in self.mapping.attributes.get(attribute, ()) if source.basis), None)
        texts = [make.text(source, f"attributes.{attribute}") for source in sources]
        currencies = [self._currency(text, source) for text, source in zip(texts, sources, strict=True)]
        minor = [self._minor(text, currency, source) for text, currency, source in zip(texts, currencies, sources, strict=True)]
        facts = {
            f"{name}_text": f"{_coalesce(texts)}::VARCHAR",
            f"{name}_minor": f"{_coalesce(minor)}::BIGINT",
            f"{name}_currency": f"{_case(minor, currencies)}::VARCHAR",
            # the currency that the first text would have had: it explains an amount that could not be read
            f"{name}_wanted": f"{_case(texts, currencies)}::VARCHAR",
        }
        if attribute == "cost":
            facts["cost_source"] = f"{_case(minor, [literal(source.provenance) for source in sources])}::VARCHAR"
            facts["cost_times"] = f"{literal(derived.times if derived else None)}::VARCHAR"
        return facts

    def _currency(self, text: str, source: Source) -> str:
        make = self.compiler
        code = make.column(1, f"amount_code({text})")
        given = literal(source.currency or self.mapping.currency)
        return make.column(2, f"CASE WHEN currency_scale({code}) IS NOT NULL THEN {code} ELSE coalesce({given}, amount_sign({text})) END")

    def _minor(self, text: str, currency: str, source: Source) -> str:
        make = self.compiler
        number = make.column(2, f"plain_number({make.column(1, f'amount_number({text})')}, {literal(source.decimal)})")
        scale = "1" if source.minor else make.column(3, f"currency_scale({currency})")
        return make.column(4, f"minor_units({number}, {scale})")

    def _tenths(self, number: str, source: Source) -> str:
        make = self.compiler
        return make.column(3, f"ten_thousandths({make.column(2, f'plain_number({number}, {literal(source.decimal)})')})")

    def _weight(self, text: str, source: Source) -> str:
        make = self.compiler
        unit = make.column(1, f"measure_unit({text}, {literal(source.unit)})")
        tenths = self._tenths(make.column(1, f"measure_number({text})"), source)
        return make.column(5, f"possible_weight({make.column(4, f'grams({tenths}, {unit})')}, {tenths})")

    def _length(self, text: str, source: Source) -> str:
        make = self.compiler
        unit = make.column(1, f"measure_unit({text}, {literal(source.unit)})")
        tenths = self._tenths(make.column(1, f"measure_number({text})"), source)
        return make.column(5, f"possible_length({make.column(4, f'millimeters({tenths}, {unit})')})")

    def _part(self, text: str, source: Source, position: int) -> str:
        make = self.compiler
        unit = make.column(1, f"dimension_unit({text}, {literal(source.unit)})")
        tenths = self._tenths(make.column(1, f"dimension_number({text}, {position})"), source)
        return make.column(5, f"possible_length({make.column(4, f'millimeters({tenths}, {unit})')})")

    def _measures(self) -> dict[str, str]:
        make = self.compiler
        facts = {
            "weight_text": f"{make.first('weight')}::VARCHAR",
            "weight_g": f"{make.first('weight', self._weight)}::BIGINT",
            "weight_source": f"{make.origin_of('weight', self._weight)}::VARCHAR",
            "dimensions_text": f"{make.first('dimensions')}::VARCHAR",
        }
        for position, side in enumerate(("length", "width", "height"), start=1):

            def part(text: str, source: Source, position: int = position) -> str:
                return self._part(text, source, position)

            facts[f"{side}_text"] = f"{make.first(side)}::VARCHAR"
            facts[f"{side}_mm"] = f"coalesce({make.first(side, self._length)}, {make.first('dimensions', part)}, NULL)::BIGINT"
        named = [make.origin_of(name, lambda text, _source: text) for name in ("length", "width", "dimensions")]
        facts["dimensions_source"] = f"coalesce({', '.join(named)})::VARCHAR"
        return facts


def _coalesce(values: list[str]) -> str:
    return f"coalesce({', '.join(values)}, NULL)" if values else "NULL"


def _case(tests: list[str], values: list[str]) -> str:
    """The value beside the first test that is not null."""
    if not tests:
        return "NULL"
    return "CASE " + " ".join(f"WHEN {test} IS NOT NULL THEN {value}" for test, value in zip(tests, values, strict=True)) + " END"
