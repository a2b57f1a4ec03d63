"""The desk over real runs: a cost in the wrong unit waits at the gate, and what a person decides shows on pages and in feeds."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from pydantic import SecretStr
from web_builders import NOW
from web_running import Running, free_port, serve

from real_catalog import SKU, a_run, costing, import_rows, sample_rows, stock_and_rates
from tradewind import bootstrap
from tradewind.db import open_database
from tradewind.kit import fixed_clock
from tradewind.pipeline import manifest
from tradewind.pipeline.locking import alone
from tradewind.pipeline.manifest import Workspace
from tradewind.settings import Settings
from tradewind.web.desk.keys import Keys

pytestmark = pytest.mark.slow
ROWS = sample_rows(every=8)
FIRST = ROWS[0][SKU]


def run_over(settings: Settings, factor: str) -> manifest.Manifest:
    """The run over a catalog whose costs are all multiplied."""
    import_rows(settings, costing(ROWS, factor))
    with bootstrap.open_runs(settings, say=lambda _line: None) as runs:
        return runs.run(a_run())


@pytest.fixture(scope="module")
def shop(real_database: SecretStr, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The US market, published by a real run, with the desk over bootstrap.open_runs."""
    port = free_port()
    home = tmp_path_factory.mktemp("real")
    settings = Settings(home=home, port=port, public_url=f"http://127.0.0.1:{port}", database_url=real_database)
    with open_database(settings) as database:
        stock_and_rates(settings, database, ROWS)
    assert run_over(settings, "1").market("us").state == "published"
    yield from serve(settings, open_runs=bootstrap.open_runs)


@pytest.fixture
def waiting(shop: Running) -> str:
    """A run over costs a hundred times as high, which the gate holds."""
    run = run_over(shop.settings, "100")
    assert run.market("us").state == "waiting"
    return run.run_id


@pytest.fixture
def before(shop: Running) -> tuple[str, bytes]:
    """What the market shows before anything is decided. It stands before `waiting` in a test's parameters."""
    return shown(shop)


def shown(shop: Running) -> tuple[str, bytes]:
    """The price on a page, and the whole feed."""
    page = shop.get(f"/us/p/{FIRST}").text
    (price,) = re.findall(r'<span class="price large">([^<]+)</span>', page)
    return price, shop.get("/feeds/us/products.tsv").content


def minor(price: str) -> int:
    return int(re.sub(r"\D", "", price))


def state(shop: Running, run_id: str) -> tuple[str | None, str | None]:
    with bootstrap.open_runs(shop.settings, say=lambda _line: None) as runs:
        part = manifest.load(runs.workspace, run_id).market("us")
    return part.state, part.decided_by


@contextmanager
def enter(shop: Running, role: str = "operator") -> Iterator[httpx.Client]:
    """A browser that entered with a key for the role."""
    key = Keys(shop.settings.home, clock=fixed_clock(NOW)).issue(role)
    with httpx.Client(base_url=shop.url, headers={"Origin": shop.url}, timeout=60) as client:
        assert client.post("/desk/enter", data={"key": key, "name": "Mei"}).status_code == 303
        yield client


def decide(client: httpx.Client, run_id: str, action: str, **changes: str) -> httpx.Response:
    """Looks at the confirmation and sends its form, with some fields changed."""
    path = f"/desk/runs/{run_id}/us/decide/{action}"
    page = client.get(path)
    assert page.status_code == 200, page.text
    fields = dict(re.findall(r'<input type="hidden" name="(token|shown)" value="([^"]*)">', page.text.split("<form")[-1]))
    assert fields.keys() == {"token", "shown"}
    return client.post(path, data=fields | changes)


def test_costs_in_the_wrong_unit_wait_and_the_shop_stays_as_it_was(shop: Running, before: tuple[str, bytes], waiting: str) -> None:
    assert shown(shop) == before
    with enter(shop, "viewer") as client:
        assert waiting in client.get("/desk").text
        wall = client.get(f"/desk/runs/{waiting}/us").text
    assert "Waiting" in wall or "waiting" in wall
    assert "median" in wall


def test_approving_shows_the_new_prices_and_rolling_back_the_old_ones_again(shop: Running, before: tuple[str, bytes], waiting: str) -> None:
    with enter(shop) as client:
        assert decide(client, waiting, "approve").status_code == 303
        approved = shown(shop)
        assert minor(approved[0]) > 20 * minor(before[0])
        assert approved[1] != before[1]
        assert state(shop, waiting) == ("published", "Mei")
        assert decide(client, waiting, "rollback").status_code == 303
    assert shown(shop) == before
    assert state(shop, waiting)[0] == "rolled_back"


def test_rejecting_leaves_pages_and_feeds_as_they_are_and_is_recorded(shop: Running, before: tuple[str, bytes], waiting: str) -> None:
    with enter(shop) as client:
        assert decide(client, waiting, "reject").status_code == 303
        again = client.get(f"/desk/runs/{waiting}/us/decide/approve")
    assert again.status_code == 403
    assert shown(shop) == before
    assert state(shop, waiting) == ("rejected", "Mei")


@pytest.mark.parametrize("changes", [{"token": "0" * 64}, {"shown": "run_of_yesterday"}])
def test_a_forged_or_outdated_form_changes_nothing(shop: Running, before: tuple[str, bytes], waiting: str, changes: dict[str, str]) -> None:
    with enter(shop) as client:
        assert decide(client, waiting, "approve", **changes).status_code == 403
    assert shown(shop) == before
    assert state(shop, waiting) == ("waiting", None)


def test_a_desk_that_finds_the_workspace_busy_says_so_and_changes_nothing(shop: Running, before: tuple[str, bytes], waiting: str) -> None:
    with enter(shop) as client, alone(Workspace(shop.settings.home)):
        answer = decide(client, waiting, "approve")
    assert answer.status_code == 409
    assert shown(shop) == before
    assert state(shop, waiting) == ("waiting", None)
