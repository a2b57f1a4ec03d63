"""Feed files within a channel's limit of size: parts with stable names, items never cut, and a gzipped copy of each."""

import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from tradewind.kit import InputIsInvalid

# Google takes files below 4 GB.
SIZE_LIMIT: Final = 4_000_000_000
COPY_CHUNK: Final = 1 << 20
_FOOTER = {".tsv": b"", ".xml": b"</channel>\n</rss>\n"}


class FeedCannotBeSplit(InputIsInvalid):
    """One item, with the head and foot of its file, is larger than a file may be."""

    code = "feed_cannot_be_split"


def split(source: Path, folder: Path, *, limit: int = SIZE_LIMIT) -> list[Path]:
    """The file as parts of at most `limit` bytes in `folder`: its own name for one part, else name-001, name-002, …; one item is one line.

    Parts of an earlier, longer feed are removed. Memory is one line.
    """
    footer = _FOOTER[source.suffix]
    parts: list[Path] = []
    with source.open("rb") as file:
        header, first = _head(file)
        part: IO[bytes] | None = None
        for line in _lines(first, file):
            if line == footer[: len(line)] and not line.startswith(b"<item>"):
                break
            if len(header) + len(line) + len(footer) > limit:
                raise FeedCannotBeSplit(f"an item of {source.name} has {len(line):,} bytes, a file {limit:,}", hint="shorten its texts")
            if part is None or part.tell() + len(line) + len(footer) > limit:
                _finish(part, footer)
                parts.append(_scratch(source, folder, len(parts) + 1))
                part = parts[-1].open("wb")
                part.write(header)
            part.write(line)
        if part is None:
            parts.append(_scratch(source, folder, 1))
            part = parts[-1].open("wb")
            part.write(header)
        _finish(part, footer)
    return _named(source, folder, parts)


def _scratch(source: Path, folder: Path, number: int) -> Path:
    return folder / f".{source.stem}-{number:03d}{source.suffix}.{os.getpid()}"


def _head(file: IO[bytes]) -> tuple[bytes, bytes]:
    header = file.readline()
    if not header.startswith(b"<?xml"):
        return header, b""
    while (line := file.readline()) and not line.startswith((b"<item>", b"</channel>")):
        header += line
    return header, line


def _lines(first: bytes, file: IO[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from file


def _finish(part: IO[bytes] | None, footer: bytes) -> None:
    if part is not None:
        part.write(footer)
        part.close()


def _named(source: Path, folder: Path, parts: list[Path]) -> list[Path]:
    single = len(parts) == 1
    targets = [folder / (source.name if single else part.stem.removeprefix(".")) for part in parts]
    kept = {path.name for path in targets} | {f"{path.name}.gz" for path in targets}
    for part, target in zip(parts, targets, strict=True):
        part.replace(target)
    for old in folder.glob(f"{source.stem}*{source.suffix}*"):
        if old.name not in kept and old != source:
            old.unlink()
    return targets


def parts_of(folder: Path, stem: str = "products", suffix: str = ".tsv") -> list[str]:
    """The names of the parts of a split feed in their order; none while it is one file."""
    return sorted(path.name for path in folder.glob(f"{stem}-[0-9][0-9][0-9]{suffix}"))


def zipped(path: Path) -> Path:
    """The gzipped copy beside the file; the same content gives the same bytes."""
    target = path.with_name(f"{path.name}.gz")
    scratch = path.with_name(f".{path.name}.gz.{os.getpid()}")
    with path.open("rb") as source, scratch.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        shutil.copyfileobj(source, packed, COPY_CHUNK)
    scratch.replace(target)
    return target
