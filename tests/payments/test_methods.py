"""Methods by market are data, and a launch with cards alone is refused where many shoppers have none."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from tradewind.adapters.payments import CashOnDelivery, StripePayments
from tradewind.checks.market import market_blockers
from tradewind.kit import system_clock
from tradewind.markets import load_markets
from tradewind.payments import Capabilities, PaymentDataIsInvalid, launch_findings, load_methods, parse_methods
from tradewind.settings import Settings

METHODS = load_methods()
CARDS = Capabilities(frozenset({"card", "apple_pay", "google_pay"}))
STRIPE = Capabilities(frozenset({"card", "promptpay@th"}))
CASH = CashOnDelivery(system_clock, page="").capabilities


def messages(market: str, **providers: Capabilities) -> list[str]:
    return [one.message for one in launch_findings(market, METHODS, providers)]


@pytest.mark.parametrize("market", ["th", "vn"])
def test_cards_alone_forbid_a_launch_where_many_have_none(market: str) -> None:
    assert messages(market, stripe=CARDS) == ["only cards and wallets can be paid with, where many shoppers have none"]
    assert messages(market, stripe=CARDS, on_delivery=CASH) == []


def test_promptpay_opens_thailand_and_not_vietnam() -> None:
    assert (messages("th", stripe=STRIPE), len(messages("vn", stripe=STRIPE))) == ([], 1)


@pytest.mark.parametrize("market", [code for code in load_markets() if code not in {"th", "vn"}])
def test_cards_are_enough_elsewhere_and_offered_everywhere(market: str) -> None:
    assert messages(market, stripe=CARDS) == []


@pytest.mark.parametrize(
    ("providers", "said"),
    [
        ("fake", {'the payment provider "fake" moves no real money'}),
        ("stripe", {"only cards and wallets can be paid with, where many shoppers have none"}),
        ("stripe,on_delivery", set()),
    ],
)
def test_the_launch_check_of_a_market_looks_at_the_providers_that_are_set_up(tmp_path: Path, providers: str, said: set[str]) -> None:
    secrets = {"stripe_api_key": SecretStr("sk_live_1"), "stripe_webhook_secret": SecretStr("whsec_1")}
    settings = Settings(home=tmp_path, payment_providers=providers, **secrets)
    found = market_blockers(settings, "vn", date(2026, 11, 23), {})
    assert {one.message for one in found if one.code == "payments"} == said


def test_a_provider_that_moves_no_money_or_none_at_all_forbids_a_launch() -> None:
    assert messages("us", fake=Capabilities(frozenset({"card"}), invented=True)) == ['the payment provider "fake" moves no real money']
    assert messages("us") == ["no payment method can be paid with"]


def test_what_stripe_takes_in_a_market_is_a_capability() -> None:
    found = StripePayments(SecretStr("sk_live_1"), []).capabilities
    assert (found.takes("promptpay", "th"), found.takes("promptpay", "us"), found.takes("card", "us")) == (True, False, True)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("method = {", "not TOML"),
        ('[[method]]\nid = "x"\nkind = "magic"\nmarkets = ["*"]', "magic"),
        ('[[method]]\nid = "x"\nkind = "card"\nmarkets = "us"', "list of codes"),
        ('[[method]]\nid = "x"\nkind = "card"\nmarkets = ["us"]\ncaps = { us = 0 }', "above 0"),
        ('[[method]]\nid = "x"\nkind = "card"\nmarkets = ["us"]\nfee = 3', "fee"),
        ('[[method]]\nid = "x"\nkind = "card"\nmarkets = ["us"]\n' * 2, "same id"),
    ],
)
def test_a_file_of_methods_that_cannot_be_read_is_refused_by_name(text: str, word: str) -> None:
    with pytest.raises(PaymentDataIsInvalid, match=word):
        parse_methods(text)
