"""The desk: who gets in, what they see, and what it takes to decide."""

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from web_builders import NOW, RUN, a_waiting_run
from web_running import Running

from tradewind.kit import fixed_clock
from tradewind.pipeline.rules import Finding, Sample
from tradewind.settings import Settings
from tradewind.web.desk.keys import Keys
from tradewind.web.errors import KeyIsSpent


class FakeRuns:
    """Remembers what was decided."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []

    @contextmanager
    def __call__(self, _settings: Settings) -> Iterator["FakeRuns"]:
        yield self

    def approve(self, run_id: str, markets: list[str], by: str) -> None:
        self.done.append(("approve", run_id, *markets, by))

    def reject(self, run_id: str, markets: list[str], by: str) -> None:
        self.done.append(("reject", run_id, *markets, by))

    def roll_back(self, market: str, by: str) -> None:
        self.done.append(("rollback", market, by))


@pytest.fixture
def runs(shop: Running) -> Iterator[FakeRuns]:
    a_waiting_run(shop.settings.home)
    made = FakeRuns()
    shop.app.state.open_runs = made
    yield made
    shop.app.state.open_runs = None


@contextmanager
def enter(shop: Running, role: str = "operator", name: str = "Mei") -> Iterator[httpx.Client]:
    """A browser that entered with a key for the role."""
    key = Keys(shop.settings.home, clock=fixed_clock(NOW)).issue(role)
    with httpx.Client(base_url=shop.url, headers={"Origin": shop.url}) as client:
        assert client.post("/desk/enter", data={"key": key, "name": name}).status_code == 303
        yield client


def token(page: httpx.Response) -> str:
    return re.findall(r'name="token" value="([0-9a-f]+)"', page.text)[-1]


@pytest.mark.parametrize(
    "path",
    [
        "/desk",
        f"/desk/runs/{RUN}",
        f"/desk/runs/{RUN}/us",
        f"/desk/runs/{RUN}/us/products",
        f"/desk/runs/{RUN}/us/story?sku=x",
        f"/desk/runs/{RUN}/us/decide/approve",
    ],
)
def test_nobody_reads_the_desk_without_having_entered(shop: Running, path: str) -> None:
    answer = shop.get(path)
    assert answer.status_code == 401
    assert "HX-4411" not in answer.text
    assert "tradewind serve --desk-key" in answer.text


def test_a_key_opens_the_desk_once(shop: Running) -> None:
    key = Keys(shop.settings.home, clock=fixed_clock(NOW)).issue("viewer")
    assert shop.get(f"/desk/enter?key={key}").status_code == 200
    for expected in (303, 403):
        answer = httpx.post(f"{shop.url}/desk/enter", data={"key": key, "name": "Mei"}, headers={"Origin": shop.url})
        assert answer.status_code == expected
    assert "tradewind_desk" not in answer.headers.get("set-cookie", "")


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(shop: Running) -> None:
    key = Keys(shop.settings.home, clock=fixed_clock(NOW)).issue("viewer")
    answer = httpx.post(f"{shop.url}/desk/enter", data={"key": key, "name": "Mei"}, headers={"Origin": shop.url})
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/desk"))


def test_only_the_owner_reads_the_key_file_and_it_holds_no_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    key = keys.issue("operator")
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert key not in keys.path.read_text(encoding="utf-8")


def test_an_old_key_and_an_old_visit_are_worth_nothing(tmp_path: Path) -> None:
    keys, later = Keys(tmp_path, clock=fixed_clock(NOW)), Keys(tmp_path, clock=fixed_clock(NOW + timedelta(hours=25)))
    sealed = keys.sealed(keys.spend(keys.issue("viewer"), "Mei"))
    assert keys.opened(sealed) is not None
    assert later.opened(sealed) is None
    with pytest.raises(KeyIsSpent):
        later.spend(keys.issue("viewer"), "Mei")


def test_a_cookie_that_was_changed_or_made_elsewhere_opens_nothing(tmp_path: Path) -> None:
    keys, other = Keys(tmp_path / "a", clock=fixed_clock(NOW)), Keys(tmp_path / "b", clock=fixed_clock(NOW))
    sealed = keys.sealed(keys.spend(keys.issue("viewer"), "Mei"))
    assert keys.opened(sealed[:-1] + ("0" if sealed[-1] != "0" else "1")) is None
    assert keys.opened("x" + sealed) is None
    assert other.opened(sealed) is None
    assert keys.opened("") is None


@pytest.mark.usefixtures("runs")
def test_the_decision_is_offered_above_the_reasons_however_many_they_are(shop: Running) -> None:
    with enter(shop) as client:
        text = client.get(f"/desk/runs/{RUN}/us").text
    assert text.index("/decide/approve") < text.index("Why it waits")


@pytest.mark.usefixtures("runs")
def test_the_wall_shows_why_a_market_waits_with_samples(shop: Running) -> None:
    with enter(shop) as client:
        assert "Waiting for a decision" in client.get("/desk").text
        text = client.get(f"/desk/runs/{RUN}/us").text
    assert "212 prices move by more than 30 %" in text
    assert "5644.00" in text
    assert f"/desk/runs/{RUN}/us/products?reason=no_picture" in text


@pytest.mark.usefixtures("runs")
def test_a_filter_says_words_and_not_codes(shop: Running) -> None:
    with enter(shop) as client:
        text = client.get(f"/desk/runs/{RUN}/us/products").text
    assert "No picture" in text
    assert ">no_picture" not in text


def test_findings_beyond_five_are_folded(shop: Running) -> None:
    sample = Sample("HX-4411-BLK", "CNY 212.00", "missing_cost")
    findings = tuple(Finding("category_cost", f"finding {number}", 2, 1, 3, (sample,)) for number in range(7))
    a_waiting_run(shop.settings.home, *findings, run_id="run_0")
    with enter(shop) as client:
        text = client.get("/desk/runs/run_0/us").text
    folded = text.split("<details", 1)[1]
    assert "The purchase cost is not known" in folded
    assert "2 more findings" in folded
    assert ("finding 4" in folded, "finding 5" in folded) == (False, True)


def test_an_operator_approves_after_seeing_the_consequence_in_numbers(shop: Running, runs: FakeRuns) -> None:
    path = f"/desk/runs/{RUN}/us/decide/approve"
    with enter(shop) as client:
        page = client.get(path)
        assert "212 change, 3 vanish, 224 stay as they are" in page.text
        answer = client.post(path, data={"token": token(page), "shown": "run_1"})
    assert answer.status_code == 303
    assert runs.done == [("approve", RUN, "us", "Mei")]


@pytest.mark.parametrize(
    ("role", "origin", "shown", "good_token"),
    [
        ("viewer", None, "run_1", True),
        ("operator", "https://evil.example", "run_1", True),
        ("operator", "null", "run_1", True),
        ("operator", "", "run_1", True),
        ("operator", None, "run_1", False),
        ("operator", None, "run_0", True),
    ],
)
def test_a_decision_is_refused_without_role_origin_token_or_when_the_market_changed(
    shop: Running, runs: FakeRuns, role: str, origin: str | None, shown: str, *, good_token: bool
) -> None:
    path = f"/desk/runs/{RUN}/us/decide/reject"
    with enter(shop, role) as client:
        sent: dict[str, Any] = {"token": token(client.get("/desk")) if good_token else "0" * 64, "shown": shown}
        answer = client.post(path, data=sent, headers={} if origin is None else {"Origin": origin})
    assert answer.status_code == 403
    assert runs.done == []


def test_leaving_takes_the_cookie_back(shop: Running) -> None:
    with enter(shop, "viewer") as client:
        client.post("/desk/leave", data={"token": token(client.get("/desk"))})
        assert client.get("/desk").status_code == 401


@pytest.mark.usefixtures("runs")
def test_a_market_without_an_earlier_publication_cannot_be_rolled_back(shop: Running) -> None:
    with enter(shop) as client:
        answer = client.get(f"/desk/runs/{RUN}/us/decide/rollback")
    assert answer.status_code == 403
    assert "no earlier publication" in answer.text
