"""The slider over the days: the flat duty appears on its first day with its regulation, without a script."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from web_builders import NOW
from web_running import Running

from tradewind.adapters.fx import EcbHistory
from tradewind.bootstrap import import_catalog
from tradewind.kit import fixed_clock
from tradewind.pipeline.manifest import Manifest, MarketRun, Workspace, save
from tradewind.web.desk.keys import Keys

CSV = "sku,title,cost,weight_g,hs_code,origin,category\nHX-1,Headphones,212.00,420,851830,CN,headphones\n"
MAPPING = "own.mapping.toml"
PAGE = "/desk/runs/run_days/de/days?sku=HX-1&lane=SZX-1.de"


@pytest.fixture(scope="module")
def told(shop: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A run of the German market over a catalog of one product."""
    folder = tmp_path_factory.mktemp("days")
    source = folder / "own.csv"
    source.write_text(CSV, encoding="utf-8")
    mapping = draft_for(source, shop)
    snapshot = import_catalog(shop.settings, source, mapping).snapshot.snapshot_id
    part = MarketRun("de", "0" * 64, "EUR", state="computed", considered=1, chosen=1, left_out={}, new=1, changed=0, gone=0, unchanged=0)
    save(
        Workspace(shop.settings.home),
        Manifest("run_days", snapshot, "2026-11-23", NOW, "mei", "0" * 64, "0" * 64, 1, "local", (part,), computed_at=NOW),
    )
    shop.app.state.open_rates = lambda _settings: EcbHistory()
    yield shop
    shop.app.state.open_rates = None
    shutil.rmtree(Workspace(shop.settings.home).run("run_days"))


def draft_for(source: Path, shop: Running) -> Path:
    from tradewind.bootstrap import draft_mapping

    mapping = source.with_name(MAPPING)
    mapping.write_text(draft_mapping(shop.settings, source, language="en", currency="CNY"), encoding="utf-8")
    return mapping


@contextmanager
def enter(shop: Running) -> Iterator[httpx.Client]:
    key = Keys(shop.settings.home, clock=fixed_clock(NOW)).issue("viewer")
    with httpx.Client(base_url=shop.url, headers={"Origin": shop.url}, timeout=30) as client:
        assert client.post("/desk/enter", data={"key": key, "name": "Mei"}).status_code == 303
        yield client


def test_the_flat_duty_appears_on_its_first_day_with_its_regulation(told: Running) -> None:
    with enter(told) as client:
        eve, first = (client.get(f"{PAGE}&day={day}").text for day in ("2026-06-30", "2026-07-01"))
    assert "EU.duty.flat_per_line" not in eve
    assert "EU.duty.relief_150" in eve
    assert "EU.duty.flat_per_line" in first
    assert "Regulation (EU) 2026/382" in first
    assert "€3.00 flat" in first or "EUR 3.00 flat" in first


def test_the_slider_stands_at_the_day_and_its_links_lead_to_the_next(told: Running) -> None:
    with enter(told) as client:
        page = client.get(f"{PAGE}&day=2026-06-30").text
        step = page.split('name="step"')[1].split('value="')[1].split('"')[0]
        after = client.get(f"{PAGE}&step={int(step) + 1}").text
    assert "HX-1 on 2026-07-01" in after
    assert "day=2026-07-01" in page


def test_the_page_says_what_another_location_would_change(told: Running) -> None:
    with enter(told) as client:
        page = client.get(f"{PAGE}&day=2026-07-01").text
    assert "serves instead, the listed price stays" in page


@pytest.mark.parametrize("day", ["soon", "2026-02-30", "<b>"])
def test_a_day_that_is_none_is_refused(told: Running, day: str) -> None:
    with enter(told) as client:
        answer = client.get(f"{PAGE}&day={day}")
    assert answer.status_code == 404
    assert "<b>" not in answer.text


def test_nobody_reads_prices_of_other_days_without_having_entered(told: Running) -> None:
    assert "HX-1 on" not in told.get(PAGE).text


@pytest.mark.slow
@pytest.mark.browser
def test_a_person_moves_the_slider_in_a_browser(told: Running) -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium on this machine")
    key = Keys(told.settings.home, clock=fixed_clock(NOW)).issue("viewer")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page: Any = browser.new_context(java_script_enabled=True).new_page()
        page.goto(f"{told.url}/desk/enter?key={key}")
        page.fill('input[name="name"]', "Mei")
        page.click("main button")
        page.goto(f"{told.url}{PAGE}&day=2026-06-30")
        assert "EU.duty.flat_per_line" not in page.inner_text("table")
        page.focus("#step")
        page.keyboard.press("ArrowRight")
        page.click("text=Show that day")
        assert "2026-07-01" in page.inner_text("h1")
        assert "EU.duty.flat_per_line" in page.inner_text("table")
        browser.close()
