"""Composes payments: which providers are asked, by which rules a purchase is judged, and on which database."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tradewind.settings import Settings, secret

if TYPE_CHECKING:
    from tradewind.adapters.payments import FakePayments, StripePayments
    from tradewind.db import AsyncDatabase
    from tradewind.kit import Clock
    from tradewind.payments import Capabilities, PaymentProvider, Payments, RiskPort

FAKE_BANK_FILE = "fake-bank.sqlite3"
FAKE_BANK_PAGE = "/fake-bank"
CONFIRM_PAGE = "/pay/confirm"
FAKE_WEBHOOK = "/webhooks/payments/fake"


def fake_payments(settings: Settings, clock: "Clock") -> "FakePayments":
    """The fake provider over the workspace's fake bank."""
    from tradewind.adapters.payments import FakeBank, FakePayments

    bank = FakeBank(settings.home / FAKE_BANK_FILE)
    return FakePayments(bank, clock, page=f"{settings.public_url}{FAKE_BANK_PAGE}")


def payment_providers(settings: Settings, clock: "Clock") -> "dict[str, PaymentProvider]":
    """The providers of these settings by name, in the order in which they are asked. SettingIsInvalid when a secret is missing."""
    makers: dict[str, Callable[[], PaymentProvider]] = {
        "fake": lambda: fake_payments(settings, clock),
        "stripe": lambda: _stripe(settings),
        "on_delivery": lambda: _on_delivery(settings, clock),
    }
    return {name: makers[name]() for name in settings.payment_providers.split(",")}


def payment_capabilities(settings: Settings, clock: "Clock") -> "dict[str, Capabilities]":
    """What the providers of these settings can do, without opening anything. SettingIsInvalid when a secret is missing."""
    from tradewind.adapters.payments.fake import CAPABILITIES

    makers: dict[str, Callable[[], Capabilities]] = {
        "fake": lambda: CAPABILITIES,
        "stripe": lambda: _stripe(settings).capabilities,
        "on_delivery": lambda: _on_delivery(settings, clock).capabilities,
    }
    return {name: makers[name]() for name in settings.payment_providers.split(",")}


def risk_rules(settings: Settings) -> "RiskPort":
    """What judges purchases: the retailer's risk.toml and lists, else the package's rules."""
    from tradewind.adapters.risk import RuleBasedRisk, load_denied, load_forwarders, load_rules

    folder = settings.own_rules
    return RuleBasedRisk(load_rules(folder), load_denied(folder), load_forwarders(folder))


def make_payments(settings: Settings, database: "AsyncDatabase", clock: "Clock") -> "Payments":
    """Payments on an open database."""
    from tradewind.payments import Payments, load_methods

    return Payments(
        database,
        payment_providers(settings, clock),
        risk_rules(settings),
        load_methods(settings.own_rules),
        clock,
        pepper=_pepper(settings, clock),
        provider_seconds=settings.payment_seconds,
    )


@asynccontextmanager
async def open_payments(settings: Settings, clock: "Clock") -> "AsyncIterator[Payments]":
    """Payments with a database of their own, for jobs and commands."""
    from tradewind.db import open_async_database

    async with open_async_database(settings, connections=2) as database:
        payments = make_payments(settings, database, clock)
        try:
            yield payments
        finally:
            close_payments(payments)


def close_payments(payments: "Payments") -> None:
    """Closes what the providers hold open: the fake bank's file, connections to Stripe."""
    payments.close()


async def deliver_fake_webhooks(settings: Settings, payments: "Payments") -> int:
    """Sends the webhooks that wait at the fake bank to this shop's own window, over HTTP as a provider does; how many arrived."""
    from collections.abc import Mapping

    import httpx

    from tradewind.adapters.payments import FakePayments

    fake = payments.providers.get("fake")
    if not isinstance(fake, FakePayments) or not fake.bank.unsent():
        return 0
    address = f"{settings.public_url}{FAKE_WEBHOOK}"
    async with httpx.AsyncClient(timeout=settings.payment_seconds) as client:

        async def post(headers: Mapping[str, str], body: bytes) -> int:
            try:
                return (await client.post(address, content=body, headers=dict(headers))).status_code
            except httpx.HTTPError:  # the window is not open now; the next round tries again
                return 0

        return await fake.deliver(post)


def _stripe(settings: Settings) -> "StripePayments":
    from pydantic import SecretStr

    from tradewind.adapters.payments import StripePayments

    key = secret(settings.stripe_api_key, settings.stripe_api_key_file, "stripe_api_key")
    signing = secret(settings.stripe_webhook_secret, settings.stripe_webhook_secret_file, "stripe_webhook_secret")
    secrets = [SecretStr(one.strip()) for one in signing.get_secret_value().split(",") if one.strip()]
    return StripePayments(key, secrets, url=settings.stripe_api_url, multiple_captures=settings.stripe_multiple_captures)


def _on_delivery(settings: Settings, clock: "Clock") -> "PaymentProvider":
    from tradewind.adapters.payments import CashOnDelivery

    return CashOnDelivery(clock, page=f"{settings.public_url}{CONFIRM_PAGE}")


def _pepper(settings: Settings, clock: "Clock") -> bytes:
    """What makes the digests of persons useless without the installation's keys; the same in every process."""
    from tradewind.db import load_sealer

    return load_sealer(settings, clock()).digest("payments", "payments.pepper")
