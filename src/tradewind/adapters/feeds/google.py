"""Google's two feed files, TSV and RSS 2.0: fragments of one line an item, merged by id and assembled into files.

A fragment is sorted by id, so that the same listings always give the same bytes. DuckDB writes the lines; Python only moves bytes.
"""

import mmap
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import duckdb

from tradewind.adapters.feeds.forms import rss_element, tsv_column, xml_text
from tradewind.db import duck
from tradewind.listings import ATTRIBUTES
from tradewind.listings.conditions import quoted
from tradewind.listings.model import FURTHER
from tradewind.pipeline import PATCH, replaced_ids

TSV_PART: Final = "products.tsv.part"
XML_PART: Final = "products.xml.part"
PARTS: Final = (TSV_PART, XML_PART)
COPY_CHUNK = 1 << 30
LISTINGS: Final = "listings.parquet"

TSV_HEADER = ("\t".join(ATTRIBUTES) + "\n").encode()
XML_FOOTER = b"</channel>\n</rss>\n"


def xml_header(title: str, link: str) -> bytes:
    """The head of the RSS file: the channel's title, address and description."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
        f"<title>{xml_text(title)}</title>\n<link>{xml_text(link)}</link>\n<description>{xml_text(title)}</description>\n"
    ).encode()


def rss_item(names: Sequence[str]) -> str:
    """The SQL that writes one item of an RSS feed on one line, from columns with these names."""
    return f"concat('<item>', {', '.join(rss_element(name) for name in names)}, '</item>')"


# Most shards say nothing of these, and a question about each of their values would cost more than to ask once for all.
_RARE = (*(name for name in FURTHER if name in ATTRIBUTES), "structured_title", "structured_description")
# What a bare COPY of the finished table is measured with, too.
TSV_OPTIONS: Final = "(FORMAT csv, HEADER false, DELIMITER e'\\t', QUOTE '\"', ESCAPE '\"')"
_LINES = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER e'\\x01')"


def absent_columns(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The rare attributes that no listing has."""
    counts = connection.execute(f"SELECT {', '.join(f'count({name})' for name in _RARE)} FROM listings").fetchone() or ()
    return frozenset(name for name, count in zip(_RARE, counts, strict=True) if not count)


def write_tsv(connection: duckdb.DuckDBPyConnection, target: Path, absent: Collection[str]) -> None:
    """The rows of `listings` as TSV without a header; `absent` are columns without any value."""
    columns = ", ".join(f"NULL AS {name}" if name in absent else tsv_column(name) for name in ATTRIBUTES)
    connection.execute(f"COPY (SELECT {columns} FROM listings) TO {quoted(str(target))} {TSV_OPTIONS}")


def write_items(connection: duckdb.DuckDBPyConnection, target: Path, absent: Collection[str]) -> None:
    """The rows of `listings` as items of RSS, one a line."""
    line = rss_item([name for name in ATTRIBUTES if name not in absent])
    connection.execute(f"COPY (SELECT {line} FROM listings) TO {quoted(str(target))} {_LINES}")


@dataclass(frozen=True, slots=True)
class GoogleFragments:
    """The feed fragments of a shard: written from the temp table `listings`, or merged from an earlier run's."""

    parts: tuple[str, ...] = PARTS

    def write(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Write the fragments of the temp table `listings` into `folder`, in the order of the table (offer_id)."""
        absent = absent_columns(connection)
        write_tsv(connection, folder / TSV_PART, absent)
        write_items(connection, folder / XML_PART, absent)

    def merge(self, earlier: Path, fresh: Path, replaced: Collection[str], target: Path) -> None:
        """Write to `target` the earlier fragments (there may be none) without the ids in `replaced`, together with the fresh ones, still sorted."""
        for name in PARTS:
            with (target / name).open("wb") as file:
                _merge(earlier / name, fresh / name, replaced, file)


def _merge(earlier: Path, fresh: Path, replaced: Collection[str], target: IO[bytes]) -> None:
    after, ids = fresh.read_bytes(), [identity.encode() for identity in replaced]
    if not earlier.exists() or not earlier.stat().st_size:
        target.write(after)
        return
    # The earlier file is mapped, not read: most of it goes straight from the page cache to the new file.
    with earlier.open("rb") as old:
        target.writelines(_merged(mmap.mmap(old.fileno(), 0, access=mmap.ACCESS_READ), after, ids, earlier.name))


def _merged(before: bytes | mmap.mmap, after: bytes, replaced: Sequence[bytes], name: str) -> Iterator[memoryview | bytes]:
    """Long runs of untouched lines are handed on as they lie; only the places that changed are looked for."""
    start, end = (b"", b"\t") if name == TSV_PART else (b"<item><g:id>", b"</g:id>")
    lines = {line[len(start) : line.index(end)]: line for line in after.splitlines(keepends=True)}
    whole, position = memoryview(before), 0
    for identity in sorted({*replaced, *lines}):
        place = _line_at(before, start + identity + end, start, end, position)
        yield whole[position:place]
        position = place
        key = start + identity + end
        if before[place : place + len(key)] == key:
            position = before.find(b"\n", place) + 1
        if identity in lines:
            yield lines[identity]
    yield whole[position:]


def _line_at(text: bytes | mmap.mmap, key: bytes, start: bytes, end: bytes, low: int) -> int:
    """Where the line with this id begins or would begin, at or after `low`; lines are sorted by id."""
    identity = key[len(start) : -len(end)]
    high = len(text)
    while low < high:
        middle = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
        begin = middle + len(start)
        if text[begin : text.find(end, begin)] < identity:
            low = text.find(b"\n", middle) + 1
        else:
            high = middle
    return low


def write_rss(connection: duckdb.DuckDBPyConnection, items: str, target: Path, title: str, link: str) -> None:
    """Write a whole RSS file from a query whose rows are items."""
    lines = target.with_name(f".{target.name}.items")
    connection.execute(f"COPY ({items}) TO {quoted(str(lines))} {_LINES}")
    assemble([lines], target, xml_header(title, link), XML_FOOTER)
    lines.unlink()


def assemble(fragments: Sequence[Path], target: Path, header: bytes, footer: bytes = b"", *, synced: bool = True) -> int:
    """Join fragments, with the patches beside them, in the given order into `target` with one rename at the end; the bytes written.

    What is not `synced` may be short after a power cut.
    """
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with scratch.open("wb") as file:
        file.write(header)
        for fragment in fragments:
            patch = fragment.parent / PATCH
            if patch.is_dir():
                _merge(fragment, patch / fragment.name, replaced_ids(patch), file)
            else:
                file.flush()
                _append(fragment, file.fileno())
        file.write(footer)
        size = file.tell()
        file.flush()
        if synced:
            os.fsync(file.fileno())
    scratch.replace(target)
    return size


def _append(fragment: Path, target: int) -> None:
    with fragment.open("rb") as source:
        left = os.fstat(source.fileno()).st_size
        while left:
            left -= os.sendfile(target, source.fileno(), None, min(left, COPY_CHUNK))


def leave_out(folder: Path, offer_ids: frozenset[str]) -> None:
    """Takes the listings of these ids out of both feeds of `folder`, each with one rename."""
    ids = {identity.encode() for identity in offer_ids}
    for name, start, end in (("products.tsv", b"", b"\t"), ("products.xml", b"<item><g:id>", b"</g:id>")):
        scratch = folder / f".{name}.{os.getpid()}"
        with (folder / name).open("rb") as source, scratch.open("wb") as target:
            target.writelines(line for line in source if not (line.startswith(start) and line[len(start) : line.find(end)] in ids))
            target.flush()
            os.fsync(target.fileno())
        scratch.replace(folder / name)


def _tsv_header(shards: Sequence[Path]) -> bytes:
    """The columns that the fragments have: a run of an earlier release lacks those that came since, and is shown until the next run."""
    listings = next((shard / LISTINGS for shard in shards if (shard / LISTINGS).is_file()), None)
    if listings is None:
        return TSV_HEADER
    with duck.connect(threads=1, memory_limit_mb=256) as connection:
        rows = connection.execute(f"SELECT column_name FROM (DESCRIBE FROM {duck.parquet([listings])})").fetchall()
    there = {str(row[0]) for row in rows}
    return ("\t".join(name for name in ATTRIBUTES if name in there) + "\n").encode()


def assemble_market(shards: Sequence[Path], folder: Path, title: str, link: str) -> dict[str, int]:
    """Make products.tsv and products.xml in `folder` from the market's shard folders, in their order; bytes by file name.

    They are not synced to the disk: a run's publication does that, and a run that is not published need not wait for gigabytes.
    """
    tsv, xml = ([shard / part for shard in shards] for part in PARTS)
    return {
        "products.tsv": assemble(tsv, folder / "products.tsv", _tsv_header(shards), synced=False),
        "products.xml": assemble(xml, folder / "products.xml", xml_header(title, link), XML_FOOTER, synced=False),
    }
