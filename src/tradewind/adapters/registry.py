"""Adapters of third parties: installed packages that name an entry point in the group `tradewind.adapters`.

The name of an entry point is `<port>.<name>`, such as `sources.erp` or `carriers.postbus`; its value is a factory that takes the Settings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from tradewind.kit import NotFound, TradewindError
from tradewind.settings import Settings

GROUP = "tradewind.adapters"
Factory = Callable[[Settings], Any]


class AdapterDoesNotLoad(TradewindError):
    """An installed third-party adapter cannot be imported."""

    code = "adapter_does_not_load"


@dataclass(frozen=True, slots=True)
class ThirdPartyAdapter:
    """An adapter that another package offers."""

    port: str
    name: str
    package: str
    version: str
    target: str


def third_party_adapters() -> list[ThirdPartyAdapter]:
    """What is installed, by port and name; nothing is imported."""
    found = [_described(point) for point in entry_points(group=GROUP)]
    return sorted(found, key=lambda adapter: (adapter.port, adapter.name))


def load_adapter(port: str, name: str) -> Factory:
    """The factory of a third-party adapter. NotFound when none is installed, AdapterDoesNotLoad when it is broken."""
    for point in entry_points(group=GROUP, name=f"{port}.{name}"):
        return _loaded(point)
    known = ", ".join(f"{adapter.port}.{adapter.name}" for adapter in third_party_adapters()) or "none"
    raise NotFound(
        f"no installed package offers the adapter {port}.{name}; installed: {known}",
        hint=f"install its package, which names it in the entry point group {GROUP}",
    )


def _described(point: EntryPoint) -> ThirdPartyAdapter:
    port, _, name = point.name.partition(".")
    package = point.dist.name if point.dist else "unknown"
    version = point.dist.version if point.dist else "unknown"
    return ThirdPartyAdapter(port, name, package, version, point.value)


def _loaded(point: EntryPoint) -> Factory:
    try:
        factory = point.load()
    # Whatever a foreign module raises while it is imported is its own failure, and is told with its name.
    except Exception as error:
        raise AdapterDoesNotLoad(
            f"the adapter {point.name} ({point.value}) cannot be imported: {error}", hint="update or uninstall its package"
        ) from error
    if not callable(factory):
        raise AdapterDoesNotLoad(f"the adapter {point.name} ({point.value}) is not a factory", hint="update or uninstall its package")
    return factory  # type: ignore[no-any-return]
