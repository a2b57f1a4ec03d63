"""What can be read of XML that is not well-formed: each item is cut out as text and parsed alone."""

import re
from collections.abc import Iterator

from lxml import etree

from tradewind.adapters.sources.encodings import Utf8Stream, detect_encoding, normal_name
from tradewind.adapters.sources.errors import XmlIsBroken
from tradewind.adapters.sources.limits import MAX_CONTENT_BYTES
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.writers import Reading, RecordWriter, Staged
from tradewind.adapters.sources.xml_items import root_problem, take
from tradewind.adapters.sources.xml_values import record_of

_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)((?:\s[^<>]*)?)>")
_NAMESPACES = re.compile(rb"""\sxmlns(?::[\w.-]+)?\s*=\s*(?:"[^"<&]*"|'[^'<&]*')""")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_DECLARATION_BYTES = 1000


def declared_encoding(head: bytes) -> str | None:
    """The encoding that the XML declaration names."""
    found = _DECLARED.match(head.removeprefix(b"\xef\xbb\xbf"))
    return found[1].decode("ascii") if found else None


def salvage_xml(reading: Reading) -> Staged:
    """Stages the items that parse alone and rejects the others; `_row` is the item's place in the file."""
    writer = RecordWriter(reading)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    row = 0
    with SourceFile(reading.path) as source:
        for chunk, line, head in _chunks(reading, source):
            row += 1
            problem, record = _parse(parser, chunk, head)
            if record is None:
                text = chunk.decode("utf-8", "replace")
                hint = "write a bare & as &amp;, and close every tag"
                reading.rejects.add(row, f"the item from line {line} is not well-formed: {problem}", value=text, hint=hint)
            else:
                take(writer, reading, row, record)
        sha256 = source.finish()
    reading.progress(source.size, source.size, row)
    return writer.finish(sha256, source.size)


def _parse(parser: etree.XMLParser, chunk: bytes, head: bytes) -> tuple[str, dict[str, object] | str | None]:
    document = b"<?xml version='1.0' encoding='utf-8'?><root" + head + b">" + chunk + b"</root>"
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return str(error).split(", line ")[0], None
    return "", record_of(root[0])


def _encoding(reading: Reading, head: bytes) -> str:
    if reading.encoding:
        return reading.encoding
    declared = declared_encoding(head)
    return normal_name(declared) if declared else detect_encoding(reading.path)


def _chunks(reading: Reading, source: SourceFile) -> Iterator[tuple[bytes, int, bytes]]:
    """Each item's text, the line where it starts, and the namespaces of the document."""
    first = next(source.blocks(), b"")
    with SourceFile(reading.path) as again:
        stream = Utf8Stream(again, _encoding(reading, first[:_DECLARATION_BYTES]), MAX_CONTENT_BYTES)
        cutter: _Cutter | None = None
        buffer = b""
        for block in stream.blocks():
            buffer += block
            if cutter is None:
                cutter = _Cutter.of(buffer, reading)
                if cutter is None:
                    _check_buffer(buffer, reading)
                    continue
            yield from cutter.cut(buffer)
            buffer = buffer[cutter.done :]
            _check_buffer(buffer, reading)
            reading.progress(again.position, again.size, 0)
        if cutter is None:
            raise XmlIsBroken(f"{reading.path} holds no XML element", hint="nothing can be salvaged: export it again")
        yield from cutter.rest(buffer)


class _Cutter:
    """Cuts items out of text by their tags alone. An item that never ends reaches to the start of the next one."""

    def __init__(self, tag: bytes, namespaces: bytes) -> None:
        name = rb"(?:[\w.-]+:)?" + re.escape(tag)
        self._start = re.compile(b"<" + name + rb"(?=[\s>/])")
        self._end = re.compile(b"</" + name + rb"\s*>")
        self._namespaces = namespaces
        self._line = 1
        self.done = 0

    @classmethod
    def of(cls, buffer: bytes, reading: Reading) -> "_Cutter | None":
        root = _ROOT.search(buffer)
        if not root:
            return None
        attributes = root[2]
        tag = root_problem(root[1].rpartition(b":")[2].decode(), attributes.decode("utf-8", "replace"), reading)
        return cls(tag.encode(), b"".join(_NAMESPACES.findall(attributes)))

    def cut(self, buffer: bytes) -> Iterator[tuple[bytes, int, bytes]]:
        """Every item that is complete in the buffer; `done` is how much of it was used."""
        self.done = 0
        while start := self._start.search(buffer, self.done):
            end = self._end.search(buffer, start.end())
            following = self._start.search(buffer, start.end(), end.start() if end else len(buffer))
            stop = following.start() if following else end.end() if end else None
            if stop is None:
                return
            self._line += buffer.count(b"\n", self.done, start.start())
            yield buffer[start.start() : stop], self._line, self._namespaces
            self._line += buffer.count(b"\n", start.start(), stop)
            self.done = stop

    def rest(self, buffer: bytes) -> Iterator[tuple[bytes, int, bytes]]:
        """The item that the end of the file cuts off."""
        start = self._start.search(buffer)
        if start:
            yield buffer[start.start() :], self._line + buffer.count(b"\n", 0, start.start()), self._namespaces


def _check_buffer(buffer: bytes, reading: Reading) -> None:
    if len(buffer) > reading.options.max_line_bytes:
        raise XmlIsBroken(
            f"{reading.path}: no item ends within {reading.options.max_line_bytes} bytes", hint="nothing can be salvaged: export it again"
        )
