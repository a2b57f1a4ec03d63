"""JSON lines: each line is one record; a broken one is rejected with its column."""

import json
from collections.abc import Iterator

from tradewind.adapters.sources.encodings import Utf8Stream, check_utf8
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.values import text_problem
from tradewind.adapters.sources.writers import Reading, RecordWriter, Staged

_PROGRESS_ROWS = 5_000


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def stage_json_lines(reading: Reading) -> Staged:
    """Stages every line that is a JSON object under its line number; empty lines are no rows."""
    writer = RecordWriter(reading)
    limit = reading.options.max_line_bytes
    with SourceFile(reading.path) as source:
        stream = Utf8Stream(source, reading.encoding or "utf-8", limit, trusted=True)  # each line is decoded below
        for number, line in enumerate(_lines(stream), 1):
            bare = line.strip(b" \t\r")
            if bare:
                try:
                    text = bare.decode()
                except UnicodeDecodeError:
                    check_utf8(reading.path, limit)
                    raise
                _take(writer, reading, number, bare, text)
            if number % _PROGRESS_ROWS == 0:
                reading.progress(source.position, source.size, number)
        sha256 = source.finish()
    reading.progress(source.size, source.size, writer.rows)
    return writer.finish(sha256, source.size)


def _lines(stream: Utf8Stream) -> Iterator[bytes]:
    rest = b""
    for block in stream.blocks():
        first, *others = block.split(b"\n")
        rest += first
        for line in others:
            yield rest
            rest = line
    if rest:
        yield rest


def _decoded(text: str) -> object:
    try:
        record, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at column {error.colno}") from None
    if end != len(text):
        raise ValueError(f"something follows the object at column {end + 1}")
    return record


def _take(writer: RecordWriter, reading: Reading, number: int, line: bytes, text: str) -> None:
    try:
        record = _decoded(text)
    except RecursionError:
        return reading.rejects.add(number, "it is nested too deeply", value=text, hint="flatten it")
    except ValueError as error:
        return reading.rejects.add(number, f"not JSON: {error}"[:200], value=text, hint="write one complete JSON object on the line")
    if not isinstance(record, dict):
        return reading.rejects.add(number, "it is JSON, but not an object", value=text, hint='write an object: {"sku": …}')
    problem = text_problem(record) if "\\u" in text or "\0" in text else None
    if problem:
        return reading.rejects.add(number, problem[1], field=problem[0], value=text, hint="delete the character")
    return writer.add(number, record, line.replace(b"\r", b" "))
