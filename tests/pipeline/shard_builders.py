"""Snapshots, plans and specs of one shard with defaults, for the tests of the batch stream."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from tradewind.adapters.feeds import GoogleFragments
from tradewind.adapters.fx import EcbHistory
from tradewind.db import duck
from tradewind.markets import Confirmation
from tradewind.pipeline.model import MarketPlan, ShardResult, ShardSpec
from tradewind.pipeline.planning import RuleSources, plan_markets
from tradewind.pipeline.rows import Rows
from tradewind.pipeline.shard import run_shard

TODAY = date(2026, 9, 15)  # a day on which every rule of the package is in force
COLUMNS = {
    "sku": "VARCHAR", "product_id": "VARCHAR", "source_row": "BIGINT", "row_hash": "VARCHAR", "category": "VARCHAR",
    "category_from": "VARCHAR", "home_category": "VARCHAR", "brand": "VARCHAR", "brand_from": "VARCHAR", "gtin": "VARCHAR",
    "gtin_from": "VARCHAR", "gtin_problem": "VARCHAR", "gtin_duplicate_of": "VARCHAR", "gtin_reason": "VARCHAR", "mpn": "VARCHAR",
    "language": "VARCHAR", "titles": "MAP(VARCHAR, VARCHAR)", "descriptions": "MAP(VARCHAR, VARCHAR)", "color": "VARCHAR",
    "size": "VARCHAR", "material": "VARCHAR", "pattern": "VARCHAR", "gender": "VARCHAR", "age_group": "VARCHAR",
    "options": "MAP(VARCHAR, VARCHAR)", "specs": "MAP(VARCHAR, VARCHAR)", "images": "VARCHAR[]", "image_width": "BIGINT",
    "image_height": "BIGINT", "image_from": "VARCHAR", "cost_minor": "BIGINT", "cost_currency": "VARCHAR", "cost_from": "VARCHAR",
    "cost_note": "VARCHAR", "home_price_minor": "BIGINT", "home_price_currency": "VARCHAR", "weight_g": "BIGINT",
    "weight_from": "VARCHAR", "length_mm": "BIGINT", "width_mm": "BIGINT", "height_mm": "BIGINT", "dimensions_from": "VARCHAR",
    "hs_code": "VARCHAR", "hs_from": "VARCHAR", "origin": "VARCHAR", "origin_from": "VARCHAR", "condition": "VARCHAR",
    "battery": "VARCHAR", "rating_milli": "BIGINT", "rating_count": "BIGINT", "sold_count": "BIGINT", "flags": "VARCHAR[]",
}  # fmt: skip


def a_variant(sku: str = "HX-1", **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = dict.fromkeys(COLUMNS) | {
        "sku": sku, "product_id": sku, "source_row": 1, "category": "headphones", "category_from": "supplier", "brand": "Acme",
        "brand_from": "supplier", "gtin": "4006381333931", "gtin_from": "supplier", "mpn": "HX-4411", "language": "en",
        "titles": {"en": f"Acme headphones {sku}"}, "descriptions": {"en": "Good headphones & more. " * 20}, "color": "black",
        "options": {"color": "black"}, "specs": {"Power": "5 V"}, "images": [f"https://img.example/{sku}.jpg", "b side,2.jpg"],
        "image_width": 800, "image_height": 800, "image_from": "measured", "cost_minor": 21_200, "cost_currency": "CNY",
        "cost_from": "supplier", "weight_g": 420, "weight_from": "supplier", "dimensions_from": "missing", "hs_code": "851830",
        "hs_from": "supplier", "origin": "CN", "origin_from": "supplier", "condition": "new", "battery": "none",
        "rating_milli": 4600, "rating_count": 12, "sold_count": 3, "flags": [],
    }  # fmt: skip
    facts |= changes
    facts["row_hash"] = str(hash(repr(sorted((key, value) for key, value in facts.items() if key not in {"row_hash", "source_row"}))))
    return facts


def write_snapshot(folder: Path, variants: list[dict[str, Any]], stock: list[tuple[str, str, int]]) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    products, levels = folder / "products-00000.parquet", folder / "stock-00000.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE products ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        connection.execute("CREATE TABLE stock (sku VARCHAR, location_id VARCHAR, quantity BIGINT)")
        if variants:
            row = f"({', '.join(f'?::{kind}' for kind in COLUMNS.values())})"
            values = [variant[name] for variant in variants for name in COLUMNS]
            connection.execute(f"INSERT INTO products VALUES {', '.join([row] * len(variants))}", values)
        if stock:
            connection.execute(f"INSERT INTO stock VALUES {', '.join(['(?, ?, ?)'] * len(stock))}", [item for row in stock for item in row])
        connection.execute(f"COPY (SELECT * FROM products ORDER BY sku) TO '{products}' (FORMAT parquet)")
        connection.execute(f"COPY stock TO '{levels}' (FORMAT parquet)")
    return products, levels


@cache
def a_plan(market: str = "de", as_of: date = TODAY) -> MarketPlan:
    fx = Confirmation("fx", date(2027, 12, 31), "test", as_of)
    sources = RuleSources(None, {"fx": fx}, EcbHistory(), "http://shop.example")
    plan = plan_markets([market], as_of, sources)[0]
    return replace(plan, policy=replace(plan.policy, min_quality=0))


def a_spec(folder: Path, variants: list[dict[str, Any]], run: str = "run_1", **changes: Any) -> ShardSpec:
    stock = changes.pop("stock_rows", [(variant["sku"], "SZX-1", 7) for variant in variants])
    products, levels = write_snapshot(folder / f"snapshot-{run}", variants, stock)
    values: dict[str, Any] = {
        "run_id": run, "shard": 0, "shard_count": 1, "products": products, "stock": levels, "target": folder / run / "00000",
        "plans": (a_plan(),), "reusable": {}, "published": {}, "threads": 1, "memory_limit_mb": 512,
    }  # fmt: skip
    return ShardSpec(**(values | changes))


def compute(spec: ShardSpec) -> ShardResult:
    return run_shard(spec, GoogleFragments())


def rows(path: Path, columns: str = "*") -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        table = duck.parquet([path]) if path.name == "diff.parquet" else Rows.of([path.parent], path.name).sql
        found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
