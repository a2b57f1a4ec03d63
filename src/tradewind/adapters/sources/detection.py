"""Which format a file has, judged by its content; the name of the file only breaks ties."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tradewind.adapters.sources.encodings import detect_encoding, normal_name
from tradewind.adapters.sources.errors import FormatIsNotASource, FormatIsUnknown
from tradewind.adapters.sources.header import sample_records, sniff_delimiter
from tradewind.adapters.sources.limits import SAMPLE_BYTES
from tradewind.adapters.sources.streams import head_of
from tradewind.catalog.ports import ReadOptions

FORMATS = ("jsonl", "json", "yaml", "csv", "tsv", "parquet", "xlsx", "shopify_csv", "google_tsv", "google_xml")
TABULAR = frozenset({"csv", "tsv", "shopify_csv", "google_tsv"})
BINARY = frozenset({"parquet", "xlsx"})
_KNOWN = "JSON Lines, JSON, YAML, CSV, TSV, Parquet, XLSX, Shopify product CSV and Google feeds (TSV, RSS, Atom), each also gzipped"
_FOREIGN = (
    *(
        (b"%PDF", "PDF"),
        (b"7z\xbc\xaf", "7z"),
        (b"Rar!", "RAR"),
        (b"\x28\xb5\x2f\xfd", "Zstandard"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "XZ"),
    ),
    *((b"\x89PNG", "PNG picture"), (b"\xff\xd8\xff", "JPEG picture"), (b"GIF8", "GIF picture"), (b"SQLite format 3", "SQLite database")),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
_BINARY_CONTROLS, _BINARY_LOOK = 6, 200  # so many control characters, in so many letters
_SHOWN_BYTES = 8
_YAML_LINE = re.compile(r"(?:-\s+\S|---\s*$|%YAML|[\w.\"'-]+:(?:\s|$))")
_TEXT_ENDINGS = {".yaml": "yaml", ".yml": "yaml", ".csv": "csv", ".tsv": "tsv", ".txt": "csv", ".tab": "tsv"}
_GOOGLE_KEYS = frozenset({"id", "title", "link"})
_GOOGLE_TERMS = frozenset({"price", "availability", "image_link", "image link"})


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file is. `sample` is its decoded beginning; encoding is None where the format itself says it."""

    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sample: str = ""


def detect(path: Path) -> str:
    """The format of the file, one of FORMATS; FormatIsUnknown lists what is read."""
    return inspect(path, ReadOptions()).format


def inspect(path: Path, options: ReadOptions) -> Detected:
    """What the file is, where the options do not say it already."""
    head = head_of(path, SAMPLE_BYTES)
    if options.format and options.format not in FORMATS:
        raise FormatIsUnknown(f'"{options.format}" is not a format', hint=f"one of {', '.join(FORMATS)}")
    binary = _binary(head, path)
    wanted = options.format or binary
    if wanted in BINARY:
        return Detected(wanted)
    encoding = normal_name(options.encoding) if options.encoding else detect_encoding(path)
    sample = head.decode(encoding, "replace").lstrip("\ufeff")
    if not sample.strip():
        raise FormatIsUnknown(f"{path} holds nothing but spaces", hint="export it again")
    wanted = wanted or _text_format(sample, path, options)
    if wanted == "google_xml":
        return Detected(wanted, _xml_encoding(options, encoding), None, sample)
    if wanted not in TABULAR:
        return Detected(wanted, encoding, None, sample)
    delimiter = _delimiter(options, sample, wanted)
    shape = wanted if options.format else _table_shape(sample, delimiter)
    return Detected(shape, encoding, delimiter, sample)


def _xml_encoding(options: ReadOptions, encoding: str) -> str | None:
    """XML names its own encoding; only ours, and what its parser cannot tell, is decoded here."""
    return encoding if options.encoding or encoding.startswith("utf-32") else None


def _binary(head: bytes, path: Path) -> str | None:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FormatIsNotASource(f"{path} is an old Excel file (.xls)", hint="open it in Excel and save it as .xlsx")
    for magic, name in _FOREIGN:
        if head.startswith(magic):
            raise FormatIsUnknown(f"{path} is a {name} file", hint=f"unpack or export it; what is read: {_KNOWN}")
    return None


def _is_binary(sample: str) -> bool:
    """Whether the beginning is so full of control characters that showing it would help nobody."""
    return len(_CONTROLS.findall(sample[:_BINARY_LOOK])) >= _BINARY_CONTROLS


def _text_format(sample: str, path: Path, options: ReadOptions) -> str:
    text = sample.lstrip()
    ending = _TEXT_ENDINGS.get(Path(path.name.lower().removesuffix(".gz")).suffix)
    if text.startswith("<"):
        return "google_xml"
    if text.startswith("{"):
        return _object_format(text, path)
    if text.startswith("[") and ending is None:
        return "json"
    if ending:
        return "csv" if ending == "tsv" else ending
    if _is_binary(sample):
        shown = head_of(path, _SHOWN_BYTES).hex(" ")
        raise FormatIsUnknown(f"{path} is binary and of no known kind: its first bytes are {shown}", hint=f"what is read: {_KNOWN}")
    line = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    if _YAML_LINE.match(line):
        return "yaml"
    if options.delimiter or sniff_delimiter(_whole_lines(sample)):
        return "csv"
    raise FormatIsUnknown(f"{path} is in no format that is known: it starts with {sample[:40]!r}", hint=f"what is read: {_KNOWN}")


def _object_format(text: str, path: Path) -> str:
    """One object a line, or one object around a list."""
    first, _, rest = text.partition("\n")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return "jsonl" if re.match(r"[^\n]*\}[ \t\r]*\n\s*\{", text) else "json"
    named = ".json" in path.name.lower() and ".jsonl" not in path.name.lower()
    return "json" if not rest.strip() and named else "jsonl"


def _delimiter(options: ReadOptions, sample: str, wanted: str) -> str:
    if options.delimiter:
        return {"tab": "\t", "\\t": "\t"}.get(options.delimiter, options.delimiter[:1])
    return sniff_delimiter(_whole_lines(sample)) or ("\t" if wanted == "tsv" else ",")


def _whole_lines(sample: str) -> str:
    end = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[:end] if end > 0 and len(sample) >= SAMPLE_BYTES // 4 else sample


def _table_shape(sample: str, delimiter: str) -> str:
    records = sample_records(sample, delimiter, 1)
    names = {name.strip() for name in records[0]} if records else set()
    if {"Handle", "Title"} <= names and any(name.startswith("Variant ") for name in names):
        return "shopify_csv"
    lowered = {name.lower() for name in names}
    if lowered >= _GOOGLE_KEYS and lowered & _GOOGLE_TERMS:
        return "google_tsv"
    return "tsv" if delimiter == "\t" else "csv"
