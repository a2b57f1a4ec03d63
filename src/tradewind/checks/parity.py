"""The mismatch prover: id, price, struck price, currency and availability of an offer, as each surface tells them, compared with one another.

Feeds and database are compared for every offer, in blocks, so that memory stays flat; pages and their JSON-LD for a sample or for all.
A page is read as Google reads it: without scripts, by a parser that knows nothing of how it was rendered.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from lxml import html

from tradewind.adapters.feeds.reading import read_feed
from tradewind.db import Database
from tradewind.kit import Currency, Money, TradewindError
from tradewind.offers import told
from tradewind.web.speech import speech

BLOCK = 1000
MISMATCHES_LIMIT = 1000
ABSENT = "(absent)"
ORDER_LINE = "order line"
_COMPARED = (
    ("id", "offer_id"), ("price", "price"), ("list price", "list_price"), ("currency", "currency"), ("availability", "availability")
)  # fmt: skip
_STRUCK = "https://schema.org/StrikethroughPrice"
_SCHEMA = {"https://schema.org/InStock": "in_stock", "https://schema.org/OutOfStock": "out_of_stock"}


class Fetch(Protocol):
    """Gives a page of the shop by its path: the status and the text."""

    def __call__(self, path: str) -> tuple[int, str]: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What one surface tells of an offer; a field is as it was written when it cannot be understood."""

    offer_id: str
    price: str
    currency: str
    availability: str
    list_price: str = ABSENT  # what an announced reduction is struck from


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two surfaces that disagree on an offer."""

    market: str
    offer_id: str
    field: str
    surface: str
    value: str
    expected: str
    beside: str = "tsv"


@dataclass(frozen=True, slots=True)
class Place:
    """A market whose surfaces are compared. `feeds` is its folder; `language` that of its pages."""

    market: str
    country: str
    language: str
    feeds: Path


@dataclass(slots=True)
class Proof:
    """What was compared, by surface, and what did not agree; `more` counts the mismatches beyond those that are kept."""

    market: str
    compared: dict[str, int] = field(default_factory=dict)
    mismatches: list[Mismatch] = field(default_factory=list)
    more: int = 0

    def note(self, found: Iterator[Mismatch]) -> None:
        """Keeps the mismatches, and counts those beyond the limit."""
        for one in found:
            if len(self.mismatches) < MISMATCHES_LIMIT:
                self.mismatches.append(one)
            else:
                self.more += 1

    def count(self, surface: str, offers: int = 1) -> None:
        """Adds to what was compared."""
        self.compared[surface] = self.compared.get(surface, 0) + offers


def prove(
    place: Place,
    database: Database,
    fetch: Fetch,
    *,
    every: int,
    further: Mapping[str, Callable[[str, str], Told | None]] | None = None,
) -> Proof:
    """Compare every surface of a market with its TSV feed. Every n-th offer's page is read (`every` 1: all of them).

    `further` surfaces are asked for the same offers by market and offer id, such as what an order line would say.
    """
    proof = Proof(place.market)
    rss = _feed(place.feeds / "products.xml")
    waiting: dict[str, Told] = {}
    behind: dict[str, Told] = {}
    seen = 0
    for block in _blocks(_feed(place.feeds / "products.tsv")):
        proof.count("tsv", len(block))
        waiting.update({one.offer_id: one for one in islice(rss, len(block))})
        _compare_rss(proof, {one.offer_id: one for one in block} | behind, waiting, behind)
        _compare_database(proof, block, database)
        for one in block[-seen % every :: every]:
            _compare_page(proof, one, place, fetch)
            for surface, asked in (further or {}).items():
                proof.count(surface)
                # What was struck through is no part of what is paid.
                expected = replace(one, list_price=ABSENT) if surface == ORDER_LINE else one
                proof.note(_differences(place.market, surface, expected, asked(place.market, one.offer_id)))
        seen += len(block)
    waiting.update({one.offer_id: one for one in rss})
    for offer_id, one in behind.items():
        proof.count("rss")
        proof.note(_differences(place.market, "rss", one, waiting.pop(offer_id, None)))
    proof.note(Mismatch(place.market, offer_id, "id", "rss", offer_id, ABSENT) for offer_id in waiting)
    _compare_counts(proof, seen, database)
    return proof


def _compare_rss(proof: Proof, expected: Mapping[str, Told], waiting: dict[str, Told], behind: dict[str, Told]) -> None:
    """Both files have one order, so what waits for the other one stays little unless an item is missing."""
    for offer_id, one in expected.items():
        if offer_id in waiting:
            proof.count("rss")
            proof.note(_differences(proof.market, "rss", one, waiting.pop(offer_id)))
            behind.pop(offer_id, None)
        else:
            behind[offer_id] = one


def _compare_database(proof: Proof, block: Sequence[Told], database: Database) -> None:
    with database.transaction() as tx:
        rows = {row["offer_id"]: _row(row) for row in told.told(tx, proof.market, [one.offer_id for one in block])}
    for one in block:
        proof.count("database")
        proof.note(_differences(proof.market, "database", one, rows.get(one.offer_id)))


def _compare_counts(proof: Proof, offers: int, database: Database) -> None:
    with database.transaction() as tx:
        published = told.count(tx, proof.market)
    if published != offers:
        proof.note(iter([Mismatch(proof.market, "", "number of offers", "database", str(published), str(offers))]))


def _compare_page(proof: Proof, one: Told, place: Place, fetch: Fetch) -> None:
    status, text = fetch(f"/{place.market}/p/{one.offer_id}")
    for surface in ("page", "json_ld"):
        proof.count(surface)
    if status != 200:
        proof.note(iter([Mismatch(place.market, one.offer_id, "status", "page", str(status), "200")]))
        return
    page = html.document_fromstring(text)
    proof.note(_differences(place.market, "json_ld", one, json_ld(page)))
    proof.note(_page_differences(place, one, page))


def _page_differences(place: Place, one: Told, page: html.HtmlElement) -> Iterator[Mismatch]:
    spoken = speech(place.language, place.country)
    price = spoken.money(Money.parse(one.price, Currency(one.currency)))
    stock = spoken.text("In stock") if one.availability == "in_stock" else spoken.text("Out of stock")
    shown = _visible(page, "//p[@class='price-line']/span[contains(@class, 'price')]")
    badge = _visible(page, "//dl[@class='facts']//span[starts-with(@class, 'badge')]")
    struck = ABSENT if one.list_price == ABSENT else spoken.money(Money.parse(one.list_price, Currency(one.currency)))
    was = _visible(page, "//p[@class='price-line']/s")
    for name, value, expected in (("price", shown, price), ("list price", was, struck), ("availability", badge, stock)):
        if value != expected:
            yield Mismatch(place.market, one.offer_id, name, "page", value, expected)


def _visible(page: html.HtmlElement, path: str) -> str:
    found = page.xpath(path)
    return str(found[0].text_content()).strip() if found else ABSENT


def json_ld(page: html.HtmlElement) -> Told | None:
    """What the one Product of a page's JSON-LD tells; None when there is none, or more than one."""
    products: list[dict[str, Any]] = []
    for script in page.iterfind(".//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text_content())
        except ValueError:
            continue
        products.extend(
            one for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict) and one.get("@type") == "Product"
        )
    if len(products) != 1:
        return None
    offer = products[0].get("offers", {})
    price, currency = str(offer.get("price", ABSENT)), str(offer.get("priceCurrency", ABSENT))
    stock = str(offer.get("availability", ABSENT))
    specified = offer.get("priceSpecification", [])
    before = [one for one in (specified if isinstance(specified, list) else [specified]) if one.get("priceType") == _STRUCK]
    struck = _plain(str(before[0].get("price", ABSENT)), currency) if before else ABSENT
    return Told(str(products[0].get("productID", ABSENT)), _plain(price, currency), currency, _SCHEMA.get(stock, stock), struck)


def _feed(path: Path) -> Iterator[Told]:
    for item in read_feed(path):
        price, _, currency = item.get("price", ABSENT).partition(" ")
        before = ABSENT
        if "sale_price" in item:
            before, (price, _, currency) = _plain(price, currency), item["sale_price"].partition(" ")
        yield Told(item.get("id", ABSENT), _plain(price, currency), currency, item.get("availability", ABSENT), before)


def _row(row: Mapping[str, Any]) -> Told:
    currency = Currency(row["currency"])
    before = ABSENT if row["list_price_minor"] is None else Money(row["list_price_minor"], currency).plain()
    return Told(row["offer_id"], Money(row["price_minor"], currency).plain(), row["currency"], row["availability"], before)


def _plain(price: str, currency: str) -> str:
    """One spelling of an amount, so that 5.4 and 5.40 agree."""
    try:
        return Money.parse(price, Currency(currency)).plain()
    except (TradewindError, ValueError):
        return price


def _differences(market: str, surface: str, expected: Told, found: Told | None) -> Iterator[Mismatch]:
    if found is None:
        yield Mismatch(market, expected.offer_id, "id", surface, ABSENT, expected.offer_id)
        return
    for name, shown in _COMPARED:
        value, wanted = getattr(found, shown), getattr(expected, shown)
        if value != wanted:
            yield Mismatch(market, expected.offer_id, name, surface, value, wanted)


def _blocks(items: Iterator[Told]) -> Iterator[list[Told]]:
    while block := list(islice(items, BLOCK)):
        yield block
