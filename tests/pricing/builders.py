"""Books and products with defaults, for the tests of prices."""

from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any

import duckdb

from tradewind.adapters.fx import EcbHistory
from tradewind.db import duck
from tradewind.markets import Confirmation, load_market
from tradewind.network import load_network
from tradewind.pricing import Landed, PriceBook, PriceInput, load, load_margins, price, price_book

TODAY = date(2026, 11, 23)
FRESH = date(2026, 10, 30)
MARKETS = ("us", "de", "th")


@cache
def history() -> EcbHistory:
    return EcbHistory()


@cache
def a_book(market: str = "de", as_of: date = FRESH, confirmed: tuple[tuple[str, date], ...] = ()) -> PriceBook:
    confirmations = {rule: Confirmation(rule, until, "test", TODAY) for rule, until in confirmed}
    return price_book(load_market(market), as_of, load_network(), history(), load_margins(), confirmations)


def a_product(**changes: Any) -> PriceInput:
    defaults: dict[str, Any] = {
        "sku": "HX-4411-BLK", "category": "headphones", "cost_minor": 21_200, "cost_currency": "CNY", "weight_g": 420,
        "length_mm": None, "width_mm": None, "height_mm": None, "hs_code": "851830", "origin": "CN", "location_id": "SZX-1",
        "lane_id": "SZX-1.de", "imported": False,
    }  # fmt: skip
    return PriceInput(**(defaults | changes))


INPUT_COLUMNS = (
    "sku VARCHAR, category VARCHAR, cost_minor BIGINT, cost_currency VARCHAR, weight_g BIGINT, length_mm BIGINT, width_mm BIGINT,"
    " height_mm BIGINT, hs_code VARCHAR, origin VARCHAR, location_id VARCHAR, lane_id VARCHAR, imported BOOLEAN"
)


def an_engine() -> duckdb.DuckDBPyConnection:
    return duck.connect(threads=1, memory_limit_mb=512)


def by_sql(engine: duckdb.DuckDBPyConnection, items: list[PriceInput], book: PriceBook) -> dict[str, Landed]:
    engine.execute(f"CREATE OR REPLACE TEMP TABLE price_input ({INPUT_COLUMNS})")
    names = [field.name for field in fields(PriceInput)]
    row = "(" + ", ".join("?" * len(names)) + ")"
    engine.execute(f"INSERT INTO price_input VALUES {', '.join([row] * len(items))}", [getattr(item, n) for item in items for n in names])
    load(engine, book)
    price(engine)
    wanted = [field.name for field in fields(Landed)]
    rows = engine.execute(f"SELECT {', '.join(wanted)} FROM price_output").fetchall()
    return {row[0]: Landed(**(dict(zip(wanted, row, strict=True)) | {"rule_ids": tuple(row[wanted.index("rule_ids")])})) for row in rows}
