"""The commands of the seller, the rates and the launch check, from outside."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from running import Said, Tradewind

from tradewind.bootstrap import tax_port
from tradewind.kit import system_clock
from tradewind.settings import SettingIsInvalid, Settings, load_settings, secret

RATES = "state,rate_percent,valid_from,source\nTX,8.25,2026-01-01,a source\nTX,8.25,2026-01-01,b\nTX,8,2026-01-01,c\n"


class Asking:
    """The command in this process, with settings of its own for each call."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], home: Path) -> None:
        self._patch, self._capture, self._home = patch, capture, home

    def __call__(self, *arguments: str, **settings: str) -> Said:
        with self._patch.context() as patched:
            for name, value in settings.items():
                patched.setenv(f"TRADEWIND_{name.upper()}", value)
            return Tradewind(self._home, self._capture)(*arguments)


@pytest.fixture
def tradewind(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Asking:
    return Asking(monkeypatch, capsys, tmp_path)


def test_the_seller_says_that_it_is_invented(tradewind: Asking, tmp_path: Path) -> None:
    shown = tradewind("seller", "show", home=str(tmp_path))
    assert "INVENTED, signed demo" in shown.out
    found = json.loads(tradewind("seller", "show", "--json", home=str(tmp_path)).out)
    assert found["invented"]
    assert {"ioss", "sales_tax_permit", "responsible_person"} <= {one["kind"] for one in found["registrations"]}


def test_the_check_of_the_seller_names_what_is_missing(tradewind: Asking, tmp_path: Path) -> None:
    own = 'signed_by = "Mei"\n[seller]\nname = "Lamps Ltd"\ncountry = "CN"\n'
    (tmp_path / "seller.toml").write_text(own, encoding="utf-8")
    done = tradewind("seller", "check", "--market", "de", "--json", market_folder=str(tmp_path))
    assert done.code == 3
    assert {one["code"] for one in json.loads(done.out)} == {"registration"}
    assert "ioss" in done.out


def test_a_launch_is_blocked_by_the_invented_seller(tradewind: Asking, tmp_path: Path) -> None:
    done = tradewind("market", "check", "de", "--launch", "--json", home=str(tmp_path))
    assert done.code == 3
    assert "seller" in {one["code"] for one in json.loads(done.out)}


def test_loaded_rates_of_states_count_their_bad_rows(tradewind: Asking, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(RATES + "XX,8,2026-01-01,d\n", encoding="utf-8")
    done = tradewind("seller", "sales-tax", "load", str(tmp_path / "rates.csv"), home=str(tmp_path))
    assert (done.code, done.out) == (3, "")
    assert 'row 5 left out: "XX" is no state' in done.err
    texas = next(
        row for row in json.loads(tradewind("seller", "sales-tax", "list", "--json", home=str(tmp_path)).out) if row["state"] == "TX"
    )
    assert (texas["collected"], texas["rates"], texas["certainty"]) == ("collected", 3, "certain")


def test_the_list_of_rates_shows_age_and_kind(tradewind: Asking, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("date,base,quote,rate,source,kind\n2026-11-01,EUR,GBP,0.84,HMRC,customs\n", encoding="utf-8")
    done = tradewind("fx", "list", "--as-of", "2026-11-23", "--json", market_folder=str(tmp_path), home=str(tmp_path))
    rows = {(row["currency"], row["kind"]): row for row in json.loads(done.out)}
    assert done.code == 3
    assert (rows["USD", "shop"]["age_days"], rows["USD", "shop"]["state"]) == (24, "old")
    assert (rows["GBP", "customs"]["rate"], rows["GBP", "customs"]["state"]) == ("0.84 per EUR", "ok")


def test_an_update_from_a_missing_file_is_said_in_two_lines(tradewind: Asking, tmp_path: Path) -> None:
    done = tradewind("fx", "update", "--from", str(tmp_path / "no.zip"), home=str(tmp_path))
    assert done.code == 1
    assert done.err.startswith("error: ")


@pytest.fixture
def stripe(tmp_path: Path) -> Settings:
    (tmp_path / "key").write_text("sk_test_from_file\n", encoding="utf-8")
    return Settings(home=tmp_path, tax_provider="stripe", stripe_api_key_file=tmp_path / "key")


def test_the_key_may_come_from_a_file_and_is_shown_nowhere(stripe: Settings) -> None:
    key = secret(stripe.stripe_api_key, stripe.stripe_api_key_file, "stripe_api_key")
    assert key.get_secret_value() == "sk_test_from_file"
    assert "sk_test" not in repr(stripe) + repr(key) + repr(vars(tax_port(stripe, system_clock)))


@pytest.mark.parametrize("content", [None, ""])
def test_a_missing_key_names_its_setting(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content, encoding="utf-8")
    with pytest.raises(SettingIsInvalid, match="TRADEWIND_STRIPE_API_KEY"):
        secret(None, tmp_path / "key", "stripe_api_key")
    with pytest.raises(SettingIsInvalid, match="TRADEWIND_STRIPE_API_KEY"):
        secret(SecretStr(" "), None, "stripe_api_key")


def test_a_wrong_setting_never_shows_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_TAX_PROVIDER", "avalara")
    with pytest.raises(SettingIsInvalid, match="rate_file or stripe"):
        load_settings()


def test_the_default_tax_port_needs_no_key(tmp_path: Path) -> None:
    assert tax_port(Settings(home=tmp_path), system_clock) is not None
