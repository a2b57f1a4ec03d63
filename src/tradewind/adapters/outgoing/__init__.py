"""Calls to addresses that others named, behind a guard: `GuardedClient` reaches public servers by https and nothing else."""

from tradewind.adapters.outgoing.client import GuardedClient
from tradewind.adapters.outgoing.rules import Destination, destination, is_public

__all__ = ["Destination", "GuardedClient", "destination", "is_public"]
