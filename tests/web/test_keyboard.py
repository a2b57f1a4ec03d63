"""Buying with the keyboard alone in a real Chromium: every stop is called by its accessible name, and everybody sees where the focus is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from keyboard import Keyboard
from test_shopping import chromium
from web_running import Running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["chromium"]
FIRST = "ArrowDown"  # the first of a list: its names cannot be typed on every keyboard


@dataclass(frozen=True)
class Words:
    """How a market calls what a shopper passes on the way."""

    skip: str
    product: tuple[str, ...]  # the stops from the content to the button that puts it into the cart
    cart: tuple[str, ...]
    contact: tuple[tuple[str, str], ...]  # each field's name and what is typed there
    option: str
    payment: tuple[str, str]
    more: tuple[str, ...]
    law: tuple[str, ...]
    buy: str
    thanks: str


WORDS = {
    "us": Words(
        "Skip to content",
        ("Start page", "Office supplies", "within 30 days", "Put into the cart"),
        ("Article S18", "Article S18: Quantity", "Remove Article S18", "Update quantities", "To the checkout"),
        (
            ("E-mail", "keys.us@example.com"),
            ("Phone (optional, for the carrier)", ""),
            ("Full name", "Mei Lin"),
            ("Street and number", "20 W 34th St"),
            ("Apartment, floor (optional)", "Floor 71"),
            ("City", "New York"),
            ("State", "New York"),
            ("ZIP code", "10118"),
        ),
        "Standard delivery",
        ("Card", "Test card (no money moves)"),
        ("Write to me about offers now and then (optional)", "Discount code", "Update the total"),
        ("Returns", "Contact"),
        "Buy now for $",
        "Thank you for your order.",
    ),
    "de": Words(
        "Zum Inhalt springen",
        ("Startseite", "Bürobedarf", "innerhalb von 30 Tagen", "In den Warenkorb"),
        ("Article S18", "Article S18: Menge", "Entfernen Article S18", "Mengen aktualisieren", "Zur Kasse"),
        (
            ("E-Mail", "keys.de@example.com"),
            ("Telefon (freiwillig, für den Zusteller)", ""),
            ("Vor- und Nachname", "Mei Lin"),
            ("Straße und Hausnummer", "Torstr. 71"),
            ("Wohnung, Etage (freiwillig)", ""),
            ("Postleitzahl", "10119"),
            ("Ort", "Berlin"),
        ),
        "Standardlieferung",
        ("Karte", "Testkarte (es fließt kein Geld)"),
        ("Gelegentlich über Angebote informieren (freiwillig)", "Rabattcode", "Summe aktualisieren"),
        ("Rückgabe", "Kontakt"),
        "Jetzt kaufen für ",
        "Danke für Ihre Bestellung.",
    ),
    "th": Words(
        "ข้ามไปยังเนื้อหา",
        ("หน้าแรก", "เครื่องเขียน", "ภายใน 30 วัน", "ใส่ตะกร้า"),
        ("Article S18", "Article S18: จำนวน", "ลบออก Article S18", "ปรับจำนวน", "ไปชำระเงิน"),
        (
            ("อีเมล", "keys.th@example.com"),
            ("โทรศัพท์ (ไม่บังคับ สำหรับผู้จัดส่ง)", ""),
            ("ชื่อและนามสกุล", "Mei Lin"),
            ("บ้านเลขที่และถนน", "71 Utarakit Road"),
            ("ห้อง ชั้น อาคาร แขวง/ตำบล (ไม่บังคับ)", ""),
            ("เขต/อำเภอ", "Mueang Krabi"),
            ("จังหวัด", FIRST),
            ("รหัสไปรษณีย์", "81000"),
        ),
        "จัดส่งปกติ",
        ("บัตรเครดิตหรือเดบิต", "บัตรทดสอบ (ไม่มีการตัดเงินจริง)"),
        ("ส่งข่าวข้อเสนอให้ฉันบ้าง (ไม่บังคับ)", "รหัสส่วนลด", "คำนวณยอดใหม่"),
        ("การคืนสินค้า", "ติดต่อเรา"),
        "ซื้อเลย ",
        "ขอบคุณสำหรับคำสั่งซื้อ",
    ),
}


@pytest.fixture
def keys(chromium: Any) -> Iterator[Keyboard]:
    """A page without JavaScript, and nothing but its keys."""
    context = chromium.new_context(java_script_enabled=False, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield Keyboard(page)
    context.close()


def to_checkout(store: Running, keys: Keyboard, market: str) -> None:
    """From the product's page through the cart."""
    words = WORDS[market]
    keys.page.goto(f"{store.url}/{market}/p/S18")
    keys.to_content(words.skip)
    keys.tab(*words.product)
    keys.go()
    keys.to_content(words.skip)
    keys.tab(*words.cart)
    keys.go()
    keys.to_content(words.skip)


def enter(keys: Keyboard, market: str, **instead: str) -> None:
    """Tab and type through contact and address."""
    for name, text in WORDS[market].contact:
        keys.tab(name)
        if text == FIRST:
            keys.press(FIRST)
        else:
            keys.write(instead.get(name.replace("-", "_"), text))


def pay(keys: Keyboard, market: str) -> None:
    """From the last field of the address to the button that buys, and Enter."""
    words = WORDS[market]
    keys.tab_to(words.option)
    keys.press("Space")
    keys.tab(*words.payment, *words.more, *words.law)
    keys.tab_to(words.buy)
    keys.go()


@pytest.mark.parametrize("market", ["us", "de", "th"])
def test_a_guest_buys_with_the_keyboard_alone(store: Running, keys: Keyboard, market: str) -> None:
    to_checkout(store, keys, market)
    enter(keys, market)
    pay(keys, market)
    if market == "us":  # the address brought a sales tax: the shop asks to look at the sum first
        keys.is_at_summary("Please check the total, then pay.")
        keys.skip_stops(len(WORDS[market].contact))
        pay(keys, market)
    assert "/orders/ord_" in keys.page.url
    assert keys.page.locator("h1").inner_text() == WORDS[market].thanks
    keys.tab(WORDS[market].skip)


def test_the_arrow_keys_choose_delivery_and_card_and_space_ticks(store: Running, keys: Keyboard) -> None:
    to_checkout(store, keys, "us")
    enter(keys, "us")
    keys.tab_to("Standard delivery")
    keys.press("ArrowDown")
    assert keys.name().startswith("Express delivery")
    keys.tab("Card", "Test card (no money moves)")
    keys.press("ArrowDown")
    keys.tab("Write to me about offers now and then (optional)")
    keys.press("Space")
    keys.tab("Discount code", "Update the total")
    keys.go()
    keys.is_at("Your order")  # the focus is at the new total
    chosen = [keys.page.locator(f"[name={name}]:checked").get_attribute("value") for name in ("option", "marketing")]
    assert chosen == ["express", "yes"]
    keys.tab("Discount code")


def test_after_an_error_the_focus_is_at_its_summary_which_leads_to_the_field(store: Running, keys: Keyboard) -> None:
    to_checkout(store, keys, "de")
    enter(keys, "de", E_Mail="", Postleitzahl="1011")
    pay(keys, "de")
    keys.is_at_summary("Bitte sehen Sie sich die markierten Felder an.")
    keys.tab("E-Mail: Bitte geben Sie Ihre E-Mail-Adresse an: Dorthin geht die Bestätigung.")
    keys.tab("Postleitzahl: Diese Postleitzahl gibt es dort nicht.")
    keys.press("Enter")
    keys.is_at("Postleitzahl")
    keys.write("10119")
    keys.press("Enter")  # sends the form, and never pays
    keys.is_at_summary("Bitte sehen Sie sich die markierten Felder an.")
    keys.tab("E-Mail: Bitte geben Sie Ihre E-Mail-Adresse an: Dorthin geht die Bestätigung.")


def test_enter_in_a_quantity_takes_nothing_out_of_the_cart(store: Running, keys: Keyboard) -> None:
    keys.page.goto(f"{store.url}/de/p/S18")
    keys.to_content(WORDS["de"].skip)
    keys.tab(*WORDS["de"].product)
    keys.go()
    keys.to_content(WORDS["de"].skip)
    keys.tab("Article S18", "Article S18: Menge")
    keys.press("ArrowUp")
    keys.go()
    assert keys.page.locator("input[type=number]").input_value() == "2"


def test_nothing_holds_the_focus_and_shift_leads_back(store: Running, keys: Keyboard) -> None:
    to_checkout(store, keys, "de")
    keys.walk("Tab")
    there, back = keys.walk("Tab"), keys.walk("Shift+Tab")
    assert there[0] == WORDS["de"].skip
    assert back[::-1] == there


def test_no_link_of_a_checkout_leads_nowhere(store: Running, keys: Keyboard) -> None:
    to_checkout(store, keys, "de")
    links = keys.page.locator("footer a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    answers = {link: keys.page.request.get(store.url + link).status for link in links}
    assert set(answers.values()) == {200}
