"""Turns the bytes of an export into records, and says plainly what is wrong with a file that is not one."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Mapping
from typing import Any

from tradewind.markets.errors import TariffIsInvalid

MAX_BYTES = 300_000_000
MAX_ROWS = 2_000_000
_MAX_FIELD = 1_000_000
_CHUNK = 1 << 20
Record = Mapping[str, Any]


def records_of(data: bytes, name: str) -> list[dict[str, Any]]:
    """The records of a JSON or CSV export, plain or gzipped, with keys in lower case; TariffIsInvalid says what the file is instead."""
    text = _text(_unpacked(data, name), name)
    start = text.lstrip()[:200].casefold()
    if not start:
        raise TariffIsInvalid(f"{name} is empty", hint="download the export again")
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise TariffIsInvalid(f"{name} is a web page, not an export", hint="use the export button of the site, not the browser's save")
    return _from_json(text, name) if start[0] in "[{" else _from_csv(text, name)


def _unpacked(data: bytes, name: str) -> bytes:
    if data[:2] == b"PK":
        raise TariffIsInvalid(f"{name} is a ZIP or Excel file", hint="unpack it, or export it as CSV or JSON")
    if data[:2] != b"\x1f\x8b":
        return _limited(data, name)
    unpacked, stream = bytearray(), gzip.GzipFile(fileobj=io.BytesIO(data))
    try:
        while piece := stream.read(_CHUNK):
            unpacked += piece
            _limited(unpacked, name)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TariffIsInvalid(f"{name} is a gzip file that is cut off or damaged: {error}", hint="download it again") from None
    return bytes(unpacked)


def _limited(data: "bytes | bytearray", name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise TariffIsInvalid(f"{name} holds more than {MAX_BYTES:,} bytes", hint="no official tariff is that long: is it the right file?")
    return bytes(data) if isinstance(data, bytes) else b""


def _text(data: bytes, name: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise TariffIsInvalid(f"{name} is in UTF-16", hint=f"save it as UTF-8: iconv -f utf-16 -t utf-8 {name}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = f"byte {error.start + 1:,} is 0x{data[error.start]:02x}"
        raise TariffIsInvalid(
            f"{name} is not UTF-8: {at}", hint=f"it may be a Windows encoding: iconv -f windows-1252 -t utf-8 {name}"
        ) from None


def _from_json(text: str, name: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise TariffIsInvalid(f"{name} is not JSON: {error}", hint="the download may have been cut off: fetch it again") from None
    rows = found.get("results", found.get("data")) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise TariffIsInvalid(f"{name} is JSON, but no list of records", hint="the USITC export is a list with htsno in each record")
    return [{str(key).casefold(): value for key, value in row.items()} for row in _counted(rows, name)]


def _from_csv(text: str, name: str) -> list[dict[str, Any]]:
    csv.field_size_limit(_MAX_FIELD)
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise TariffIsInvalid(f"{name} is not CSV: {error}", hint="the download may have been cut off: fetch it again") from None
    # Some agencies write a title above the header: the header is the first line with two names, or the only column.
    head = next((at for at, line in enumerate(lines[:10]) if _is_header(line)), 0)
    names = [cell.strip().casefold() for cell in lines[head]]
    rows = [line for line in lines[head + 1 :] if any(cell.strip() for cell in line)]
    return [_record(names, line) for line in _counted(rows, name)]


def _is_header(line: list[str]) -> bool:
    filled = [cell.strip() for cell in line if cell.strip()]
    return len(filled) == len([cell for cell in line if cell is not None]) and bool(filled) and len(set(filled)) == len(filled)


def _record(names: list[str], line: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = dict.fromkeys(names, "") | dict(zip(names, line, strict=False))
    if len(line) != len(names):
        record["\0shape"] = f"{len(line)} columns in place of {len(names)}"
    return record


def _counted(rows: list[Any], name: str) -> list[Any]:
    if len(rows) > MAX_ROWS:
        raise TariffIsInvalid(f"{name} has {len(rows):,} rows", hint=f"at most {MAX_ROWS:,} are read: is it the right file?")
    return rows
