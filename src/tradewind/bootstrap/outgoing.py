"""Composes what calls addresses that others named."""

from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.kit import Outgoing


def outgoing(settings: Settings) -> "Outgoing":
    """The guarded client: public servers by https, and this machine only where the settings allow it."""
    from tradewind.adapters.outgoing import GuardedClient

    return GuardedClient(allow_loopback=settings.allows_loopback)
