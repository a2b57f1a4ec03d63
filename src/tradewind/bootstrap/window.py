"""Composes what the window's pages buy with."""

from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import AsyncDatabase
    from tradewind.web.shopping import OpenTill, Till


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
