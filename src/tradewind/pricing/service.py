"""Pricing inside a shard: the book as tables, and the statement that reads them."""

from collections.abc import Sequence
from importlib import resources

import duckdb

from tradewind.network import BAND_STEP_G
from tradewind.pricing.index import GENERAL, IMPORTED, LOW_VALUE, index_of, rank, slots
from tradewind.pricing.model import PriceBook
from tradewind.pricing.rules import MAX_COST_AMOUNT, MAX_COST_MINOR, MAX_SIDE_MM, MIN_REMAINDER_PPM

LANDED = resources.files("tradewind.pricing").joinpath("landed.sql").read_text("utf-8")
# For sums of 0 and more, which is all that landed.sql has: the checks of signs and zero in half_up cost half of its time.
_MACROS = (
    "CREATE OR REPLACE TEMP MACRO nearest(numerator, denominator) AS ((numerator + denominator // 2) // denominator)",
    "CREATE OR REPLACE TEMP MACRO up(numerator, denominator) AS ((numerator + denominator - 1) // denominator)",
    "CREATE OR REPLACE TEMP MACRO to_ending(amount, step, last) AS ((amount - last + step - 1) // step * step + last)",
)


def load(connection: duckdb.DuckDBPyConnection, book: PriceBook) -> None:
    """Make the temp tables price_book, price_fx, price_origin, price_duty, price_lane, price_margin and price_rules."""
    index = index_of(book)
    for macro in _MACROS:
        connection.execute(macro)
    _load_book(connection, book)
    sets = {rule_ids: number for number, rule_ids in enumerate(sorted({duty.rule_ids for duty in book.duties}))}
    margin_sets = {rule_id: number for number, rule_id in enumerate(sorted({margin.rule_id for margin in book.margins}))}
    fx_rows = [(rate.currency, rate.numerator, rate.denominator, rank(rate.certainty)) for rate in book.fx]
    _table(connection, "price_fx", "cost_currency VARCHAR, fx_numerator BIGINT, fx_denominator BIGINT, fx_rank BIGINT", fx_rows)
    _table(connection, "price_origin", "origin VARCHAR, origin_group VARCHAR", book.origins)
    duties = [
        (number, duty.group, duty.prefix, duty.ppm, rank(duty.certainty), sets[duty.rule_ids]) for number, duty in enumerate(book.duties)
    ]
    _table(
        connection,
        "price_duty",
        "duty_id BIGINT, origin_group VARCHAR, prefix VARCHAR, duty_ppm BIGINT, duty_rank BIGINT, rule_set BIGINT",
        duties,
    )
    lanes = [
        (lane.lane_id, lane.rate_card_id, lane.volumetric_divisor, lane.inbound_per_kg, [amount for _, amount in slots(lane)])
        for lane in book.lanes
    ]
    _table(
        connection,
        "price_lane",
        "lane_id VARCHAR, rate_card_id VARCHAR, volumetric_divisor BIGINT, inbound_per_kg BIGINT, bands BIGINT[]",
        lanes,
    )
    margins = [(margin.category, margin.target_ppm, margin_sets[margin.rule_id]) for margin in book.margins]
    _table(connection, "price_margin", "category VARCHAR, target_ppm BIGINT, margin_set BIGINT", margins)
    rules = [
        (regime, rule_set, margin_set, list(index.rule_ids(regime, duty_rule_ids, margin_rule_id)))
        for regime in (IMPORTED, LOW_VALUE, GENERAL)
        for duty_rule_ids, rule_set in sets.items()
        for margin_rule_id, margin_set in margin_sets.items()
    ]
    _table(connection, "price_rules", "regime VARCHAR, rule_set BIGINT, margin_set BIGINT, rule_ids VARCHAR[]", rules)


def price(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temp table `price_output` of the batch contract from `price_input`; int64 overflow raises."""
    connection.execute(LANDED)


def _load_book(connection: duckdb.DuckDBPyConnection, book: PriceBook) -> None:
    numbers = {
        "tax_ppm": book.tax_ppm,
        "tax_rank": rank(book.tax_certainty),
        "low_value_up_to": book.low_value_up_to,
        "low_value_duty": book.low_value_duty,
        "low_value_rank": rank(book.low_value_certainty),
        "parcel_fee": book.parcel_fee,
        "parcel_fee_rank": rank(book.parcel_fee_certainty),
        "import_fee_ppm": book.import_fee_ppm,
        "import_fee_rank": rank(book.import_fee_certainty),
        "ending_step": book.ending_step,
        "ending_last": book.ending_last,
        "max_cost_minor": MAX_COST_MINOR,
        "max_cost_amount": MAX_COST_AMOUNT,
        "max_side_mm": MAX_SIDE_MM,
        "min_remainder_ppm": MIN_REMAINDER_PPM,
        "band_step_g": BAND_STEP_G,
    }
    flags = {
        "tax_counts_freight": book.tax_counts_freight,
        "duty_counts_freight": book.duty_counts_freight,
        "threshold_counts_freight": book.threshold_counts_freight,
    }
    columns = ", ".join(
        [
            "currency VARCHAR",
            "unknown_origin_group VARCHAR",
            *(f"{name} BIGINT" for name in numbers),
            *(f"{name} BOOLEAN" for name in flags),
        ]
    )
    row = (book.currency, book.unknown_origin_group, *numbers.values(), *flags.values())
    _table(connection, "price_book", columns, [row])


def _table(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
    """One statement with a list a column: far faster than a statement a row."""
    typed = [column.split(" ") for column in columns.split(", ")]
    lists = ", ".join(f"unnest(?::{kind}[]) AS {column}" for column, kind in typed)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {lists}", [[row[at] for row in rows] for at in range(len(typed))])
