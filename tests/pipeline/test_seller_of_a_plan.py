"""A plan prices with the seller's own registrations, and a kept exchange rate changes nothing."""

from datetime import date
from pathlib import Path

import pytest

from tradewind.bootstrap import planner
from tradewind.pipeline.errors import MarketIsNotLaunchable
from tradewind.settings import Settings

DAY = date(2026, 11, 20)
SELLER = 'signed_by = "Mei"\n[seller]\nname = "Lamps Ltd"\ncountry = "CN"\n'


def settings_with(home: Path, **files: str) -> Settings:
    (home / "markets").mkdir()
    for name, text in files.items():
        (home / "markets" / f"{name}.toml").write_text(text, encoding="utf-8")
    return Settings(home=home)


def test_without_a_registration_the_price_holds_no_tax(tmp_path: Path) -> None:
    (plan,) = planner(settings_with(tmp_path, seller=SELLER))(["de"], DAY)
    assert not plan.price.tax_collected


def test_the_invented_seller_collects_the_tax(tmp_path: Path) -> None:
    (plan,) = planner(Settings(home=tmp_path))(["de"], DAY)
    assert plan.price.tax_collected


def test_a_kept_rate_leaves_yesterdays_rows_standing(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    rates = "date,base,quote,rate,source\n{0},CNY,USD,{1},my bank\n"
    digests = []
    for day, rate in (("2026-11-18", "0.1500"), ("2026-11-19", "0.1503"), ("2026-11-20", "0.1600")):
        (tmp_path / "markets" / "rates.csv").write_text(rates.format(day, rate), encoding="utf-8")
        digests.append(planner(settings)(["us"], date.fromisoformat(day))[0].digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_market_with_stated_gaps_is_never_run_by_accident(tmp_path: Path) -> None:
    with pytest.raises(MarketIsNotLaunchable, match="France"):
        planner(Settings(home=tmp_path))(["us", "fr"], DAY)
