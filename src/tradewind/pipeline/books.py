"""A run's price books beside its manifest, so that a price can be explained by the very rules that made it."""

import json
import zlib
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tradewind.pipeline.errors import ManifestIsBroken
from tradewind.pipeline.manifest import Workspace, to_json, write_atomically, write_bytes_atomically
from tradewind.pricing import PriceBook, duty_table
from tradewind.pricing import unpacked as unpacked_duties

BOOKS_KEPT = 32


def save(workspace: Workspace, run_id: str, book: PriceBook) -> None:
    """The book as JSON in the run's folder; its table of duties, which may have thousands of lines, packed beside it."""
    folder, table = workspace.run(run_id), duty_table(book.duties)
    write_bytes_atomically(folder / f"book-{book.market}.duties", zlib.compress(table.packed(), 1))
    write_atomically(folder / f"book-{book.market}.json", to_json(asdict(replace(book, duties=())) | {"duties": table.digest}))


def load(workspace: Workspace, run_id: str, market: str) -> PriceBook | None:
    """The book that priced the market in this run; None when it was not kept, ManifestIsBroken when it is not readable."""
    path = workspace.run(run_id) / f"book-{market}.json"
    try:
        return _loaded(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ManifestIsBroken(f"the price book {path} cannot be read: {error}", hint="run again: tradewind run") from None


@lru_cache(maxsize=BOOKS_KEPT)
def _loaded(path: Path, _written: int) -> PriceBook:
    """The book in a file as it was written then; kept, because a page that tells prices reads the same ones again and again."""
    table = unpacked_duties(zlib.decompress(path.with_suffix(".duties").read_bytes()))
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw["duties"] != table.digest:
        raise ValueError("its table of duties is another one")
    book: PriceBook = _decoded(PriceBook, raw | {"duties": table})
    return book


def _decoded(kind: Any, value: Any) -> Any:
    """The value of a frozen dataclass from its JSON form, by the types of its fields."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{field.name: _decoded(hints[field.name], value[field.name]) for field in fields(kind) if field.init})
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        kinds = [parts[0]] * len(value) if len(parts) == 2 and parts[1] is Ellipsis else parts
        return tuple(_decoded(inner, item) for inner, item in zip(kinds, value, strict=True))
    if get_origin(kind) in {Union, UnionType}:
        inner = next(part for part in get_args(kind) if part is not type(None))
        return None if value is None else _decoded(inner, value)
    return date.fromisoformat(value) if kind is date else value
