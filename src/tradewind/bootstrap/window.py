"""Composes what the window's pages buy with, and what platforms buy through."""

from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import AsyncDatabase
    from tradewind.web.shopping import OpenTill, Till
    from tradewind.web.ucp import OpenUcp, Ucp


def window_till(settings: Settings) -> "OpenTill":
    """What the window opens once its database is open; an invented provider brings its test cards along."""
    from tradewind.adapters.payments.fake_bank import TOKENS
    from tradewind.bootstrap.selling import close_till, make_till
    from tradewind.db import load_sealer
    from tradewind.kit import system_clock
    from tradewind.web.shopping import TestInstrument, Till

    def opened(database: "AsyncDatabase") -> "Till":
        made = make_till(settings, database, system_clock)
        is_invented = any(one.capabilities.invented for one in made.payments.providers.values())
        instruments = [TestInstrument(token, words) for token, words in TOKENS.items()] if is_invented else []
        sealer = load_sealer(settings, system_clock())
        return Till(made.sessions, made.completing, made.orders, sealer, instruments, lambda: close_till(made))

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
