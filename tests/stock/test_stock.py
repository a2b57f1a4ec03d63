"""Stock: counts from a file, one statement that decides, and a ledger that always adds up."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind import stock
from tradewind.db import Database
from tradewind.stock.rules import HEADER, checked

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_file(folder: Path, *rows: str, header: str = "sku,location_id,on_hand") -> Path:
    path = folder / "counted.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def counted(database: Database, folder: Path, *rows: str) -> stock.StockImport:
    return stock.import_counts(database, a_file(folder, *rows), at=NOW)


def available(database: Database, sku: str) -> list[int]:
    return [level.available for level in stock.show(database, sku)[0]]


def test_a_count_becomes_what_is_there(database: Database, tmp_path: Path) -> None:
    assert counted(database, tmp_path, "A,SZX-1,5", "A,LAX-1,7") == stock.StockImport(2, 2, 2, ())
    assert available(database, "A") == [7, 5]


def test_counting_the_same_again_moves_nothing(database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    assert counted(database, tmp_path, "A,SZX-1,5").changed == 0
    assert len(stock.show(database, "A")[1]) == 1


def test_bad_rows_are_reported_with_their_number_and_the_good_ones_taken(database: Database, tmp_path: Path) -> None:
    done = counted(database, tmp_path, "A,SZX-1,5", ",SZX-1,5", "B,SZX-1,-1", "C,SZX-1", "A,SZX-1,9", "D,SZX-1,1e3")
    assert (done.rows, done.taken, [(bad.row, bad.field) for bad in done.bad]) == (
        6,
        1,
        [(3, "sku"), (4, "on_hand"), (5, ""), (6, "sku"), (7, "on_hand")],
    )


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(stock.StockFileIsInvalid):
        stock.read_counts(a_file(tmp_path, "A,5", header="sku,quantity"))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"sku,location_id,on_hand\n\xff\xfe,a,1\n")
    with pytest.raises(stock.StockFileIsInvalid, match="not UTF-8"):
        stock.read_counts(path)


def test_a_count_below_what_is_promised_is_refused(database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    with database.transaction() as tx:
        tx.execute("UPDATE stock_level SET reserved = 4")
    done = counted(database, tmp_path, "A,SZX-1,3")
    assert (done.taken, done.bad[0].reason) == (0, "4 units are already reserved, allocated or unavailable")


def test_the_database_itself_forbids_the_impossible(database: Database, tmp_path: Path) -> None:
    counted(database, tmp_path, "A,SZX-1,5")
    with pytest.raises(psycopg.errors.CheckViolation), database.transaction() as tx:
        tx.execute("UPDATE stock_level SET reserved = 6")


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=12))
def test_any_row_is_either_a_count_or_says_what_is_wrong(sku: str, location: str, units: str) -> None:
    found = checked(2, dict(zip(HEADER, (sku, location, units), strict=True)))
    assert isinstance(found, stock.StockCount | stock.BadRow)
    assert not isinstance(found, stock.StockCount) or found.on_hand >= 0
