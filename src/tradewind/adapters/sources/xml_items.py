"""RSS 2.0, RSS 1.0, Atom, and any XML whose item tag is named: parsed as a stream, one item in memory at a time."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from tradewind.adapters.sources.encodings import Utf8Stream
from tradewind.adapters.sources.errors import BytesAreInvalid, FormatIsNotASource, FormatIsUnknown, ItemsAreMissing, XmlIsBroken
from tradewind.adapters.sources.limits import MAX_CONTENT_BYTES
from tradewind.adapters.sources.streams import SourceFile
from tradewind.adapters.sources.values import text_problem
from tradewind.adapters.sources.writers import Reading, RecordWriter, Staged, compact
from tradewind.adapters.sources.xml_values import Guard, record_of, split_tag

_ITEM_OF_ROOT = {"rss": "item", "RDF": "item", "feed": "entry"}
_FACEBOOK_ONLY = frozenset({"inventory", "quantity_to_sell_on_facebook", "fb_product_category", "rich_text_description"})
_PIECE_BYTES = 64 * 1024  # small steps, so that items are forgotten before the next ones are built
_NOT_YET = "it is recognized, but not a source yet"


def stage_xml(reading: Reading) -> Staged:
    """Stages every item; `_row` is its place in the feed. XML that is not well-formed is refused with line and column."""
    writer = RecordWriter(reading)
    row = 0
    with SourceFile(reading.path) as source:
        try:
            for record in _items(reading, source):
                row += 1
                if row == 1:
                    _check_shape(record, reading)
                take(writer, reading, row, record)
                if row % 1000 == 0:
                    reading.progress(source.position, source.size, row)
        except etree.XMLSyntaxError as error:
            raise _broken(reading, error) from None
        sha256 = source.finish()
    if row == 0 and reading.options.items:
        raise ItemsAreMissing(f"{reading.path} has no element <{reading.options.items}>", hint="check the name of the item's tag")
    reading.progress(source.size, source.size, row)
    return writer.finish(sha256, source.size)


def take(writer: RecordWriter, reading: Reading, row: int, record: dict[str, object] | str) -> None:
    """Stages a record, or rejects it when it is the reason why there is none, or holds what no row may hold."""
    if isinstance(record, str):
        return reading.rejects.add(row, record, hint="write the text itself, or &amp; for &")
    problem = text_problem(record)
    if problem:
        return reading.rejects.add(row, problem[1], field=problem[0], value=compact(record), hint="delete the character")
    return writer.add(row, record, compact(record).encode())


def root_problem(tag: str, namespace: str, reading: Reading) -> str:
    """The tag of the items below this root; an error for a shape that is no source."""
    if reading.options.items:
        return reading.options.items
    if tag == "SHOP":
        shop = "Zboží" if "zbozi" in namespace else "Heureka"
        raise FormatIsNotASource(
            f"{reading.path} is a {shop} feed: {_NOT_YET}",
            hint='use the Google feed of the same shop, or map it yourself: items = "SHOPITEM"',
        )
    if tag.lower() == "html":
        raise FormatIsUnknown(f"{reading.path} is a web page, not a feed", hint="the download probably ended on a login or error page")
    if tag not in _ITEM_OF_ROOT:
        raise ItemsAreMissing(
            f"{reading.path} is XML with the root <{tag}>, not an RSS or Atom feed",
            hint='say which tag holds one record: items = "product"',
        )
    return _ITEM_OF_ROOT[tag]


def _check_shape(record: dict[str, object] | str, reading: Reading) -> None:
    if reading.options.items or isinstance(record, str):
        return
    if _FACEBOOK_ONLY & record.keys():
        raise FormatIsNotASource(
            f"{reading.path} is a Facebook catalog feed: {_NOT_YET}",
            hint='use the Google feed of the same shop, or map it yourself: items = "item"',
        )


def _items(reading: Reading, source: SourceFile) -> Iterator[dict[str, object] | str]:
    guard = Guard(reading.path)
    item_tag: str | None = None
    for event, element in _events(reading, source):
        if not isinstance(element.tag, str):
            continue
        namespace, tag = split_tag(element.tag)
        if item_tag is None:
            item_tag = root_problem(tag, namespace, reading)
            continue
        if event == "start":
            guard.opened(is_item=tag == item_tag)
        elif guard.closed(is_item=tag == item_tag):
            yield record_of(element)
            _forget(element)
        elif not guard.inside:
            _forget(element)


def _events(reading: Reading, source: SourceFile) -> Iterator[tuple[str, Any]]:
    options: dict[str, Any] = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }
    if reading.encoding:
        # Already checked and turned into UTF-8, whatever the declaration says.
        blocks: Iterator[bytes] = Utf8Stream(source, reading.encoding, MAX_CONTENT_BYTES).blocks()
        options["encoding"] = "utf-8"
    else:
        blocks = source.blocks()
    parser = etree.XMLPullParser(events=("start", "end"), **options)
    for block in blocks:
        for start in range(0, len(block), _PIECE_BYTES):
            parser.feed(block[start : start + _PIECE_BYTES])
            yield from parser.read_events()
    parser.close()
    yield from parser.read_events()


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _broken(reading: Reading, error: etree.XMLSyntaxError) -> XmlIsBroken | BytesAreInvalid:
    line, column = error.position
    reason = (error.msg or "it ends too early").split(", line ")[0]
    place = f"line {line}, column {column}"
    if "not proper UTF-8" in reason or "encoding" in reason.lower():
        return BytesAreInvalid(
            f"{reading.path}: the bytes at {place} are not text in the declared encoding: {reason}"[:300],
            hint='say which encoding it has, such as encoding = "windows-1252"',
        )
    return XmlIsBroken(
        f"{reading.path} is not well-formed XML at {place}: {reason}",
        hint="repair it (a bare & is written &amp;), or import its readable items with --salvage",
    )
