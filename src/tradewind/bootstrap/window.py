"""Composes the store window: the desk's runs and rates, the search box, what its pages buy with, and what platforms buy through."""

from typing import TYPE_CHECKING, TypedDict

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.bootstrap import selling
    from tradewind.db import AsyncDatabase
    from tradewind.search import Search
    from tradewind.web.desk.days import OpenRates
    from tradewind.web.desk.routes import OpenRuns
    from tradewind.web.shopping import CardFields, OpenTill, Till
    from tradewind.web.ucp import OpenUcp, Ucp


class WindowParts(TypedDict):
    """What `web.create_app` and `web.serving.serve` open."""

    open_runs: "OpenRuns"
    open_rates: "OpenRates"
    search: "Search"
    open_till: "OpenTill"
    open_ucp: "OpenUcp"


class _Tills:
    """The till of an open database, made once: pages and platforms share its price books and its providers' connections."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[AsyncDatabase, selling.Till] = {}

    def of(self, database: "AsyncDatabase") -> "selling.Till":
        from tradewind.bootstrap.selling import make_till
        from tradewind.kit import system_clock

        if database not in self._made:
            self._made[database] = make_till(self._settings, database, system_clock)
        return self._made[database]

    def close(self, database: "AsyncDatabase") -> None:
        from tradewind.bootstrap.selling import close_till

        close_till(self._made.pop(database))


def window_parts(settings: Settings) -> WindowParts:
    """All that a window that sells opens once its database is open."""
    from tradewind.bootstrap import open_runs, pricing_rates
    from tradewind.bootstrap.searching import open_search

    tills = _Tills(settings)
    return WindowParts(
        open_runs=open_runs,
        open_rates=pricing_rates,
        search=open_search(settings),
        open_till=_window_till(settings, tills),
        open_ucp=_window_ucp(settings, tills),
    )


def _window_till(settings: Settings, tills: _Tills) -> "OpenTill":
    """What the pages buy with; an invented provider brings its test cards along."""
    from tradewind.adapters.payments.fake_bank import TOKENS
    from tradewind.bootstrap.invoicing import make_books
    from tradewind.bootstrap.webhooks import make_endpoints, make_looking
    from tradewind.db import load_sealer
    from tradewind.kit import system_clock
    from tradewind.web.shopping import TestInstrument, Till

    def opened(database: "AsyncDatabase") -> "Till":
        made = tills.of(database)
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
            close=lambda: tills.close(database),
            books=make_books(settings, database, system_clock),
            endpoints=make_endpoints(settings, database, system_clock),
            webhooks=make_looking(database, system_clock),
        )

    return opened


def _window_ucp(settings: Settings, tills: _Tills) -> "OpenUcp":
    """What speaks the Universal Commerce Protocol: profiles fetched behind the guard, signatures with the shop's keys."""
    from tradewind.bootstrap.outgoing import outgoing
    from tradewind.bootstrap.signing import make_keyring
    from tradewind.bootstrap.ucp import make_counter
    from tradewind.kit import system_clock
    from tradewind.ucp import read_profile
    from tradewind.ucp.profiles import FetchedProfiles
    from tradewind.ucp.signatures import Signatures
    from tradewind.web.ucp import Ucp

    async def opened(database: "AsyncDatabase") -> "Ucp":
        keyring = make_keyring(settings, database, system_clock)
        await keyring.load()
        counter = make_counter(settings, database, tills.of(database), system_clock)
        profiles = FetchedProfiles(outgoing(settings), system_clock, read_profile)
        signatures = Signatures(keyring, settings.public_url, system_clock, are_required=settings.ucp_require_signatures)
        return Ucp(counter, profiles, signatures, signatures)

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
