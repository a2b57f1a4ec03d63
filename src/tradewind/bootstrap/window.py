"""Composes what the window's pages buy with, and what platforms buy through."""

from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import AsyncDatabase
    from tradewind.web.shopping import CardFields, OpenTill, Till
    from tradewind.web.ucp import OpenUcp, Ucp


def window_till(settings: Settings) -> "OpenTill":
    """What the window opens once its database is open; an invented provider brings its test cards along."""
    from tradewind.adapters.payments.fake_bank import TOKENS
    from tradewind.bootstrap.invoicing import make_books
    from tradewind.bootstrap.selling import close_till, make_till
    from tradewind.bootstrap.webhooks import make_endpoints, make_looking
    from tradewind.db import load_sealer
    from tradewind.kit import system_clock
    from tradewind.web.shopping import TestInstrument, Till

    def opened(database: "AsyncDatabase") -> "Till":
        made = make_till(settings, database, system_clock)
        instruments = [TestInstrument(token, words) for token, words in TOKENS.items()] if "fake" in made.payments.providers else []
        sealer = load_sealer(settings, system_clock())
        return Till(
            made.sessions,
            made.completing,
            made.orders,
            sealer,
            instruments,
            card_fields=card_fields(settings),
            by_fields=frozenset({"stripe"}),
            close=lambda: close_till(made),
            books=make_books(settings, database, system_clock),
            endpoints=make_endpoints(settings, database, system_clock),
            webhooks=make_looking(database, system_clock),
        )

    return opened


def window_ucp(settings: Settings) -> "OpenUcp":
    """What the window opens to speak the Universal Commerce Protocol: profiles fetched behind the guard, signatures with the shop's keys."""
    from tradewind.bootstrap.outgoing import outgoing
    from tradewind.bootstrap.selling import close_till, make_till
    from tradewind.bootstrap.signing import make_keyring
    from tradewind.bootstrap.ucp import make_counter
    from tradewind.kit import system_clock
    from tradewind.ucp import read_profile
    from tradewind.ucp.profiles import FetchedProfiles
    from tradewind.ucp.signatures import Signatures
    from tradewind.web.ucp import Ucp

    async def opened(database: "AsyncDatabase") -> "Ucp":
        till, keyring = make_till(settings, database, system_clock), make_keyring(settings, database, system_clock)
        await keyring.load()
        counter = make_counter(settings, database, till, system_clock)
        profiles = FetchedProfiles(outgoing(settings), system_clock, read_profile)
        signatures = Signatures(keyring, settings.public_url, system_clock, are_required=settings.ucp_require_signatures)
        return Ucp(counter, profiles, signatures, signatures, close=lambda: close_till(till))

    return opened


# Stripe's own list of what its script needs (docs.stripe.com/security/guide, Content Security Policy).
STRIPE_HOSTS = ("https://*.js.stripe.com", "https://api.stripe.com", "https://hooks.stripe.com")


def card_fields(settings: Settings) -> "CardFields | None":
    """Stripe's card fields, where Stripe takes payments and its publishable key is known."""
    from tradewind.web.shopping import CardFields

    if "stripe" not in settings.payment_providers.split(",") or not settings.stripe_publishable_key:
        return None
    is_real = settings.stripe_js_url.startswith("https://js.stripe.com/")
    return CardFields("stripe", settings.stripe_publishable_key, settings.stripe_js_url, STRIPE_HOSTS if is_real else ())
