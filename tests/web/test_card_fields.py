"""Stripe's card fields on the checkout, with a fake of its script and the stand-in of its API: the number never comes to the shop."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any

import httpx
import pytest
from bench.checkout_stage import articles, stage
from pydantic import SecretStr, ValidationError
from test_accessibility import problems_of
from test_shopping import WORDS, chromium, fill, to_checkout
from web_running import Running, free_port, serve

from conftest import a_database
from tradewind.bootstrap.window import card_fields, window_parts
from tradewind.db import open_database
from tradewind.db.embedded import EmbeddedServer
from tradewind.emulators.stripe_stand_in import StripeStandIn, serve_stripe
from tradewind.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEY, NUMBER = "sk_test_stand_in", "4242 4242 4242 4242"
__all__ = ["chromium"]


@pytest.fixture(scope="module")
def fake_script() -> Iterator[str]:
    """The address of the fake of Stripe.js."""
    content = resources.files("tradewind.emulators").joinpath("fake_stripe.js").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v3/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def stripe() -> Iterator[tuple[StripeStandIn, str]]:
    provider = StripeStandIn(KEY)
    with serve_stripe(provider) as address:
        yield provider, address


@pytest.fixture(scope="module")
def card_shop(
    database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, worker: str, fake_script: str, stripe: Any
) -> Iterator[Running]:
    """A shop whose cards Stripe takes, beside cash on delivery."""
    home, port = tmp_path_factory.mktemp("cards"), free_port()
    with a_database(database_server, f"cards_{worker}") as address:
        settings = Settings(
            home=home,
            port=port,
            public_url=f"http://127.0.0.1:{port}",
            database_url=address,
            payment_providers="stripe,on_delivery",
            stripe_api_key=SecretStr(KEY),
            stripe_webhook_secret=SecretStr("whsec_stand_in"),
            stripe_api_url=stripe[1],
            stripe_publishable_key="pk_test_stand_in",
            stripe_js_url=fake_script,
        )
        with open_database(settings) as database:
            stage(database, ("de", "th"), articles(6, units=50))
            with database.transaction() as tx:
                tx.execute("UPDATE offers_offer SET text_from = 'supplier', condition = 'new', verdict = 'ok'")
        yield from serve(settings, open_till=window_parts(settings)["open_till"])


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context()
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def pay_with(page: Any, number: str, market: str = "de") -> None:
    page.fill("#fake-number", number)
    page.get_by_role("button", name=WORDS[market][2]).click()


def test_a_card_pays_and_its_number_never_reaches_the_shop(card_shop: Running, stripe: Any, page: Any) -> None:
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.post_data or "") if asked.url.startswith(card_shop.url) else None)
    to_checkout(card_shop, page, "de", "S1")
    fill(page, "de", email="card1@example.com")
    pay_with(page, NUMBER)
    page.wait_for_url("**/orders/**")
    assert [one for one in sent if "4242" in one.replace("+", "")] == []
    assert any("instrument=pm_card_visa" in one for one in sent)
    assert stripe[0].requests[-1]["fields"]["payment_method"] == "pm_card_visa"


def test_the_fields_know_the_sum_and_what_the_form_knows_already(card_shop: Running, page: Any) -> None:
    to_checkout(card_shop, page, "de", "S2")
    fill(page, "de", email="card2@example.com")
    asked = page.evaluate("fakeStripeAsked")
    assert asked["key"] == "pk_test_stand_in"
    assert (asked["asked"]["currency"], asked["asked"]["captureMethod"]) == ("eur", "manual")
    assert str(asked["asked"]["amount"]) == page.locator("[name=seen]").input_value()
    pay_with(page, NUMBER)
    page.wait_for_url("**/orders/**")


def test_a_wrong_number_is_said_beside_the_fields_and_nothing_is_sent(card_shop: Running, page: Any) -> None:
    to_checkout(card_shop, page, "de", "S3")
    fill(page, "de", email="card3@example.com")
    before = page.url
    pay_with(page, "4242")
    assert page.locator("#card-wrong").inner_text() == "Your card number is incomplete."
    assert page.url == before
    pay_with(page, NUMBER)
    page.wait_for_url("**/orders/**")


def test_a_declined_card_leaves_the_form_as_it_was(card_shop: Running, page: Any) -> None:
    to_checkout(card_shop, page, "de", "S3")
    fill(page, "de", email="card4@example.com")
    pay_with(page, "4000 0000 0000 0002")
    page.get_by_text("abgelehnt").wait_for()
    assert page.locator("#email").input_value() == "card4@example.com"


def test_the_bank_asks_and_the_shopper_comes_back(card_shop: Running, stripe: Any, page: Any) -> None:
    to_checkout(card_shop, page, "de", "S4")
    fill(page, "de", email="card5@example.com")
    pay_with(page, "4000 0025 0000 3155")
    link = page.get_by_role("link", name="Weiter zu Ihrer Bank")
    assert "3d_secure" in link.get_attribute("href")
    intent = list(stripe[0].intents)[-1]
    asked = next(one for one in reversed(stripe[0].requests) if one["path"] == "/v1/payment_intents")
    assert asked["fields"]["return_url"].startswith(card_shop.url)
    stripe[0].answer_challenge(intent, approved=True)
    page.goto(asked["fields"]["return_url"])
    assert page.locator("h1").inner_text() == WORDS["de"][3]


def test_without_javascript_the_page_says_so_and_offers_the_other_ways(card_shop: Running, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    to_checkout(card_shop, page, "th", "S5")
    assert "JavaScript" in page.locator("noscript").inner_text()
    assert page.locator("input[value=card]").is_disabled()
    assert page.locator("input[name=method]:checked").get_attribute("value") in {"promptpay", "cash_on_delivery"}
    context.close()


def test_only_this_page_lets_the_provider_in(card_shop: Running, page: Any) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    answers: dict[str, str] = {}
    page.on("response", lambda one: answers.__setitem__(one.url, one.headers.get("content-security-policy", "")))
    to_checkout(card_shop, page, "de", "S5")
    mine, others = answers[page.url], [value for url, value in answers.items() if "/checkout/" not in url and "/de/" in url]
    assert card_shop.settings.stripe_js_url.removesuffix("/v3/") in mine
    assert "unsafe" not in mine
    assert mine.count("connect-src") == 1
    assert all("script-src 'none'" in one for one in others)
    assert told == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_with_fields_has_no_barrier(card_shop: Running, chromium: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    to_checkout(card_shop, page, "de", "S6")
    page.locator("#fake-number").wait_for()
    assert problems_of(page) == []
    pay_with(page, "42")
    assert problems_of(page) == []
    context.close()


def test_without_the_publishable_key_no_card_is_offered_that_nobody_could_enter() -> None:
    settings = Settings(payment_providers="stripe", stripe_js_url="https://js.stripe.com/v3/")
    assert card_fields(settings) is None
    made = card_fields(settings.model_copy(update={"stripe_publishable_key": "pk_live_1"}))
    assert made is not None
    assert "script-src 'self' https://js.stripe.com https://*.js.stripe.com" in made.policy
    for wrong in ({"stripe_publishable_key": "sk_live_1"}, {"stripe_js_url": "http://js.example/"}):
        with pytest.raises(ValidationError):
            Settings(**wrong)  # type: ignore[arg-type]


def test_the_module_is_served_as_a_script(card_shop: Running) -> None:
    answer = httpx.get(f"{card_shop.url}/static/card.js", timeout=20)
    assert "javascript" in answer.headers["content-type"]
