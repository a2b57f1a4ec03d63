"""An XML item as a plain object, and the bounds that an item keeps to."""

from pathlib import Path
from typing import Any

from lxml import etree

from tradewind.adapters.sources.errors import XmlItemIsTooLarge
from tradewind.adapters.sources.limits import MAX_DEPTH, MAX_ITEM_NODES

_GOOGLE = frozenset({"http://base.google.com/ns/1.0", "https://base.google.com/ns/1.0", "http://base.google.com/cns/1.0"})
_ATOM = "http://www.w3.org/2005/Atom"
_XML_NAMESPACE = "{http://www.w3.org/XML/1998/namespace}"
ENTITY_REFUSED = "it uses an entity that is not one of XML's own; such entities are not resolved"


class Guard:
    """Counts what is open: how deep, and how many elements the item at hand has."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._depth = 0  # inside the item; 0 is outside
        self._elements = 0
        self._items = 0

    @property
    def inside(self) -> bool:
        return self._depth > 0

    def opened(self, *, is_item: bool) -> None:
        if not self._depth and not is_item:
            return
        if not self._depth:
            self._items += 1
            self._elements = 0
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ITEM_NODES:
            raise XmlItemIsTooLarge(
                f"{self._path}: item {self._items} has more than {MAX_ITEM_NODES} elements, or more than {MAX_DEPTH} levels",
                hint="look whether its end tag is missing",
            )

    def closed(self, *, is_item: bool) -> bool:
        """True when the item at hand is complete."""
        if not self._depth:
            return False
        self._depth -= 1
        return is_item and not self._depth


def split_tag(tag: str) -> tuple[str, str]:
    """The namespace and the local name of a tag in lxml's notation."""
    namespace, _, local = tag.rpartition("}")
    return namespace[1:], local


def record_of(item: Any) -> dict[str, object] | str:
    """The item as an object, or the reason why it is none. Where an attribute stands twice, Google's own namespace wins."""
    if next(item.iter(etree.Entity), None) is not None:
        return ENTITY_REFUSED
    value = _children(item)
    return value or {"text": (item.text or "").strip() or None}


def _children(element: Any) -> dict[str, object]:
    plain: dict[str, list[object]] = {}
    google: dict[str, list[object]] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        namespace, name = split_tag(child.tag)
        if namespace in _GOOGLE:
            google.setdefault(name, []).append(_value(child))
        else:
            foreign = child.prefix and namespace != _ATOM
            plain.setdefault(f"{child.prefix}:{name}" if foreign else name, []).append(_value(child))
    return {key: values[0] if len(values) == 1 else values for key, values in (plain | google).items()}


def _value(element: Any) -> object:
    if len(element):
        children = _children(element)
        if children:
            return children
    text = (element.text or "").strip() or None
    if not element.attrib:
        return text
    attributes = {key: value for key, value in element.attrib.items() if not key.startswith(_XML_NAMESPACE)}
    if not attributes:
        return text
    if "href" in attributes and text is None:
        return str(attributes["href"])
    return {f"@{split_tag(key)[1]}": str(value) for key, value in attributes.items()} | {"text": text}
