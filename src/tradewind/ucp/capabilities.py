"""Everything that this server can do, in one place: the profile, the negotiation and the answers are made from this list alone.

Whoever adds an operation adds its capability here, in the same change; nothing is advertised that does not work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tradewind.ucp.model import V2026_01_23, V2026_04_08, Operation

CHECKOUT = "dev.ucp.shopping.checkout"
FULFILLMENT = "dev.ucp.shopping.fulfillment"
DISCOUNT = "dev.ucp.shopping.discount"
CONSENT = "dev.ucp.shopping.buyer_consent"
CART = "dev.ucp.shopping.cart"
CATALOG_SEARCH = "dev.ucp.shopping.catalog.search"
CATALOG_LOOKUP = "dev.ucp.shopping.catalog.lookup"
ORDER = "dev.ucp.shopping.order"


@dataclass(frozen=True, slots=True)
class Capability:
    """A capability (or, with `extends`, an extension) in the versions of the protocol in which it is served."""

    name: str
    page: str
    schema: str
    versions: tuple[str, ...]
    extends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)

    def parents(self, version: str) -> tuple[str, ...]:
        """The capabilities that it extends in a version; none for a root."""
        return self.extends.get(version, ())


_BOTH = (V2026_04_08, V2026_01_23)
_OF_CHECKOUT = dict.fromkeys(_BOTH, (CHECKOUT,))

CAPABILITIES: tuple[Capability, ...] = (
    Capability(CHECKOUT, "checkout", "shopping/checkout.json", _BOTH),
    Capability(CART, "cart", "shopping/cart.json", (V2026_04_08,)),
    Capability(ORDER, "order", "shopping/order.json", _BOTH),
    Capability(CATALOG_SEARCH, "catalog/search", "shopping/catalog_search.json", (V2026_04_08,)),
    Capability(CATALOG_LOOKUP, "catalog/lookup", "shopping/catalog_lookup.json", (V2026_04_08,)),
    Capability(FULFILLMENT, "fulfillment", "shopping/fulfillment.json", _BOTH, _OF_CHECKOUT),
    Capability(DISCOUNT, "discount", "shopping/discount.json", _BOTH, _OF_CHECKOUT | {V2026_04_08: (CHECKOUT, CART)}),
    Capability(CONSENT, "buyer-consent", "shopping/buyer_consent.json", _BOTH, _OF_CHECKOUT),
)
"""What is served, each in the versions in which it is."""

ROOT_OF: Mapping[Operation, str] = {
    Operation.CREATE_CHECKOUT: CHECKOUT,
    Operation.GET_CHECKOUT: CHECKOUT,
    Operation.UPDATE_CHECKOUT: CHECKOUT,
    Operation.COMPLETE_CHECKOUT: CHECKOUT,
    Operation.CANCEL_CHECKOUT: CHECKOUT,
    Operation.CREATE_CART: CART,
    Operation.GET_CART: CART,
    Operation.UPDATE_CART: CART,
    Operation.CANCEL_CART: CART,
    Operation.SEARCH_CATALOG: CATALOG_SEARCH,
    Operation.LOOKUP_CATALOG: CATALOG_LOOKUP,
    Operation.GET_PRODUCT: CATALOG_LOOKUP,
    Operation.GET_ORDER: ORDER,
}
"""The root capability that each operation belongs to."""


def served(version: str) -> tuple[Capability, ...]:
    """The capabilities of a version of the protocol."""
    return tuple(one for one in CAPABILITIES if version in one.versions)
