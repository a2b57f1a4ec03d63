"""A JSON document whose records stand in a list: parsed as a stream, one record in memory at a time."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import ijson

from tradewind.adapters.sources.encodings import Utf8Stream
from tradewind.adapters.sources.errors import JsonIsBroken, SourceIsTooLarge
from tradewind.adapters.sources.limits import LIST_SEARCH_DEPTH, MAX_CONTENT_BYTES
from tradewind.adapters.sources.lists import choose_list, no_such_list
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.values import text_problem
from tradewind.adapters.sources.writers import Reading, RecordWriter, Staged

_ROOT_LIST = "item"
_SILENT_LINES = 4  # times the line limit: how much may pass without a record ending


def stage_json(reading: Reading) -> Staged:
    """Stages every object of the list; `_row` is its place in the list."""
    prefix = _prefix(reading)
    writer = RecordWriter(reading)
    row = 0
    with SourceFile(reading.path) as source:
        for item in _items(reading, source, prefix):
            row += 1
            _take(writer, reading, row, item)
            if row % 1000 == 0:
                reading.progress(source.position, source.size, row)
        sha256 = source.finish()
    if row == 0 and reading.options.items:
        raise no_such_list(reading.options.items, reading.path)
    reading.progress(source.size, source.size, row)
    return writer.finish(sha256, source.size)


def _take(writer: RecordWriter, reading: Reading, row: int, item: object) -> None:
    if not isinstance(item, dict):
        return reading.rejects.add(row, "it is not an object", value=str(item), hint='write an object: {"sku": …}')
    problem = text_problem(item)
    if problem:
        return reading.rejects.add(row, problem[1], field=problem[0], value=str(item), hint="delete the character, or flatten the value")
    text = json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=_number)
    return writer.add(row, item, text.encode())


def _number(value: object) -> float | str:
    """A decimal as the JSON number it was; as text where a double could not hold all its digits."""
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)


def _prefix(reading: Reading) -> str:
    """Where ijson finds the records."""
    if reading.options.items:
        return f"{reading.options.items.strip('.')}.item"
    found: dict[str, int] = {}
    with SourceFile(reading.path) as source:
        for prefix, event, _value in _parsed(reading, source, ijson.parse_coro):
            if prefix == "" and event == "start_array":
                return _ROOT_LIST
            if event == "start_map" and prefix.endswith(".item") and prefix.count(".item") == 1:
                place = prefix.removesuffix(".item")
                if place.count(".") < LIST_SEARCH_DEPTH:
                    found[place] = found.get(place, 0) + 1
    return f"{choose_list(found, reading.path)}.item"


def _items(reading: Reading, source: SourceFile, prefix: str) -> Iterator[object]:
    return _parsed(reading, source, lambda target: ijson.items_coro(target, prefix))


def _parsed(reading: Reading, source: SourceFile, make: Callable[[Any], Any]) -> Iterator[Any]:
    found = ijson.sendable_list()
    parser = make(found)
    stream = Utf8Stream(source, reading.encoding or "utf-8", MAX_CONTENT_BYTES)
    limit = _SILENT_LINES * reading.options.max_line_bytes
    silent = 0
    try:
        for block in stream.blocks():
            parser.send(block)
            silent = 0 if found else silent + len(block)
            if silent > limit:
                raise SourceIsTooLarge(f"{reading.path}: no record ends within {limit} bytes", hint="check that it is a list of records")
            yield from found
            del found[:]
        parser.close()
    except (ijson.JSONError, UnicodeError, ValueError, ArithmeticError) as error:
        raise _broken(reading, error) from None
    yield from found


def _broken(reading: Reading, error: Exception) -> JsonIsBroken:
    """Parses again to find the byte at which the parser gave up."""
    reason = str(error).strip().splitlines()[0].removeprefix("parse error: ").removeprefix("lexical error: ")
    offset, line = _place(reading)
    return JsonIsBroken(
        f"{reading.path} is not well-formed JSON at byte {offset} (line {line}): {reason}",
        hint='export it again; if it has one object a line, say format = "jsonl"',
    )


def _place(reading: Reading) -> tuple[int, int]:
    good = _parse_until_fault(reading, None)
    return _parse_until_fault(reading, good[0])


def _parse_until_fault(reading: Reading, slow_from: int | None) -> tuple[int, int]:
    """The bytes and line up to the faulty block, or, from `slow_from` on, up to the faulty byte."""
    found = ijson.sendable_list()
    parser = ijson.basic_parse_coro(found)
    offset, line = 0, 1
    with SourceFile(reading.path) as source:
        for block in Utf8Stream(source, reading.encoding or "utf-8", MAX_CONTENT_BYTES).blocks():
            pieces = [block] if slow_from is None or offset < slow_from else [block[at : at + 1] for at in range(len(block))]
            for piece in pieces:
                try:
                    parser.send(piece)
                except (ijson.JSONError, UnicodeError, ValueError, ArithmeticError):
                    return offset, line
                del found[:]
                offset += len(piece)
                line += piece.count(b"\n")
    return offset, line
