"""Anyone's product feed read item by item: RSS 2.0 with or without Google's namespace, TSV and CSV, also gzipped."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from lxml import etree

from tradewind.kit import InputIsInvalid

_GOOGLE = "{http://base.google.com/ns/1.0}"
_SHIPPING = ("country", "region", "service", "price")
# A comma parts the values of a list, so one inside an address is written as its code.
_LISTS_OF_LINKS = frozenset(("additional_image_link", "lifestyle_image_link", "video_link", "document_link"))
_LINES_LIMIT = 16 << 20


class FeedIsBroken(InputIsInvalid):
    """A feed file cannot be read to its end: its XML is not well-formed, or it has no column id."""

    code = "feed_broken"


def read_feed(path: Path) -> Iterator[Mapping[str, str]]:
    """The items of a feed, one at a time: attribute names to texts, several values joined by commas; FeedIsBroken says where it ends."""
    names = path.name.removesuffix(".gz")
    with _opened(path) as file:
        try:
            yield from _xml_items(file) if names.endswith(".xml") else _rows(file, "\t" if names.endswith((".tsv", ".txt")) else ",")
        except (etree.XMLSyntaxError, UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise FeedIsBroken(
                f"{path.name} cannot be read: {error}", hint="correct the file where it is made, and check it again"
            ) from None


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _rows(file: IO[bytes], mark: str) -> Iterator[Mapping[str, str]]:
    csv.field_size_limit(_LINES_LIMIT)
    with io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, delimiter=mark)
        if "id" not in (reader.fieldnames or ()):
            raise FeedIsBroken("the feed has no column id", hint="its first line must name the attributes, such as id and title")
        for row in reader:
            yield {name: value for name, value in row.items() if name and value}


def _xml_items(file: IO[bytes]) -> Iterator[Mapping[str, str]]:
    for _, item in etree.iterparse(file, tag=("item", "{*}entry"), resolve_entities=False, no_network=True):
        yield _item(item)
        item.clear()
        while item.getprevious() is not None:
            del item.getparent()[0]


def _item(item: etree._Element) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for element in item.iterchildren(tag=etree.Element):
        name = str(element.tag).rpartition("}")[2]
        text = _compound(element) if len(element) else (element.text or "").strip()
        if text and not (name == "link" and name in found):
            found.setdefault(name, []).append(text.replace(",", "%2C") if name in _LISTS_OF_LINKS else text)
    return {name: ",".join(values) for name, values in found.items()}


def _compound(element: etree._Element) -> str:
    parts = {str(part.tag).rpartition("}")[2]: (part.text or "").strip() for part in element}
    names = _SHIPPING if element.tag == f"{_GOOGLE}shipping" else tuple(parts)
    return ":".join(parts.get(name, "") for name in names)
