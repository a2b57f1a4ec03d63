"""The generator of catalogs: seeded, realistic in its faults, and able to make a changed copy."""

from pathlib import Path

import duckdb
from bench.generate import generate, generate_stock

from tradewind.kit import gtin_problem

ROWS = 5000


def made(folder: Path, name: str = "catalog.parquet", *, seed: int = 7, change: float = 0.0, one_shard: bool = False) -> str:
    target = folder / name
    generate(target, ROWS, seed, change, one_shard)
    return str(target)


def value(sql: str) -> int:
    return int(duckdb.sql(sql).fetchall()[0][0])


def test_equal_arguments_give_equal_rows(tmp_path: Path) -> None:
    first, second = made(tmp_path, "a.parquet"), made(tmp_path, "b.parquet")
    assert value(f"SELECT count(*) FROM (FROM '{first}' EXCEPT FROM '{second}')") == 0


def test_csv_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    parquet, csv = made(tmp_path), made(tmp_path, "catalog.csv")
    assert value(f"SELECT count(*) FROM read_csv('{csv}', all_varchar = true)") == ROWS
    assert value(f"SELECT count(*) FROM read_csv('{csv}', all_varchar = true) JOIN '{parquet}' USING (sku, description_zh)") == ROWS


def test_every_sku_is_unique_and_three_in_five_rows_are_variants(tmp_path: Path) -> None:
    catalog = made(tmp_path)
    assert value(f"SELECT count(DISTINCT sku) FROM '{catalog}'") == ROWS
    assert value(f"SELECT count(DISTINCT product_id) FROM '{catalog}'") == ROWS * 3 // 5


def test_texts_are_long_and_noisy(tmp_path: Path) -> None:
    catalog = made(tmp_path)
    assert 500 <= value(f"SELECT avg(length(description_en)) FROM '{catalog}'") <= 800
    assert value(f"SELECT count(*) FROM '{catalog}' WHERE contains(description_zh, '<')") > ROWS // 2
    assert value(f"SELECT count(*) FROM '{catalog}' WHERE title_en IS NULL") > 0


def test_gtins_are_mostly_valid_sometimes_wrong_and_sometimes_shared(tmp_path: Path) -> None:
    gtins = [gtin for (gtin,) in duckdb.sql(f"SELECT gtin FROM '{made(tmp_path)}' WHERE gtin IS NOT NULL").fetchall()]
    problems = sum(bool(gtin_problem(gtin)) for gtin in gtins)
    assert 0 < problems < len(gtins) // 10
    assert len(set(gtins)) < len(gtins)


def test_a_changed_copy_changes_about_the_share_that_was_asked_for(tmp_path: Path) -> None:
    before, after = made(tmp_path), made(tmp_path, "changed.parquet", change=1)
    changed = value(f"SELECT count(DISTINCT product_id) FROM (FROM '{after}' EXCEPT FROM '{before}')")
    assert 10 <= changed <= 60


def test_a_changed_shard_changes_neighbors_only(tmp_path: Path) -> None:
    before, after = made(tmp_path), made(tmp_path, "changed.parquet", change=1, one_shard=True)
    changed = duckdb.sql(f"SELECT DISTINCT product_id FROM (FROM '{after}' EXCEPT FROM '{before}') ORDER BY 1").fetchall()
    assert [row[0] for row in changed] == [f"TW{place:08d}" for place in range(ROWS * 3 // 5 // 100)]


def test_stock_names_skus_of_the_catalog(tmp_path: Path) -> None:
    catalog, stock = made(tmp_path), tmp_path / "stock.csv"
    generate_stock(stock, ROWS, 7)
    assert value(f"SELECT count(*) FROM read_csv('{stock}') WHERE sku NOT IN (SELECT sku FROM '{catalog}')") == 0
    assert value(f"SELECT count(DISTINCT location_id) FROM read_csv('{stock}')") == 4
