"""tradewind google, from google.toml to the issue inbox, against an emulated Merchant Center and a really published market."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from running import Tradewind
from tests.emulators.merchant_center_fixtures import ACCOUNT, NOON, Merchant, a_merchant

from real_catalog import a_run, import_rows, real_runs, sample_rows, stock_and_rates
from tradewind import bootstrap
from tradewind.db import Database
from tradewind.listings.sync import Wanted, plan
from tradewind.settings import Settings

TOPOLOGY = """
advanced_account = 1000
[[account]]
number = 1001
site = "https://shop.example"
[[account.feed]]
market = "us"
language = "en"
"""


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    with a_merchant() as found:
        yield found


@pytest.fixture
def tradewind(
    workspace: Settings, database_address: str, merchant: Merchant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tradewind:
    folder = workspace.rules_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "google.toml").write_text(TOPOLOGY)
    monkeypatch.setenv("TRADEWIND_HOME", str(workspace.home))
    monkeypatch.setenv("TRADEWIND_MARKET_FOLDER", str(folder))
    monkeypatch.setenv("TRADEWIND_DATABASE_URL", database_address)
    monkeypatch.setenv("TRADEWIND_GOOGLE_EMULATOR", merchant.running.grpc_address)
    return Tradewind(workspace.home, capsys)


@pytest.fixture
def published(workspace: Settings, database: Database) -> int:
    """A really computed and published U.S. market: how many offers."""
    rows = sample_rows(every=8)
    settings = workspace.model_copy(update={"market_folder": workspace.rules_folder})
    stock_and_rates(settings, database, rows)
    import_rows(settings, rows)
    return real_runs(settings, database).run(a_run("us")).market("us").chosen


@pytest.mark.slow
def test_a_published_market_is_set_up_pushed_and_reconciled(tradewind: Tradewind, merchant: Merchant, published: int) -> None:
    assert "would set accounts/1001  data source" in tradewind("google", "setup", "--dry-run").out
    assert tradewind("google", "setup").code == 0
    dry = json.loads(tradewind("google", "push", "--market", "us", "--dry-run", "--json").out)
    refused = tradewind("google", "push", "--market", "us")
    pushed = json.loads(tradewind("google", "push", "--market", "us", "--unchecked", "a rehearsal", "--json").out)["us-en"]
    held = json.loads(tradewind("google", "status", "--market", "us", "--json").out)["us-en"]
    assert refused.is_two_lines
    assert "us-en was never pushed" in refused.err
    assert dry == {"us-en": {"new": held["held"]}}
    assert pushed["results"] == {"succeeded": held["held"]}
    assert 0 < held["held"] <= published
    assert tradewind("google", "reconcile", "--market", "us").out.startswith("us-en: all as intended")


@pytest.mark.slow
def test_what_google_lost_is_found_and_sent_again(tradewind: Tradewind, merchant: Merchant, database: Database, published: int) -> None:
    assert published > 0
    tradewind("google", "setup")
    first = tradewind("google", "push", "--market", "us", "--unchecked", "a rehearsal", "--json")
    sent = json.loads(first.out)["us-en"]["results"]["succeeded"]
    merchant.center.turn(timedelta(days=31))
    with database.transaction() as tx:
        tx.execute("UPDATE listings_held SET held_at = held_at - interval '1 hour', updated_at = updated_at - interval '1 day'")
    found = tradewind("google", "reconcile", "--market", "us", "--json")
    again = json.loads(tradewind("google", "push", "--market", "us", "--unchecked", "lost all", "--json").out)["us-en"]["results"]
    assert [(one["kind"], one["count"]) for one in json.loads(found.out)["us-en"]] == [("missing", sent)]
    assert (found.code, again) == (3, {"succeeded": sent})


@pytest.mark.slow
def test_the_worker_renews_what_would_expire_but_never_pushes_first(
    tradewind: Tradewind, merchant: Merchant, database: Database, workspace: Settings, published: int
) -> None:
    assert published > 0
    given = {"google_emulator": merchant.running.grpc_address, "market_folder": workspace.rules_folder}
    settings = workspace.model_copy(update=given)
    tradewind("google", "setup")
    assert bootstrap.push_due(settings, database) == 0
    first = tradewind("google", "push", "--market", "us", "--unchecked", "a rehearsal", "--json")
    sent = json.loads(first.out)["us-en"]["results"]["succeeded"]
    assert bootstrap.push_due(settings, database) == 0
    merchant.center.turn(timedelta(days=27))
    with database.transaction() as tx:
        tx.execute("UPDATE listings_held SET held_at = held_at - interval '27 days', updated_at = updated_at - interval '27 days'")
    assert bootstrap.push_due(settings, database) == sent


def test_connect_says_what_is_missing(tradewind: Tradewind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADEWIND_GOOGLE_EMULATOR")
    said = tradewind("google", "connect")
    assert said.code == 3
    assert "sign-in   missing: create a service account" in said.out


def test_connect_reaches_the_account(tradewind: Tradewind) -> None:
    said = tradewind("google", "connect")
    assert (said.code, f"{ACCOUNT}: reached" in said.out) == (0, True)


def test_a_push_before_setup_says_so(tradewind: Tradewind) -> None:
    said = tradewind("google", "push", "--market", "us")
    assert said.is_two_lines
    assert "next:  tradewind google setup" in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "--market", "mars"), 'no feed for the market "mars"'),
        (("thaw", "accounts/1"), "accounts/1 was not frozen"),
        (("status", "--market", "us"), "us-en: 0 held"),
        (("issues", "--market", "us"), "us-en: no issues"),
    ],
)
def test_every_answer_names_its_subject(tradewind: Tradewind, arguments: tuple[str, ...], said: str) -> None:
    answer = tradewind("google", *arguments)
    assert said in answer.out + answer.err


def test_a_frozen_account_refuses_and_thaws(tradewind: Tradewind) -> None:
    tradewind("google", "setup")
    tradewind("google", "freeze", ACCOUNT, "--reason", "misrepresentation")
    assert "is frozen: misrepresentation" in tradewind("google", "push", "--market", "us").err
    tradewind("google", "thaw", ACCOUNT)
    assert tradewind("google", "push", "--market", "us").code == 0


def test_a_key_file_that_is_none_is_refused_without_its_content(
    tradewind: Tradewind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key.json"
    key.write_text('{"private_key": "very secret"}')
    monkeypatch.delenv("TRADEWIND_GOOGLE_EMULATOR")
    monkeypatch.setenv("TRADEWIND_GOOGLE_KEY_FILE", str(key))
    said = tradewind("google", "setup")
    assert "is no service account key" in said.err
    assert "secret" not in said.err.replace("service", "")


def test_a_key_may_stand_in_the_environment_and_is_never_told(tradewind: Tradewind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND_GOOGLE_KEY", '{"private_key": "very secret"}')
    monkeypatch.delenv("TRADEWIND_GOOGLE_EMULATOR")
    said = tradewind("google", "setup")
    assert "TRADEWIND_GOOGLE_KEY or its file holds is no service account key" in said.err
    assert "very secret" not in said.err + said.out
    monkeypatch.delenv("TRADEWIND_GOOGLE_KEY")
    monkeypatch.setenv("TRADEWIND_GOOGLE_KEY_FILE", "nowhere.json")
    assert "cannot be read" in tradewind("google", "setup").err


def test_a_regional_price_above_the_shops_own_is_refused(
    tradewind: Tradewind, workspace: Settings, published: int, database: Database
) -> None:
    with database.transaction() as tx:
        row = tx.execute("SELECT offer_id, price_minor FROM offers_offer WHERE market = 'us' ORDER BY offer_id LIMIT 1").fetchone()
    assert row is not None
    text = '[[region]]\nid = "us_hawaii"\ncountry = "US"\npostcodes = ["967*"]\n[[offer]]\nmarket = "us"\nlanguage = "en"\n'
    text += f'offer_id = "{row["offer_id"]}"\nregion = "us_hawaii"\nprice_minor = '
    (workspace.rules_folder / "regions.toml").write_text(text + str(row["price_minor"] + 1))
    assert "in us_hawaii and" in tradewind("google", "regions").err
    assert "blocks   regions" in tradewind("launch", "check", "--market", "us", "--offline").out
    (workspace.rules_folder / "regions.toml").write_text(text + str(row["price_minor"] - 1))
    assert "regional inventory" in tradewind("google", "regions", "--dry-run").out


def test_a_launch_check_says_what_stands_in_the_way(tradewind: Tradewind, database: Database) -> None:
    said = tradewind("launch", "check", "--market", "us", "--offline")
    assert said.code == 3
    assert 'blocks   listings: the market "us" has nothing published\n         next: tradewind run --markets us' in said.out
    assert "unknown  account: Google was not asked" in said.out
    found = json.loads(tradewind("launch", "check", "--market", "us", "--json").out)
    assert {"account", "test order", "returns"} <= {one["name"] for one in found if one["state"] == "blocks"}


def test_a_critical_issue_freezes_the_account_and_its_facts_are_at_hand(tradewind: Tradewind, merchant: Merchant) -> None:
    tradewind("google", "setup")
    merchant.center.hold_against(1001, "misrepresentation", title="Misrepresentation", detail="Tell shoppers who you are.")
    assert "is frozen: Misrepresentation" in tradewind("google", "push", "--market", "us").err
    said = tradewind("google", "appeal", ACCOUNT)
    for told in ("frozen since", "Tell shoppers who you are.", "SHOPPING_ADS US", "google.freeze by account watch", "Do not open another"):
        assert told in said.out
    found = json.loads(tradewind("google", "appeal", "1001", "--json").out)
    assert [one["issue_id"] for one in found["issues_then"]] == ["misrepresentation"]
    assert {"contact", "listings"} <= {one["name"] for one in found["not_in_order"]}
    tradewind("google", "thaw", ACCOUNT)
    assert tradewind("google", "push", "--market", "us").code == 0


def test_an_appeal_for_an_account_that_nobody_knows_is_refused(tradewind: Tradewind) -> None:
    assert "google.toml has no account 7" in tradewind("google", "appeal", "accounts/7").err
    assert tradewind("google", "appeal", "the big one").code == 2


def test_shipping_is_told_with_what_does_not_fit(tradewind: Tradewind) -> None:
    said = tradewind("google", "shipping").out
    assert "tradewind us: free to US in" in said
    assert "does not fit: us returns: no return policy covers US" in said
    found = json.loads(tradewind("google", "shipping", "--json").out)[ACCOUNT]
    assert [one["country"] for one in found["services"]] == ["US"]


def test_promotions_are_brought_to_google_and_told_when_they_do_not_fit(tradewind: Tradewind, workspace: Settings) -> None:
    (workspace.rules_folder / "promotions.toml").write_text(
        '[[promotion]]\nid = "WEEK10"\ntitle = "10 % off"\nkind = "percent"\npercent = 10\nstarts_at = 2026-01-01T00:00:00Z\n'
        'ends_at = 2036-01-01T00:00:00Z\n[[promotion]]\nid = "FREE"\ntitle = "Free"\nkind = "free_shipping"\n'
    )
    assert "would set accounts/1001  WEEK10 US en" in tradewind("google", "promotions", "--dry-run").out
    said = tradewind("google", "promotions").out
    assert "set accounts/1001  WEEK10 US en" in said
    assert "does not fit: us FREE" in said
    assert json.loads(tradewind("google", "promotions", "--json").out)["steps"] == []


def test_a_file_feed_learns_from_google_what_it_has_read(
    tradewind: Tradewind, merchant: Merchant, workspace: Settings, database: Database
) -> None:
    (workspace.rules_folder / "google.toml").write_text(TOPOLOGY + 'primary = "file"\n')
    tradewind("google", "setup")
    with database.transaction() as tx:
        plan(tx, "us-en", [Wanted("o1", "h1", 1999, available=True)], NOON)
    assert "0 held" in tradewind("google", "status", "--market", "us").out
    name = next(one.name for one in merchant.sources().list_data_sources(parent=ACCOUNT) if one.display_name.endswith("file"))
    merchant.sources().fetch_data_source(request={"name": name})
    learned = tradewind("google", "fetched", "--market", "us")
    assert "us-en: 1 listings are held since" in learned.out
    assert "1 held" in tradewind("google", "status", "--market", "us").out


def test_the_quotas_are_weighed(tradewind: Tradewind) -> None:
    assert "us-en: 0 calls wait" in tradewind("google", "advise", "--market", "us").out
    assert json.loads(tradewind("google", "advise", "--market", "us", "--json").out)["us-en"]["way"] == "api"
