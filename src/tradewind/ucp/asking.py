"""A checkout's request, freed of its version: what the core is asked, and what the session must remember of the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tradewind.checkout import Buyer, Destination, WantedLine
from tradewind.ucp.addressing import destination_of, joined
from tradewind.ucp.wire import AskedCheckout, AskedDestination, AskedMethod

SHIPPING = "shipping"
PLATFORM, VERSION, WEBHOOK, SURFACE = "platform", "ucp_version", "webhook_url", "surface"
ATTRIBUTION = "attribution"
# The words of a name that are the given one: only their number, because a session's source is not sealed.
DESTINATION_ID, BUYER_GIVEN, SHIP_GIVEN = "destination_id", "buyer_given", "ship_given"
FIRST_DESTINATION = "destination_1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a create or update asks for. `remembered` goes into the session's source."""

    lines: tuple[WantedLine, ...]
    buyer: Buyer
    destination: Destination | None
    option: str | None
    codes: tuple[str, ...]
    claims: tuple[str, ...]
    remembered: Mapping[str, str] = field(default_factory=dict)


def asked_of(body: AskedCheckout, *, with_fulfillment: bool, with_discounts: bool, with_consent: bool, with_claims: bool) -> Asked:
    """The request in the core's words; what was not negotiated is ignored."""
    given = body.buyer
    name = joined(given.first_name, given.last_name)
    buyer = Buyer(given.email.strip(), name, given.phone_number.strip(), dict(given.consent) if with_consent else {})
    method = _method(body) if with_fulfillment else None
    chosen = _chosen(method) if method is not None else None
    codes = dict.fromkeys(code.strip() for code in body.discounts.codes if code.strip()) if with_discounts else {}
    remembered = {
        BUYER_GIVEN: _words(given.first_name),
        SHIP_GIVEN: _words(chosen.first_name) if chosen is not None else "",
        DESTINATION_ID: (chosen.id or FIRST_DESTINATION) if chosen is not None else "",
    }
    if body.attribution:
        remembered[ATTRIBUTION] = json.dumps(body.attribution, ensure_ascii=False, separators=(",", ":"))
    return Asked(
        tuple(WantedLine(one.item.id, one.quantity) for one in body.line_items),
        buyer,
        destination_of(chosen, name, given.phone_number.strip()) if chosen is not None else None,
        next((one.selected_option_id for one in method.groups if one.selected_option_id), None) if method is not None else None,
        tuple(codes),
        tuple(body.context.eligibility) if with_claims else (),
        remembered,
    )


def _method(body: AskedCheckout) -> AskedMethod | None:
    """The shipping method. One is offered, for all lines; whichever line ids it names (platforms choose them before ours exist)."""
    return next((one for one in body.fulfillment.methods if one.type == SHIPPING), None)


def _chosen(method: AskedMethod) -> AskedDestination | None:
    """The destination that is selected; the first while none is, because its price is the better estimate."""
    wanted = method.selected_destination_id
    selected = next((one for one in method.destinations if wanted and one.id == wanted), None)
    return selected or (method.destinations[0] if method.destinations else None)


def _words(name: str) -> str:
    return str(len(name.split()))
