"""The desk's pages on orders and payments: what they show, who may act, and that a double click acts once."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html
from shop_orders import FORWARDER, an_order, carried_out, found
from test_accessibility import problems_of
from test_desk import enter
from web_builders import NOW
from web_running import Running

from tradewind import web
from tradewind.db import audit, open_database
from tradewind.kit import fixed_clock
from tradewind.orders import Order, OrderWasChanged
from tradewind.web.desk.keys import Keys

pytestmark = pytest.mark.slow
TEMPLATES = sorted((Path(web.__file__).parent / "templates/desk").glob("*.html"))


def hidden(page: httpx.Response) -> dict[str, str]:
    """What the task's form brings along, and what it proposes."""
    form = html.fromstring(page.text).xpath("//form[contains(@class, 'task')]")[0]
    return {one.get("name"): one.get("value") or "" for one in form.xpath(".//input")}


def act(store: Running, order: Order, task: str, times: int = 1, role: str = "operator", **given: str) -> list[httpx.Response]:
    with enter(store, role) as browser:
        address = f"/desk/orders/{order.number}/{task}"
        form = hidden(browser.get(address)) | given
        return [browser.post(address, data=form) for _ in range(times)]


def text(page: httpx.Response) -> str:
    return " ".join(html.fromstring(page.text).text_content().split())


@pytest.mark.parametrize("path", ["/desk/orders", "/desk/orders/100001", "/desk/orders/100001/ship", "/desk/payments"])
def test_nobody_reads_orders_without_having_entered(store: Running, path: str) -> None:
    assert store.get(path).status_code == 401


def test_the_list_finds_by_number_and_by_address_and_filters(store: Running) -> None:
    order = an_order(store, email="wanted@example.com")
    with enter(store, "viewer") as browser:
        assert browser.get(f"/desk/orders?q={order.number}").headers["location"] == f"/desk/orders/{order.number}"
        assert f"/desk/orders/{order.number}" in browser.get("/desk/orders?q=Wanted@example.com").text
        assert str(order.number) not in browser.get("/desk/orders?market=us").text
        assert "No order is here" in text(browser.get("/desk/orders?q=nobody@example.com"))


def test_the_list_goes_on_below_a_number(store: Running) -> None:
    first, second = an_order(store), an_order(store)
    with enter(store, "viewer") as browser:
        page = browser.get(f"/desk/orders?before={second.number}").text
    assert f"/desk/orders/{first.number}" in page
    assert f'/desk/orders/{second.number}"' not in page


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_a_number_of_a_table_says_what_it_counts_where_narrow_windows_hide_the_heads(template: Path) -> None:
    tables = [one.partition("</table>")[0] for one in template.read_text(encoding="utf-8").split("<table")[1:]]
    assert not [one for one in tables if "<thead" in one and '<td class="number">' in one]


def test_an_order_shows_all_that_is_known_of_it(store: Running) -> None:
    order = an_order(store, shipped=True)
    with enter(store, "viewer") as browser:
        told = text(browser.get(f"/desk/orders/{order.order_id}"))
    for said in ("Article S15", "SZX-1.de", "Invalidenstr. ", "captured", "JD1", "How the price came about", "shipped", order.email):
        assert said in told


def test_a_part_leaves_and_a_double_click_ships_it_once(store: Running) -> None:
    order = an_order(store)
    line = order.lines[0].line_id
    units = {f"units.{one.line_id}": "1" if one.line_id == line else "0" for one in order.lines}
    answers = act(store, order, "ship", 2, carrier="DHL", tracking="JD2", **units)
    assert [one.headers["location"].partition("=")[2] for one in answers] == ["ship", "again"]
    view, payment = found(store, order)
    assert [one.fulfilled for one in view.order.lines] == [1, 0]
    assert 0 < payment.captured < payment.authorized


def test_of_two_operators_at_once_the_second_is_told_that_the_order_has_changed(store: Running) -> None:
    order = an_order(store)
    seen, one_unit = found(store, order), {f"units.{order.lines[0].line_id}": "1"}
    carried_out(store, *seen, "ship", carrier="DHL", tracking="JD2", **one_unit)
    with pytest.raises(OrderWasChanged):
        carried_out(store, *seen, "ship", carrier="DHL", tracking="JD3", **one_unit)
    assert found(store, order)[0].order.lines[0].fulfilled == 1


def test_delivered_then_returned_in_part(store: Running) -> None:
    order = an_order(store, shipped=True)
    act(store, order, "deliver")
    act(store, order, "refund", amount="1.50", reason="one broke", **{f"units.{order.lines[0].line_id}": "1"})
    view, payment = found(store, order)
    assert (view.order.status, payment.refunded) == ("closed", 150)
    assert [(one.type, dict(one.quantities)) for one in view.order.adjustments] == [("return", {order.lines[0].line_id: -1})]
    assert view.order.adjustments[0].made_by == "Mei"


def test_a_held_order_is_released_and_its_payment_waits_no_longer(store: Running) -> None:
    order = an_order(store, street=FORWARDER)
    with enter(store) as browser:
        assert order.payment_id in browser.get("/desk/payments").text
        assert str(order.number) in browser.get("/desk/orders?held=1").text
    act(store, order, "release")
    view, payment = found(store, order)
    assert (view.order.hold, payment.verdict) == (None, "accept")


def test_what_is_canceled_goes_back_and_is_written_down(store: Running) -> None:
    order = an_order(store)
    assert act(store, order, "cancel", reason="ordered twice")[0].headers["location"].endswith("did=cancel")
    view, payment = found(store, order)
    assert (view.order.status, payment.status) == ("canceled", "voided")
    with open_database(store.settings) as database, database.transaction() as tx:
        assert [(one.actor, one.action) for one in audit.entries(tx, subject=order.order_id)] == [("Mei", "order.cancel")]


def test_what_changed_meanwhile_is_shown_and_not_overwritten(store: Running) -> None:
    order = an_order(store)
    (answer,) = act(store, order, "cancel", reason="x", seen="2026-01-01T00:00:00+00:00")
    assert answer.status_code == 409
    assert "has changed since you looked" in text(answer)
    assert found(store, order)[0].order.status == "open"


@pytest.mark.parametrize(
    ("task", "given", "said"),
    [
        ("cancel", {"reason": " "}, "no reason is given"),
        ("ship", {"carrier": "DHL", "tracking": ""}, "its tracking number"),
        ("ship", {"carrier": "DHL", "tracking": "1", "tracking_url": "javascript:alert(1)"}, "not the address of a page"),
        ("ship", {"carrier": "DHL", "tracking": "1", "units.{line}": "99"}, "cannot be shipped"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(store: Running, task: str, given: Mapping[str, str], said: str) -> None:
    order = an_order(store)
    (answer,) = act(store, order, task, **{name.format(line=order.lines[0].line_id): value for name, value in given.items()})
    assert answer.status_code == 400
    assert said in text(answer)
    assert found(store, order)[0].order.updated_at == order.updated_at


@pytest.mark.parametrize("amount", ["0", "-1", "1.234", "99999", "a lot"])
def test_no_more_goes_back_than_was_taken(store: Running, amount: str) -> None:
    order = an_order(store, shipped=True)
    (answer,) = act(store, order, "refund", amount=amount, reason="x")
    assert answer.status_code == 400
    assert found(store, order)[1].refunded == 0


def test_a_viewer_reads_and_changes_nothing(store: Running) -> None:
    order = an_order(store)
    with enter(store, "viewer") as browser:
        page = browser.get(f"/desk/orders/{order.number}/cancel")
        assert "You are a viewer" in page.text
        token = re.findall(r'name="token" value="([0-9a-f]+)"', page.text)[-1]
        form = {"token": token, "key": "k1", "seen": order.updated_at.isoformat(), "reason": "x"}
        assert browser.post(f"/desk/orders/{order.number}/cancel", data=form).status_code == 403


def test_a_form_without_its_visit_or_from_another_site_is_refused(store: Running) -> None:
    order = an_order(store)
    with enter(store) as browser:
        address = f"/desk/orders/{order.number}/cancel"
        form = hidden(browser.get(address)) | {"reason": "x"}
        assert browser.post(address, data=form | {"token": "0"}).status_code == 403
        assert browser.post(address, data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert found(store, order)[0].order.status == "open"


def test_a_review_is_decided_once_with_its_reason(store: Running) -> None:
    order = an_order(store, street=FORWARDER)
    address = f"/desk/payments/{order.payment_id}/decide"
    with enter(store) as browser:
        page = browser.get(address)
        assert " h left" in text(page)
        form = hidden(page) | {"reason": "called him", "do": "refuse"}
        assert [browser.post(address, data=form).headers["location"].partition("=")[2] for _ in range(2)] == ["refuse", "again"]
        assert browser.post(address, data=form | {"key": "other"}).status_code == 409
    assert found(store, order)[1].reasons[-1] == "Mei: called him"


def test_a_dispute_is_a_case_whose_evidence_is_the_order_s_own(store: Running) -> None:
    order = an_order(store, token="tok_dispute", shipped=True)
    with enter(store) as browser:
        listed = browser.get("/desk/payments")
        address = html.fromstring(listed.text).xpath("//a[starts-with(@href, '/desk/payments/disputes/')]/@href")[0]
        page = browser.get(address)
        for said in ("needs response", "days", "dispute withdrawn", str(order.number), "DHL JD1", "Mei Lin"):
            assert said in text(page)
        assert browser.post(address, data=hidden(page) | {"words": "signed for"}).headers["location"].endswith("did=submit")
        assert "Handed in" in text(browser.get(address))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium")
    if found is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_on_orders_and_payments_has_a_barrier(store: Running, chromium: Any, scheme: str, width: int) -> None:
    sent, held = an_order(store, token="tok_dispute", shipped=True), an_order(store, street=FORWARDER)
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page, found_ = context.new_page(), {}
    page.goto(f"{store.url}/desk/enter?key={Keys(store.settings.home, clock=fixed_clock(NOW)).issue('operator')}")
    page.fill("#name", "Mei")
    page.click("button")
    paths = [f"/desk/orders/{sent.number}", f"/desk/orders/{held.number}", f"/desk/payments/{held.payment_id}/decide", "/desk/payments"]
    tasks = [f"/desk/orders/{sent.number}/{task}" for task in ("refund", "deliver", "ship")] + [f"/desk/orders/{held.number}/cancel"]
    for path in ("/desk/orders", "/desk/orders?q=nobody", *paths, *tasks):
        page.goto(store.url + path)
        found_[path] = problems_of(page)
    page.goto(f"{store.url}/desk/payments")
    # By its address: after a click the page might still be the one before, or none.
    page.goto(store.url + str(page.locator("a[href*=disputes]").first.get_attribute("href")))
    found_["case"] = problems_of(page)
    context.close()
    assert {path: told for path, told in found_.items() if told} == {}


@pytest.mark.browser
def test_an_operator_ships_an_order_with_the_keyboard_and_without_javascript(store: Running, chromium: Any) -> None:
    order = an_order(store)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{store.url}/desk/enter?key={Keys(store.settings.home, clock=fixed_clock(NOW)).issue('operator')}")
    page.fill("#name", "Mei")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Orders").click()
    page.fill("#q", str(order.number))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ship").click()
    page.fill("#carrier", "DHL")
    page.fill("#tracking", "JD3")
    page.keyboard.press("Enter")
    assert page.locator("[role=status]").inner_text() == "Shipped, and the money for it taken."
    context.close()
