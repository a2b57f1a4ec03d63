"""The ways of delivery of a session: from the lanes that its locations have to the market, with promised days and prices from rate cards.

The listed prices hold the freight of the lane that serves an offer. A further lane of the same location whose id ends with a service,
such as `SZX-1.us.express`, makes a further option; its price is what its rate card asks more.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tradewind.checkout.model import DeliveryOption, SessionLine
from tradewind.checkout.ports import MarketDesk
from tradewind.kit import PPM, Rounding, divide
from tradewind.network import promise
from tradewind.pricing import freight

STANDARD = "standard"
_KEPT_PROMISES = 2_000


def delivery_options(desk: MarketDesk, lines: Sequence[SessionLine], at: datetime) -> tuple[DeliveryOption, ...]:
    """Every way to deliver all the lines, the included one first, then by price."""
    weights: dict[str, int] = {}
    for line in lines:
        weights[line.lane_id] = weights.get(line.lane_id, 0) + line.weight_g * line.quantity
    if not weights or any(lane_id not in desk.lanes for lane_id in weights):
        return ()
    found = [_option(desk, STANDARD, dict.fromkeys(weights, 0), {lane_id: lane_id for lane_id in weights}, at)]
    for service in _services(desk, weights):
        lanes = {lane_id: _with_service(desk, lane_id, service) for lane_id in weights}
        prices = {lane_id: _dearer(desk, lane_id, lane, weights[lane_id]) for lane_id, lane in lanes.items()}
        if None not in prices.values():
            found.append(_option(desk, service, {lane_id: price or 0 for lane_id, price in prices.items()}, lanes, at))
    return tuple(sorted(found, key=lambda one: (one.option_id != STANDARD, one.price, one.option_id)))


def _option(desk: MarketDesk, option_id: str, prices: Mapping[str, int], lanes: Mapping[str, str], at: datetime) -> DeliveryOption:
    days = [_promised(desk, lane_id, at) for lane_id in lanes.values()]
    return DeliveryOption(
        option_id, sum(prices.values()), max(first for first, _ in days), max(last for _, last in days), tuple(lanes.values())
    )


def _promised(desk: MarketDesk, lane_id: str, at: datetime) -> tuple[date, date]:
    minute = at.replace(second=0, microsecond=0)
    key = (lane_id, desk.market.country, minute)
    found = desk.promises.get(key)
    if found is None:
        lane = desk.lanes[lane_id]
        days = promise(lane, desk.locations[lane.location_id], desk.market.country, minute)
        if len(desk.promises) >= _KEPT_PROMISES:
            desk.promises.clear()
        found = desk.promises[key] = (days.earliest, days.latest)
    return found


def _services(desk: MarketDesk, base: Mapping[str, int]) -> list[str]:
    beginnings = tuple(f"{lane_id}." for lane_id in base)
    return sorted({lane_id.rpartition(".")[2] for lane_id in desk.lanes if lane_id.startswith(beginnings)})


def _with_service(desk: MarketDesk, lane_id: str, service: str) -> str:
    """The location's lane with the service, else the one that serves anyway."""
    wanted = f"{lane_id}.{service}"
    return wanted if wanted in desk.lanes else lane_id


def _dearer(desk: MarketDesk, base: str, lane: str, grams: int) -> int | None:
    """What the lane asks more for the weight, with the tax that prices include; None when it cannot lift it."""
    if lane == base:
        return 0
    asked, included = freight(desk.book, lane, grams), freight(desk.book, base, grams)
    if asked is None or included is None:
        return None
    more = max(asked - included, 0)
    return divide(more * (PPM + desk.book.tax_ppm), PPM, Rounding.HALF_UP) if desk.book.tax_included else more
