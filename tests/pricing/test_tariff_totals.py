"""The duty of real goods under the loaded American tariff, and what loading changes in a price."""

import json
import os
import pickle
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tradewind.markets import TariffOrder, layers_in_force, load_market, load_tariff
from tradewind.network import load_network
from tradewind.pricing import DutyRate, duty_of, landed, load_margins, price_book
from tradewind.pricing.tariff import CACHE_FOLDER, resolve_tariff

from .builders import FRESH, TODAY, a_product, history

FILES = (
    "us_hts8_rates_2025-05.csv.gz", "us_s301_product_lists_2026-05.csv", "us_s301_forced_labor_rates_2026-07-24.csv",
    "us_s301fl_exempt_tech_subset.csv", "us_s232_annex_products_2026-04.csv", "us_s122_exempt_products.csv",
)  # fmt: skip
OCTOBER = date(2026, 10, 1)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def loaded_rules(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A rules folder with the American tariff and its lists loaded from the reference data."""
    shared = Path(os.environ.get("TRADEWIND_SHARED", request.config.rootpath.parent / "shared")) / "data" / "tariff"
    rules = tmp_path_factory.mktemp("rules")
    for name in FILES if shared.is_dir() else ():
        load_tariff(rules / "tariffs", TariffOrder(shared / name, "us", "USD", "test", TODAY))
    return rules


def owed(rules: Path, code: str, origin: str, day: date = OCTOBER) -> DutyRate:
    layers = layers_in_force(load_market("us", rules), day, {})
    found, _ = duty_of(layers, "US", origin, code, day)
    assert found is not None
    return found


def _cases(shared: Path) -> list[dict[str, Any]]:
    found = json.loads((shared / "reference" / "markets" / "landed_cost_cases.json").read_text("utf-8"))
    return [case for case in found["cases"] if "hts8" in case["inputs"]]


def test_the_worked_examples_of_october_come_out(shared_data: Path, loaded_rules: Path) -> None:
    cases = _cases(shared_data)
    assert len(cases) >= 6
    for case in cases:
        facts = case["inputs"]
        found = owed(loaded_rules, facts["hts8"], facts["origin"], date.fromisoformat(facts["date"]))
        assert (case["id"], found.ppm) == (case["id"], round(float(case["expected"]["total_rate_pct"]) * 10_000))


@pytest.mark.parametrize(
    ("code", "origin", "low", "top"),
    [
        ("61091000", "VN", 290_000, 290_000),  # 16.5 and 12.5
        ("61091000", "IN", 265_000, 265_000),  # 16.5 and 10
        ("61091000", "DE", 165_000, 165_000),  # above 10 in all already
        ("95030000", "JP", 125_000, 125_000),  # free, lifted to 12.5 in all
        ("84713001", "CN", 0, 0),  # the false prefix 8471 taxes no laptop
        ("73239300", "CN", 270_000, 270_000),  # metals exclude the forced-labor layer, and list 4B is suspended
        ("73239300", "GB", 170_000, 170_000),  # the British rate of annex 1b
        ("94054284", "CN", 164_000, 414_000),  # on list 3 or on 4B by its ten digits
        ("610910", "CN", 365_000, 365_000),  # every line of the six digits is alike
        ("94032000", "CN", 125_000, 375_000),  # annex 2 took furniture out of the metals
    ],
)
def test_known_goods_owe_what_their_layers_come_to(
    shared_data: Path, loaded_rules: Path, code: str, origin: str, low: int, top: int
) -> None:
    found = owed(loaded_rules, code, origin)
    assert (shared_data.is_dir(), found.low_ppm, found.ppm) == (True, low, top)


def test_a_rate_for_a_person_stays_one(shared_data: Path, loaded_rules: Path) -> None:
    assert shared_data.is_dir()
    assert owed(loaded_rules, "91021110", "CN").needs_person
    assert owed(loaded_rules, "910211", "CN").needs_person


def test_what_was_resolved_is_read_back_equal(shared_data: Path, loaded_rules: Path) -> None:
    layers = layers_in_force(load_market("us", loaded_rules), OCTOBER, {})
    first = resolve_tariff(layers, "US", OCTOBER)
    again = pickle.loads(pickle.dumps(first))
    assert shared_data.is_dir()
    assert again == first
    assert list((loaded_rules / "tariffs" / "us" / CACHE_FOLDER).glob("*.bin"))


def test_specific_duties_are_turned_into_the_currency_of_the_market(tmp_path: Path) -> None:
    table = tmp_path / "eu_2026-11.csv"
    table.write_text("code,rate\n610910,12% + 40 EUR / 100 kg\n610990,2 EUR / item\n", encoding="utf-8")
    load_tariff(tmp_path / "tariffs", TariffOrder(table, "eu", "EUR", "test", TODAY))
    layers = load_market("de", tmp_path).tariff
    home = resolve_tariff(layers, "SE", TODAY, {"EUR": (11, 1)}).duties
    shirt, other = home.find("*", "610910"), home.find("*", "610990")
    assert shirt is not None
    assert other is not None
    assert (shirt.ppm, shirt.per_kg_micro, other.per_item_micro) == (120_000, 11 * 40 * 10**6, 11 * 200 * 10**6)
    without = resolve_tariff(layers, "SE", TODAY, {}).duties.find("*", "610910")
    assert without is not None
    assert without.needs_person


def test_a_loaded_tariff_changes_the_price_and_says_so(tmp_path: Path) -> None:
    table = tmp_path / "th_2026-11.csv"
    table.write_text("code,rate\n851830,2%\n", encoding="utf-8")
    before = price_book(load_market("th"), FRESH, load_network(), history(), load_margins(), {})
    load_tariff(tmp_path / "tariffs", TariffOrder(table, "th", "THB", "test", TODAY))
    after = price_book(load_market("th", tmp_path), FRESH, load_network(), history(), load_margins(), {})
    lane = before.lanes[0].lane_id
    product = a_product(lane_id=lane, imported=False)
    assert (landed(product, before).duty_ppm, landed(product, after).duty_ppm) == (50_000, 20_000)
    assert before.digest != after.digest
