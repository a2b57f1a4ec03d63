"""Product reviews as Google's XML (version 2.2): of one market, in the language they were written in, with every rating.

Left out, and counted: reviews of other markets, translations, and rows that are no review. A low rating is never a reason.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from lxml import etree

from tradewind.kit import InputIsInvalid

VERSION: Final = "2.2"
STARS: Final = range(1, 6)
_REQUIRED = ("review_id", "offer_id", "market", "rating", "content", "created_at")


class ReviewsAreInvalid(InputIsInvalid):
    """A file of reviews lacks a column or is neither CSV nor JSON Lines."""

    code = "reviews_invalid"


def write_reviews(source: Path, target: Path, market: str, *, shop: str, public_url: str) -> dict[str, int]:
    """Write the market's reviews of a CSV or JSON Lines file; how many were written, and how many left out by reason. Memory stays flat."""
    counts: Counter[str] = Counter(written=0)
    seen: set[str] = set()
    scratch = target.with_name(f".{target.name}.part")
    with scratch.open("wb") as raw, etree.xmlfile(raw, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element("feed"):
            file.write(_leaf("version", VERSION), _publisher(shop))
            # The schema wants at least one review inside `reviews`, so the element begins with the first.
            chosen = _chosen(_rows(source), market, counts, seen)
            first = next(chosen, None)
            if first is not None:
                with file.element("reviews"):
                    file.write(_review(first, public_url))
                    for row in chosen:
                        file.write(_review(row, public_url))
    scratch.replace(target)
    return dict(counts)


def _rows(source: Path) -> Iterator[Mapping[str, Any]]:
    with source.open(encoding="utf-8-sig", newline="") as file:
        if source.suffix in {".jsonl", ".ndjson"}:
            for number, line in enumerate(file, start=1):
                yield _object(source, number, line)
            return
        if source.suffix != ".csv":
            raise ReviewsAreInvalid(f"{source.name} is neither .csv nor .jsonl", hint="export the reviews as CSV or JSON Lines")
        reader = csv.DictReader(file)
        missing = [name for name in _REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise ReviewsAreInvalid(f"{source.name} has no column {missing[0]}", hint=f"it needs {', '.join(_REQUIRED)}")
        yield from reader


def _object(source: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ReviewsAreInvalid(f"{source.name}, line {number}: {error}", hint="write one JSON object a line") from None
    if not isinstance(row, dict):
        raise ReviewsAreInvalid(f"{source.name}, line {number} is no JSON object", hint="write one JSON object a line")
    return row


def _chosen(rows: Iterator[Mapping[str, Any]], market: str, counts: Counter[str], seen: set[str]) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        reason = _left_out(row, market, seen)
        counts[reason or "written"] += 1
        if not reason:
            seen.add(str(row["review_id"]))
            yield row


def _left_out(row: Mapping[str, Any], market: str, seen: set[str]) -> str:
    if any(not _clean(row.get(name) or "").strip() for name in _REQUIRED):
        return "incomplete"
    if str(row["market"]).strip().lower() != market:
        return "other_market"
    if str(row.get("translated_from") or "").strip():
        return "translation"
    if str(row["rating"]).strip() not in {str(star) for star in STARS}:
        return "rating_unknown"
    if _moment(str(row["created_at"])) is None:
        return "time_unknown"
    return "repeated" if str(row["review_id"]) in seen else ""


def _moment(text: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.isoformat() if moment.tzinfo is not None else None


def _review(row: Mapping[str, Any], public_url: str) -> etree._Element:
    page = f"{public_url}/{str(row['market']).strip().lower()}/p/{row['offer_id']}"
    review = etree.Element("review")
    review.append(_leaf("review_id", row["review_id"]))
    reviewer = etree.SubElement(review, "reviewer")
    name = str(row.get("reviewer") or "").strip()
    reviewer.append(_leaf("name", name) if name else _leaf("name", "Anonymous", is_anonymous="true"))
    review.append(_leaf("review_timestamp", _moment(str(row["created_at"]))))
    if str(row.get("title") or "").strip():
        review.append(_leaf("title", row["title"]))
    review.append(_leaf("content", row["content"]))
    review.append(_leaf("review_url", page, type="group"))
    etree.SubElement(review, "ratings").append(_leaf("overall", str(row["rating"]).strip(), min=str(STARS[0]), max=str(STARS[-1])))
    etree.SubElement(review, "products").append(_product(row, page))
    return review


def _product(row: Mapping[str, Any], page: str) -> etree._Element:
    product = etree.Element("product")
    ids = etree.SubElement(product, "product_ids")
    for group, name in (("gtins", "gtin"), ("mpns", "mpn"), ("skus", "offer_id"), ("brands", "brand")):
        value = str(row.get(name) or "").strip()
        if value:
            etree.SubElement(ids, group).append(_leaf("sku" if name == "offer_id" else name, value))
    product.append(_leaf("product_url", page))
    return product


def _publisher(shop: str) -> etree._Element:
    publisher = etree.Element("publisher")
    publisher.append(_leaf("name", shop))
    return publisher


def _leaf(name: str, text: Any, **attributes: str) -> etree._Element:
    element = etree.Element(name, attributes)
    element.text = _clean(text)
    return element


def _clean(text: Any) -> str:
    """XML has no place for control characters; a review that holds one keeps its words."""
    return "".join(char for char in str(text) if (char >= " " and char not in "\ufffe\uffff") or char in "\t\n\r")
