"""The lanes of a market on a day, and what the reasons of a decision mean. Pure."""

from datetime import date

from tradewind.allocation.model import LaneBook, ServingLane
from tradewind.markets import Market
from tradewind.network import Network, business_days

REASONS: dict[str, str] = {
    "imported_stock_nearby": "stock that has already been imported serves first: it is fast, and no customs bill can follow",
    "direct_parcel_no_imported_stock": "no imported stock is left, so a parcel comes straight from the warehouse abroad",
    "out_of_stock_everywhere": "no location on a lane to this market has stock; the lane shown would serve it",
    "too_heavy_for_every_lane": "the weight is above the limit of every lane to this market",
}
"""The codes of `served.reason`, in words."""


def lane_book(market: Market, network: Network, as_of: date) -> LaneBook:
    """The lanes to `market` that have a rate card on `as_of`, the preferred first."""
    lanes = []
    for lane in network.lanes_to(market.code):
        card = lane.rate_card(as_of)
        if card is None:
            continue
        first, last = business_days(lane)
        lanes.append(
            ServingLane(
                lane_id=lane.lane_id,
                location_id=lane.location_id,
                ships_from=network.location(lane.location_id).country,
                imported=lane.imported,
                preference=lane.preference,
                min_quantity=lane.min_quantity,
                max_weight_g=card.max_weight_g,
                takes_batteries=lane.takes_batteries,
                min_days=first,
                max_days=last,
            )
        )
    return LaneBook(market.code, as_of, tuple(lanes))
