"""Every page in Chromium: axe finds nothing and doubts nothing, nothing overflows, the keyboard reaches everything, no JavaScript."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from web_builders import NOW, a_troubled_channel
from web_running import Running

from tradewind.db import open_database
from tradewind.kit import fixed_clock
from tradewind.web.desk.keys import Keys

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
]
SHOP_PAGES = (
    "/",
    "/us/",
    "/de/",
    "/th/",
    "/us/c/electronics",
    "/th/c/headphones?color=sand&order=price",
    "/de/p/HX-4411-BLK",
    "/th/p/P-3",
    "/us/search?q=headphones",
    "/us/search?q=wodden+train&stock=1",
    "/de/search?q=Kopfh%C3%B6rer&with=color%3Dsand",
    "/th/search",
    "/us/search?q=purple+unicorn+train",
    "/us/search?q=xyzzy",
    "/us/about/delivery",
    "/de/about/returns",
    "/th/about/contact",
    "/us/p/none",
    "/desk/enter",
)
TAB_LIMIT = 80


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def problems_of(page: Any) -> list[str]:
    """What axe objects to or cannot decide, and an overflow if there is one."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response
    told = [
        f"{kind} {one['id']}: {node['html'][:160]} {[check.get('message') for check in node['any']][:1]}"
        for kind in ("violations", "incomplete")
        for one in found[kind]
        for node in one["nodes"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return told + ([f"overflows by {wide} px"] if wide > 0 else [])


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shop_pages_have_no_barrier(browser: Any, shop: Running, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(f"console: {message.text}") if "404" not in message.text else None)
    found = {}
    for path in SHOP_PAGES:
        page.goto(shop.url + path)
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        found[path] = problems_of(page)
    context.close()
    assert {path: problems for path, problems in found.items() if problems} == {}
    assert told == []


def test_the_page_before_the_first_run_has_no_barrier(browser: Any, empty_shop: Running) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 900})
    page.goto(empty_shop.url + "/")
    assert problems_of(page) == []
    page.close()


@pytest.mark.parametrize("path", ["/us/", "/de/p/HX-4411-BLK", "/us/c/electronics", "/us/search?q=headphones"])
def test_the_tab_key_reaches_every_control(browser: Any, shop: Running, path: str) -> None:
    page = browser.new_page()
    page.goto(shop.url + path)
    wanted = page.locator("a[href]:visible, summary:visible, button:visible, input:visible").count()
    reached = []
    for _ in range(TAB_LIMIT):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.outerHTML")
        if here.startswith("<body"):
            break
        reached.append(here)
    page.close()
    assert len(reached) == wanted
    assert 'class="skip"' in reached[0]


def test_a_shopper_gets_from_the_chooser_to_a_product_without_javascript(browser: Any, shop: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(shop.url + "/")
    page.click("ul.countries a[href='/us/']")
    page.click("nav.bar a[href='/us/c/electronics']")
    page.click("article a")
    page.click("details.made summary")
    assert page.locator("table.lines tfoot td").inner_text() == "$56.44"
    context.close()


def test_a_shopper_searches_narrows_and_finds_without_javascript(browser: Any, shop: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(shop.url + "/us/")
    page.fill("form.seek input", "nanyang")
    page.press("form.seek input", "Enter")
    page.click("details.facet summary >> text=Category")
    page.click("details.facet a >> text=Electronics")
    page.click("article a")
    assert page.url.endswith(("/us/p/HX-4411-BLK", "/us/p/HX-4411-SND"))
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_desk_pages_have_no_barrier(browser: Any, desk: Running, scheme: str) -> None:
    key = Keys(desk.settings.home, clock=fixed_clock(NOW)).issue("operator")
    found = {}
    with open_database(desk.settings) as database, database.transaction() as tx:
        tx.execute("TRUNCATE listings_held, listings_issue, listings_account, offers_withdrawn")
        a_troubled_channel(tx)
    for width in (320, 1280):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{desk.url}/desk/enter?key={key}")
        page.fill("#name", "Mei")
        page.click("button")
        for path in (
            "/desk",
            "/desk/runs/run_2",
            "/desk/runs/run_2/us",
            "/desk/runs/run_2/us/products",
            "/desk/runs/run_2/us/decide/approve",
            "/desk/channels",
        ):
            page.goto(desk.url + path)
            found[f"{path} {width}"] = problems_of(page)
        context.close()
        key = Keys(desk.settings.home, clock=fixed_clock(NOW)).issue("operator")
    assert {path: problems for path, problems in found.items() if problems} == {}
