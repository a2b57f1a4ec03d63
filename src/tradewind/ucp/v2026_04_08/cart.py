"""A cart as the schema cart.json of 2026-04-08 has it: estimates, without payment and status. Pure."""

from typing import Any

from tradewind.checkout import Cart
from tradewind.ucp.capabilities import CART, DISCOUNT
from tradewind.ucp.v2026_04_08.checkout import (
    Telling,
    buyer_entity,
    disclosures,
    discounts_entity,
    line_entity,
    message_entity,
    moment,
    totals_of,
)


def cart_entity(cart: Cart, telling: Telling) -> dict[str, Any]:
    """The whole cart."""
    counter, negotiated, session = telling.counter, telling.negotiated, cart.session
    entity: dict[str, Any] = {
        "ucp": negotiated.active[CART],
        "id": cart.cart_id,
        "line_items": [line_entity(line) for line in cart.lines],
        "currency": cart.currency,
        "totals": totals_of(session, telling.speech(session)),
        "messages": [*(message_entity(one, session, telling) for one in cart.messages), *disclosures(session, telling)],
        "links": [{"type": kind, "url": url} for kind, url in counter.links.policies(cart.market)],
        "continue_url": counter.links.cart(cart.market, cart.cart_id),
        "expires_at": moment(session.expires_at),
    }
    buyer = buyer_entity(session)
    entity |= {"buyer": buyer} if buyer else {}
    if negotiated.has(DISCOUNT):
        entity["discounts"] = discounts_entity(session, telling.speech(session))
    return entity
