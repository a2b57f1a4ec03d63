"""Importing a count from a file, and showing what is there."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from tradewind.db import Database, Transaction
from tradewind.stock import store
from tradewind.stock.errors import StockFileIsInvalid, StockUnknown
from tradewind.stock.model import BadRow, StockCount, StockDelta, StockImport, StockLevel, StockMovement
from tradewind.stock.rules import DELTA_HEADER, DELTA_NEEDS, HEADER, checked, checked_delta

MAX_ROWS = 10_000_000
MAX_FIELD_CHARS = 10_000


def _nothing(_tx: Transaction, _skus: Sequence[str]) -> None:
    """For callers that need nothing done with the counted skus."""


def read_counts(path: Path) -> tuple[list[StockCount], list[BadRow]]:
    """The counts of a UTF-8 CSV file with the columns sku, location_id, on_hand, and the rows that are none. The first of two wins."""
    csv.field_size_limit(MAX_FIELD_CHARS)
    good: dict[tuple[str, str], StockCount] = {}
    bad: list[BadRow] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for found in _rows(csv.reader(file), path):
                first = good.setdefault((found.sku, found.location_id), found) if isinstance(found, StockCount) else None
                if isinstance(found, BadRow):
                    bad.append(found)
                elif first is not found:
                    bad.append(BadRow(found.row, "sku", found.sku, f"{found.location_id} was counted in row {first.row if first else 0}"))
    except FileNotFoundError:
        raise StockFileIsInvalid(f"there is no file {path}", hint="tradewind stock import FILE.csv") from None
    except UnicodeDecodeError as error:
        raise StockFileIsInvalid(f"{path} is not UTF-8 text at byte {error.start:,}", hint="save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise StockFileIsInvalid(f"{path} is not CSV: {error}", hint="save it as CSV in UTF-8, with commas") from None
    return list(good.values()), bad


def import_counts(
    database: Database, path: Path, *, at: datetime, then: Callable[[Transaction, Sequence[str]], object] = _nothing
) -> StockImport:
    """The counts of the file become what is on hand, in one transaction; StockFileIsInvalid when it is no stock file.

    `then` is told of the counted skus in the same transaction.
    """
    counts, bad = read_counts(path)
    with database.transaction(timeout_seconds=store.EXPORT_SECONDS) as tx:
        changed, refused = store.set_on_hand(tx, counts, reference=path.name, at=at)
        then(tx, list(dict.fromkeys(count.sku for count in counts)))
    rows = len(counts) + len(bad)
    return StockImport(rows, len(counts) - len(refused), changed, tuple(sorted([*bad, *refused], key=lambda one: one.row)))


def read_deltas(path: Path, at: datetime) -> tuple[list[StockDelta], list[BadRow]]:
    """The deltas of a UTF-8 CSV file and the rows that are none. A row without a delta_id is known by the file's content and its place."""
    good: list[StockDelta] = []
    bad: list[BadRow] = []
    csv.field_size_limit(MAX_FIELD_CHARS)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="")
            names = reader.fieldnames or []
            if not set(DELTA_NEEDS) <= set(names) or not set(names) <= set(DELTA_HEADER):
                hint = f"its first line names some of {','.join(DELTA_HEADER)}; sku and location_id are needed"
                raise StockFileIsInvalid(f"{path} begins with {','.join(names)[:200]!r}", hint=hint)
            for row, values in enumerate(reader, start=2):
                found = checked_delta(row, values, f"{digest}-{row}", at)
                (good if isinstance(found, StockDelta) else bad).append(found)  # type: ignore[arg-type]
    except FileNotFoundError:
        raise StockFileIsInvalid(f"there is no file {path}", hint="tradewind stock delta FILE.csv") from None
    except UnicodeDecodeError as error:
        raise StockFileIsInvalid(f"{path} is not UTF-8 text at byte {error.start:,}", hint="save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise StockFileIsInvalid(f"{path} is not CSV: {error}", hint="save it as CSV in UTF-8, with commas") from None
    return good, bad


def show(database: Database, sku: str) -> tuple[list[StockLevel], list[StockMovement]]:
    """A sku's levels and its last movements; StockUnknown when it was never counted."""
    with database.transaction() as tx:
        found, moved = store.levels(tx, sku), store.movements(tx, sku)
    if not found:
        raise StockUnknown(
            f'no location has counted "{sku}"', hint="tradewind stock import FILE.csv, or: tradewind explain SKU --market us"
        )
    return found, moved


def _rows(reader: Iterable[list[str]], path: Path) -> Iterable[StockCount | BadRow]:
    lines = iter(reader)
    header = [name.strip() for name in next(lines, [])]
    if sorted(header) != sorted(HEADER):
        raise StockFileIsInvalid(f"{path} begins with {','.join(header)[:200]!r}", hint=f"its first line must be {','.join(HEADER)}")
    for row, values in enumerate(lines, start=2):
        if row > MAX_ROWS:
            raise StockFileIsInvalid(f"{path} has more than {MAX_ROWS:,} rows", hint="split it")
        if not values:
            continue
        if len(values) != len(header):
            yield BadRow(row, "", ",".join(values)[:200], f"it has {len(values)} fields, not {len(header)}")
            continue
        yield checked(row, dict(zip(header, values, strict=True)))
