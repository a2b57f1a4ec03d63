"""YAML whose records stand in a list: read event by event, one record in memory at a time.

Scalars keep the text that was written: 0123 stays a code, NO stays Norway, a date stays a date. Only true, false, null and
numbers in JSON's own spelling become JSON values.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tradewind.adapters.sources.encodings import Utf8Stream
from tradewind.adapters.sources.errors import YamlIsBroken
from tradewind.adapters.sources.limits import LIST_SEARCH_DEPTH, MAX_DEPTH, MAX_ITEM_NODES
from tradewind.adapters.sources.lists import choose_list, no_such_list
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.values import character_problem
from tradewind.adapters.sources.writers import Reading, RecordWriter, Staged

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_WORDS = {"true": "true", "True": "true", "TRUE": "true", "false": "false", "False": "false", "FALSE": "false"}
_NULLS = ("", "~", "null", "Null", "NULL")
_MERGE = "<<"


class _ItemIsRefused(Exception):
    """One record is too deep or too large."""


class _Events:
    """Events of one document, with the anchors seen so far and a bound on what aliases may expand to."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0

    def next(self) -> Any:
        return next(self._events)

    def node(self, event: Any, depth: int = 0) -> Any:
        """The value that starts with `event`, leaves as JSON text. A value that is refused is still read to its end."""
        before = self.nodes
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _ItemIsRefused(f"the alias *{event.anchor} stands before the end of its anchor")
            value, size = self._anchors[event.anchor]
            self._count(size)
            return value
        self._count(1)
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = [self.node(child, depth + 1) for child in self._children(yaml.SequenceEndEvent, depth)]
        else:
            value = self._mapping(depth)
        if event.anchor and len(self._anchors) < MAX_ITEM_NODES:
            self._anchors[event.anchor] = (value, self.nodes - before)
        return value

    def skip(self, event: Any) -> None:
        """Passes over the value that starts with `event`, keeping what records may refer to."""
        depth = 0
        while True:
            if isinstance(event, yaml.NodeEvent) and event.anchor and not isinstance(event, yaml.AliasEvent):
                self.nodes = 0
                self.node(event)
            else:
                depth += isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent)
                depth -= isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent)
            if not depth:
                return
            event = self.next()

    def _children(self, end: type, depth: int) -> Iterator[Any]:
        if depth >= MAX_DEPTH:
            raise _ItemIsRefused(f"it is nested more than {MAX_DEPTH} levels deep")
        while not isinstance(event := self.next(), end):
            yield event

    def _mapping(self, depth: int) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        children = self._children(yaml.MappingEndEvent, depth)
        for event in children:
            key = event.value if isinstance(event, yaml.ScalarEvent) else render(self.node(event, depth + 1))
            value = self.node(self.next(), depth + 1)
            if key == _MERGE:
                for part in reversed(value if isinstance(value, list) else [value]):
                    merged |= part if isinstance(part, dict) else {}
            else:
                own[key] = value
        return merged | own

    def _count(self, size: int) -> None:
        self.nodes += size
        if self.nodes > MAX_ITEM_NODES:
            raise _ItemIsRefused(f"it holds more than {MAX_ITEM_NODES} values, aliases expanded")


def render(node: Any) -> str:
    """A node as JSON text on one line."""
    if isinstance(node, dict):
        return "{" + ",".join(f"{_text(key)}:{render(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(render, node)) + "]"
    return str(node)


def stage_yaml(reading: Reading) -> Staged:
    """Stages every mapping of the list; `_row` is its place in the list."""
    place = reading.options.items or _find(reading)
    writer = RecordWriter(reading)
    with SourceFile(reading.path) as source:
        try:
            row = _stage_list(writer, reading, source, place)
        except (yaml.YAMLError, StopIteration, RecursionError, _ItemIsRefused) as error:
            raise _broken(reading, error) from None
        sha256 = source.finish()
    if row is None:
        raise no_such_list(place, reading.path)
    reading.progress(source.size, source.size, row)
    return writer.finish(sha256, source.size)


def _stage_list(writer: RecordWriter, reading: Reading, source: SourceFile, place: str) -> int | None:
    events = _open(reading, source)
    if not _walk_to(events, place.split(".") if place else []):
        return None
    row = 0
    while not isinstance(event := events.next(), yaml.SequenceEndEvent):
        row += 1
        events.nodes = 0
        line = event.start_mark.line + 1
        try:
            item = events.node(event)
        except _ItemIsRefused as refusal:
            # What is left of this record cannot be told from the next one once part of it was read.
            raise YamlIsBroken(f"{reading.path}: record {row} (line {line}): {refusal}", hint="flatten it") from None
        _take(writer, reading, row, item)
        if row % 1000 == 0:
            reading.progress(source.position, source.size, row)
    for _event in iter(events.next, None):
        if isinstance(_event, yaml.StreamEndEvent):
            break
    return row


def _take(writer: RecordWriter, reading: Reading, row: int, item: Any) -> None:
    text = render(item)
    if not isinstance(item, dict):
        return reading.rejects.add(row, "it is not a mapping", value=text, hint="write one as `- sku: …`")
    problem = character_problem(text) or ("it holds a NUL character" if "\\u0000" in text else "")
    if problem:
        return reading.rejects.add(row, problem, value=text, hint="delete the character")
    return writer.add(row, item, text.encode())


def _open(reading: Reading, source: SourceFile) -> _Events:
    stream = Utf8Stream(source, reading.encoding or "utf-8", reading.options.max_line_bytes)
    return _Events(yaml.parse(stream, Loader=yaml.CSafeLoader))


def _root(events: _Events) -> Any:
    while isinstance(event := events.next(), yaml.StreamStartEvent | yaml.DocumentStartEvent):
        pass
    return event


def _walk_to(events: _Events, path: list[str]) -> bool:
    """Reads up to the start of the list at `path`; False when it is not there."""
    event = _root(events)
    for step in path:
        if not isinstance(event, yaml.MappingStartEvent):
            return False
        found = None
        while found is None:
            key = events.next()
            if isinstance(key, yaml.MappingEndEvent):
                return False
            events.skip(key)
            value = events.next()
            if getattr(key, "value", None) == step:
                found = value
            else:
                events.skip(value)
        event = found
    return isinstance(event, yaml.SequenceStartEvent)


def _find(reading: Reading) -> str:
    """The path of the list; empty when the document itself is one."""
    found: dict[str, int] = {}
    with SourceFile(reading.path) as source:
        try:
            events = _open(reading, source)
            root = _root(events)
            if isinstance(root, yaml.SequenceStartEvent):
                return ""
            if isinstance(root, yaml.MappingStartEvent):
                _search(events, [], found)
        except (yaml.YAMLError, StopIteration, RecursionError, _ItemIsRefused) as error:
            raise _broken(reading, error) from None
    return choose_list(found, reading.path)


def _search(events: _Events, path: list[str], found: dict[str, int]) -> None:
    while not isinstance(key := events.next(), yaml.MappingEndEvent):
        events.skip(key)
        place = [*path, str(getattr(key, "value", ""))]
        value = events.next()
        if isinstance(value, yaml.MappingStartEvent) and len(place) < LIST_SEARCH_DEPTH:
            _search(events, place, found)
        elif isinstance(value, yaml.SequenceStartEvent):
            count = _mappings(events)
            if count:
                found[".".join(place)] = count
        else:
            events.skip(value)


def _mappings(events: _Events) -> int:
    """How many items of the list that was just opened are mappings; reads to its end."""
    count = 0
    while not isinstance(child := events.next(), yaml.SequenceEndEvent):
        count += isinstance(child, yaml.MappingStartEvent)
        events.skip(child)
    return count


def _scalar(event: Any) -> str:
    text = event.value
    if event.implicit[0]:  # plain: neither quoted nor tagged
        if text in _NULLS:
            return "null"
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            return str(text)
    return _text(text)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _broken(reading: Reading, error: Exception) -> YamlIsBroken:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        place = f"line {mark.line + 1}, column {mark.column + 1}"
    elif hasattr(error, "position"):
        place = f"character {error.position}"
    elif isinstance(error, _ItemIsRefused):
        return YamlIsBroken(f"{reading.path}: {error}", hint="write the values out")
    else:
        place = "its end" if isinstance(error, StopIteration) else "a place nested too deeply"
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    return YamlIsBroken(f"{reading.path} is not well-formed YAML at {place}: {reason}", hint="check the indentation and the quotes there")
