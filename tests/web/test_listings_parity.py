"""The mismatch prover: silent when every surface agrees, and it finds one wrong value wherever it is put."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from web_builders import a_window
from web_running import Running

from tradewind.checks.fetching import from_server, in_process
from tradewind.checks.parity import Mismatch, Place, Told, prove
from tradewind.db import Database, open_database
from tradewind.kit import Currency, Money

ONE, REDUCED = "P-2", "P-1"


def prices(row: dict[str, Any]) -> tuple[str, str]:
    """Price and sale price of a feed."""
    asked, before = (
        f"{Money(minor, Currency('USD')).plain()} USD" if minor else "" for minor in (row["price_minor"], row.get("list_price_minor"))
    )
    return (before, asked) if before else (asked, "")


@pytest.fixture
def place(shop: Running, tmp_path: Path) -> Place:
    """Feeds that say what the shop shows."""
    rows = [row for row in a_window(shop.settings.public_url) if row["market"] == "us"]
    told = [(row["offer_id"], *prices(row), row["availability"]) for row in rows]
    head = "id\tprice\tsale_price\tavailability\n"
    (tmp_path / "products.tsv").write_text(head + "".join("\t".join(one) + "\n" for one in told), encoding="utf-8")
    items = "".join(
        f"<item><g:id>{a}</g:id><g:price>{b}</g:price>{f'<g:sale_price>{s}</g:sale_price>' * bool(s)}<g:availability>{c}</g:availability>"
        "</item>\n"
        for a, b, s, c in reversed(told)
    )
    head = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    (tmp_path / "products.xml").write_text(f"{head}{items}</channel></rss>", encoding="utf-8")
    return Place("us", "US", "en", tmp_path)


@pytest.fixture
def database(shop: Running) -> Iterator[Database]:
    with open_database(shop.settings) as opened:
        yield opened


def proved(shop: Running, place: Place, database: Database, change: Callable[[str], str] = str) -> list[Mismatch]:
    with from_server(shop.url) as fetch:

        def changed(path: str) -> tuple[int, str]:
            status, text = fetch(path)
            return status, change(text) if ONE in path or REDUCED in path else text

        return prove(place, database, changed, every=1).mismatches


def test_surfaces_that_agree_have_no_mismatch(shop: Running, place: Place, database: Database) -> None:
    with from_server(shop.url) as fetch:
        proof = prove(place, database, fetch, every=1)
    assert proof.mismatches == []
    assert proof.compared == dict.fromkeys(("tsv", "rss", "database", "page", "json_ld"), 9)


def test_an_order_line_that_would_say_another_price_is_found(shop: Running, place: Place, database: Database) -> None:
    wrong = Told(ONE, "0.01", "USD", "in_stock")
    with from_server(shop.url) as fetch:
        proof = prove(place, database, fetch, every=1, further={"order line": lambda _market, offer_id: wrong if offer_id == ONE else None})
    found = [one for one in proof.mismatches if one.surface == "order line"]
    assert {(one.offer_id, one.field) for one in found} >= {(ONE, "price"), (REDUCED, "id")}
    assert proof.compared["order line"] == proof.compared["page"]


def test_the_window_itself_can_be_asked_without_a_server(shop: Running, place: Place, database: Database) -> None:
    with in_process(shop.settings) as fetch:
        proof = prove(place, database, fetch, every=4)
    assert (proof.mismatches, proof.compared["page"]) == ([], 3)


@pytest.mark.parametrize(("name", "surface"), [("products.xml", "rss"), ("products.tsv", "")])
def test_a_wrong_price_in_a_feed_is_found(shop: Running, place: Place, database: Database, name: str, surface: str) -> None:
    path = place.feeds / name
    path.write_text(re.sub(rf"({ONE}\D+)\d+\.\d\d", r"\g<1>9999.00", path.read_text("utf-8"), count=1), encoding="utf-8")
    found = [one for one in proved(shop, place, database) if one.field == "price"]
    assert {one.offer_id for one in found} == {ONE}
    assert {one.surface for one in found} == ({surface} if surface else {"rss", "database", "page", "json_ld"})
    assert any("9999.00" in (one.value, one.expected) for one in found)


def test_an_item_that_one_feed_lacks_is_found(shop: Running, place: Place, database: Database) -> None:
    path = place.feeds / "products.xml"
    path.write_text(re.sub(rf"<item><g:id>{ONE}<.*\n", "", path.read_text("utf-8")), encoding="utf-8")
    assert [(one.offer_id, one.surface, one.field) for one in proved(shop, place, database)] == [(ONE, "rss", "id")]


@pytest.mark.parametrize(
    ("pattern", "new", "surface", "field"),
    [
        (r'"price": ?"[0-9.]+"', '"price":"1.00"', "json_ld", "price"),
        (r'"priceCurrency": ?"USD"', '"priceCurrency":"EUR"', "json_ld", "currency"),
        ("schema.org/InStock", "schema.org/OutOfStock", "json_ld", "availability"),
        (r'(<p class="price-line">\s*<span[^>]*>)[^<]+', r"\g<1>$1.00", "page", "price"),
    ],
)
def test_a_wrong_value_on_a_page_is_found(
    shop: Running, place: Place, database: Database, pattern: str, new: str, surface: str, field: str
) -> None:
    found = proved(shop, place, database, lambda text: text if "<s " in text else re.sub(pattern, new, text))
    assert [(one.offer_id, one.surface, one.field) for one in found] == [(ONE, surface, field)]


@pytest.mark.parametrize(
    ("pattern", "surface"),
    [(r'(<s class="was">)[^<]+', "page"), (r'("StrikethroughPrice",\s*"price": ?")[0-9.]+|(?<=/Strikethrough)Price', "json_ld")],
)
def test_a_wrong_struck_price_is_found(shop: Running, place: Place, database: Database, pattern: str, surface: str) -> None:
    found = proved(shop, place, database, lambda text: re.sub(pattern, r"\g<1>9", text) if "<s " in text else text)
    assert [(one.offer_id, one.surface, one.field) for one in found] == [(REDUCED, surface, "list price")]


def test_a_wrong_availability_in_the_database_is_found(shop: Running, place: Place, database: Database) -> None:
    change = "UPDATE offers_offer SET availability = %s WHERE market = 'us' AND offer_id = %s"
    with database.transaction() as tx:
        tx.execute(change, ("out_of_stock", ONE))
    try:
        found = proved(shop, place, database)
    finally:
        with database.transaction() as tx:
            tx.execute(change, ("in_stock", ONE))
    assert ("database", "availability", "out_of_stock", "in_stock") in {(one.surface, one.field, one.value, one.expected) for one in found}
