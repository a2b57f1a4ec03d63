"""An order as the platform that placed it may read it: the same snapshot that its webhooks bring."""

from collections.abc import Mapping
from types import ModuleType

import msgspec

from tradewind.orders import OrderUnknown
from tradewind.ucp.asking import PLATFORM
from tradewind.ucp.capabilities import ORDER
from tradewind.ucp.codecs import codec_of
from tradewind.ucp.counter import Counter
from tradewind.ucp.model import V2026_01_23, V2026_04_08, Answer, Call
from tradewind.ucp.policy import OK
from tradewind.ucp.v2026_01_23 import order as january
from tradewind.ucp.v2026_04_08 import order as april

_encode = msgspec.json.Encoder().encode
ID_BEGINS = "ord_"
WRITERS: Mapping[str, ModuleType] = {V2026_04_08: april, V2026_01_23: january}
"""What tells an order in each version."""


async def get(call: Call, counter: Counter) -> Answer:
    """The order. Another platform's, or one of the shop's own pages, is as unknown as none: nobody learns which ids exist."""
    codec = codec_of(call, counter)
    if not call.resource_id.startswith(ID_BEGINS):  # the shop's own numbers can be counted through
        return codec.not_found("order")
    try:
        view = await counter.orders.find(call.resource_id)
    except OrderUnknown:
        return codec.not_found("order")
    order = view.order
    if order.facts["source"].get(PLATFORM) != call.negotiated.platform.url:
        return codec.not_found("order")
    link, market = counter.links.order(order.market, order.order_id), counter.markets.get(order.market)
    say = counter.speech(str(order.facts.get("language") or "en"), market.country if market else "US").text
    entity = WRITERS[call.negotiated.version].order_entity(
        order, view.shipments, ucp=call.negotiated.active[ORDER], permalink_url=link, say=say
    )
    return Answer(OK, _encode(entity))
