"""What a checkout changes in its lines and codes is taken back into the cart that it came from, so that a buyer who goes back finds the same there."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from msgspec import structs

from tradewind.checkout import store
from tradewind.checkout.model import CheckoutSession, WantedLine
from tradewind.db import AsyncTransaction

Priced: TypeAlias = Callable[[AsyncTransaction, CheckoutSession, Sequence[WantedLine]], Awaitable[CheckoutSession]]
"""What the lines cost in a cart."""
CART_KEPT = timedelta(days=30)
ATTEMPTS = 3


async def reflect(
    tx: AsyncTransaction, before: CheckoutSession, after: CheckoutSession, wanted: Sequence[WantedLine], *, priced: Priced, at: datetime
) -> None:
    """Changes the cart of a checkout whose lines, codes or claims were changed; asks nothing of a checkout without a cart.

    "During active checkout — Business SHOULD maintain the cart and reflect relevant checkout modifications (quantity changes, item removals)
    back to the cart" (cart, Cart lifecycle after conversion). A cart that is gone stays gone; what is taken back is what the buyer wants,
    also where it cannot be had today.
    """
    if after.cart_id is None or not _has_changed(before, after, wanted):
        return
    for _ in range(ATTEMPTS):
        cart = await store.read_cart(tx, after.cart_id, at)
        if cart is None:
            return
        chosen = structs.replace(cart, codes=after.codes, claims=after.claims)
        changed = structs.replace(await priced(tx, chosen, wanted), expires_at=at + CART_KEPT)
        if await store.change_cart(tx, changed, cart.version, at):
            return


def _has_changed(before: CheckoutSession, after: CheckoutSession, wanted: Sequence[WantedLine]) -> bool:
    lines = [(line.offer_id, line.quantity) for line in before.lines]
    return (before.codes, before.claims) != (after.codes, after.claims) or lines != [(one.offer_id, one.quantity) for one in wanted]
