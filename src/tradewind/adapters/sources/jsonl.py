"""JSON lines: each line is one record; a broken one is rejected with its column."""

import io
import json

from tradewind.adapters.sources.encodings import Utf8Stream
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.values import text_problem
from tradewind.adapters.sources.writers import Reading, RecordWriter, Staged

_PROGRESS_ROWS = 5_000


def _no_constant(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


class _Raw(io.RawIOBase):
    """The checked stream as a raw file, so that lines come at the speed of io.BufferedReader."""

    def __init__(self, stream: Utf8Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def stage_json_lines(reading: Reading) -> Staged:
    """Stages every line that is a JSON object under its line number; empty lines are no rows."""
    writer = RecordWriter(reading)
    with SourceFile(reading.path) as source:
        stream = Utf8Stream(source, reading.encoding or "utf-8", reading.options.max_line_bytes)
        lines = io.TextIOWrapper(io.BufferedReader(_Raw(stream), 1 << 20), encoding="utf-8", newline="\n")
        for number, line in enumerate(lines, 1):
            text = line.strip(" \t\r\n")
            if text:
                _take(writer, reading, number, text)
            if number % _PROGRESS_ROWS == 0:
                reading.progress(source.position, source.size, number)
        sha256 = source.finish()
    reading.progress(source.size, source.size, writer.rows)
    return writer.finish(sha256, source.size)


def _decoded(text: str) -> object:
    try:
        record, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at column {error.colno}") from None
    if end != len(text):
        raise ValueError(f"something follows the object at column {end + 1}")
    return record


def _take(writer: RecordWriter, reading: Reading, number: int, text: str) -> None:
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
    return writer.add(number, record, text.replace("\r", " "))
