"""Pricing inside a shard: the book as tables and as one statement, and the run of that statement."""

from collections.abc import Iterable, Sequence
from itertools import product

import duckdb

from tradewind.pricing.duties import NO_RATE
from tradewind.pricing.index import BookIndex, CodeTaxes, index_of, rank, slots
from tradewind.pricing.layers import CERTAINTIES
from tradewind.pricing.model import PriceBook
from tradewind.pricing.statement import Writer, sets_of

# For sums of 0 and more, which is all that landed.sql has: the checks of signs and zero in half_up cost half of its time.
_MACROS = (
    "CREATE OR REPLACE TEMP MACRO nearest(numerator, denominator) AS ((numerator + denominator // 2) // denominator)",
    "CREATE OR REPLACE TEMP MACRO up(numerator, denominator) AS ((numerator + denominator - 1) // denominator)",
    "CREATE OR REPLACE TEMP MACRO to_ending(amount, step, last) AS ((amount - last + step - 1) // step * step + last)",
)


def load(connection: duckdb.DuckDBPyConnection, book: PriceBook) -> None:
    """Make the temp tables price_fx, _origin, _duty, _rate, _code, _lane, _margin, _rules and _statement of one book."""
    index = index_of(book)
    for macro in _MACROS:
        connection.execute(macro)
    fx_rows = [(rate.currency, rate.numerator, rate.denominator, rank(rate.certainty)) for rate in book.fx]
    _table(connection, "price_fx", "cost_currency VARCHAR, fx_numerator BIGINT, fx_denominator BIGINT, fx_rank BIGINT", fx_rows)
    lanes = [
        (
            lane.lane_id,
            lane.rate_card_id,
            lane.volumetric_divisor,
            lane.inbound_per_kg,
            lane.band_set,
            [amount for _, amount in slots(lane)],
        )
        for lane in book.lanes
    ]
    _table(
        connection,
        "price_lane",
        "lane_id VARCHAR, rate_card_id VARCHAR, volumetric_divisor BIGINT, inbound_per_kg BIGINT, band_set BIGINT, amounts BIGINT[]",
        lanes,
    )
    margin_sets = {rule_id: number for number, rule_id in enumerate(sorted({margin.rule_id for margin in book.margins}))}
    margins = [(margin.category, margin.target_ppm, margin_sets[margin.rule_id]) for margin in book.margins]
    _table(connection, "price_margin", "category VARCHAR, target_ppm BIGINT, margin_set BIGINT", margins)
    duty_sets = _load_duties(connection, index)
    tax_ids, extra_ids = _load_codes(connection, index)
    extra_sets = 1 << len(extra_ids)
    rules_size = len(duty_sets) * len(tax_ids) * extra_sets * len(margin_sets)
    rules = _rule_rows(index, list(duty_sets), tax_ids, extra_ids, list(margin_sets))
    _table(connection, "price_rules", "rules_no BIGINT, rule_ids VARCHAR[]", rules)
    statement = Writer(index, margin_sets, len(tax_ids), extra_sets, rules_size).text()
    _table(connection, "price_statement", "text VARCHAR", [(statement,)])


def price(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table `price_output` of the batch contract from `price_input`; int64 overflow raises."""
    found = connection.execute("SELECT text FROM price_statement").fetchone()
    connection.execute(found[0] if found else "")


def _load_duties(connection: duckdb.DuckDBPyConnection, index: BookIndex) -> dict[tuple[str, ...], int]:
    """The tables of origins, prefixes and rates; gives the number of each set of rule ids."""
    table = index.duties
    sets = sets_of([rate.rule_ids for rate in table.rates] or [()])
    numbers = {group: at + 1 for at, group in enumerate(table.groups)}
    origins = [(origin, numbers[group]) for origin, group in index.book.origins if group in numbers]
    _table(connection, "price_origin", "origin VARCHAR, group_no BIGINT", origins)
    ranks = {certainty: rank(certainty) for certainty in CERTAINTIES}
    columns: dict[str, Iterable[int]] = {
        "duty_no": range(len(table.rates)),
        "duty_ppm": (rate.ppm for rate in table.rates),
        "low_ppm": (rate.low_ppm for rate in table.rates),
        "per_kg_micro": (rate.per_kg_micro for rate in table.rates),
        "per_item_micro": (rate.per_item_micro for rate in table.rates),
        "needs_person": (int(rate.needs_person) for rate in table.rates),
        "duty_rank": (ranks[rate.certainty] for rate in table.rates),
        "rule_set": (sets[rate.rule_ids] for rate in table.rates),
    }
    # Numbers travel as one text a column, and cells as one text: the driver turns lists into values one by one.
    lists = ", ".join(f"unnest({_split(name)}::BIGINT[]) AS {name}" for name in columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE price_rate AS SELECT * REPLACE (needs_person::BOOLEAN AS needs_person) FROM (SELECT {lists})",
        {name: " ".join(map(str, values)) for name, values in columns.items()},
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE price_duty AS"
        f" WITH given AS (SELECT {_split('cells')}::BIGINT[] AS cells, {_split('prefixes')} AS prefixes),"
        " cell AS (SELECT unnest(cells) AS number, generate_subscripts(cells, 1) - 1 AS place FROM given),"
        " numbered AS (SELECT place // $width AS row_no, list(nullif(number, $none) ORDER BY place) AS numbers FROM cell GROUP BY row_no),"
        " named AS (SELECT unnest(prefixes) AS prefix, generate_subscripts(prefixes, 1) - 1 AS row_no FROM given)"
        " SELECT prefix, numbers FROM named JOIN numbered USING (row_no)",
        {"prefixes": " ".join(table.prefixes), "cells": " ".join(map(str, table.cells)), "width": len(table.groups), "none": NO_RATE},
    )
    return sets


def _split(name: str) -> str:
    return f"list_filter(string_split(${name}, ' '), lambda one: one <> '')"


def _load_codes(connection: duckdb.DuckDBPyConnection, index: BookIndex) -> tuple[list[str], list[str]]:
    """The table of taxes, extra taxes and simplified duties by tariff prefix; gives their rule ids in the order of their numbers."""
    book, inside = index.book, index.has_tax_inside
    rules = index.tax_rules()
    tax_ids = sorted({rule_id for _, _, rule_id in rules})
    extra_ids = sorted({rule_id for _, _, rule_id in book.extra_taxes})
    rows = [
        ("tax", prefix, ppm if inside else 0, tax_ids.index(rule_id), rank(index.tax_certainty(rule_id))) for prefix, ppm, rule_id in rules
    ]
    rows += [("extra", prefix, ppm if inside else 0, 1 << extra_ids.index(rule_id), 0) for prefix, ppm, rule_id in book.extra_taxes]
    rows += [("simplified", prefix, ppm, 0, 0) for prefix, ppm, _ in index.simplified_rules()]
    _table(connection, "price_code", "kind VARCHAR, prefix VARCHAR, ppm BIGINT, number BIGINT, certainty_rank BIGINT", rows)
    return tax_ids, extra_ids


def _rule_rows(
    index: BookIndex, duty_sets: Sequence[tuple[str, ...]], tax_ids: Sequence[str], extra_ids: Sequence[str], margin_ids: Sequence[str]
) -> list[tuple[int, list[str]]]:
    """The ids of every combination of band, duty, taxes and margin, in the order in which landed.sql counts them."""
    bands = (None, *(band for bands in index.book.bands for band in bands))
    masks = range(1 << len(extra_ids))
    extras = [tuple(rule_id for bit, rule_id in enumerate(extra_ids) if mask >> bit & 1) for mask in masks]
    taxes = [CodeTaxes(0, 0, 0, tax_id, extra, "certain") for tax_id in tax_ids for extra in extras]
    combined = product(bands, duty_sets, taxes, margin_ids)
    return [(at, list(index.rule_ids(band, duty, margin, tax))) for at, (band, duty, tax, margin) in enumerate(combined)]


def _table(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
    """One statement with a list a column: far faster than a statement a row."""
    typed = [column.split(" ") for column in columns.split(", ")]
    lists = ", ".join(f"unnest(?::{kind}[]) AS {column}" for column, kind in typed)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {lists}", [[row[at] for row in rows] for at in range(len(typed))])
