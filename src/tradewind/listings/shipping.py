"""Lanes and promises as account-level shipping settings, within Google's limits, and what does not fit them. Pure.

Google knows services: a country, days, a cut-off, and a table by weight. We know lanes: one place, one market, a rate card.
What cannot be said at account level stays with each listing, whose `shipping` attribute stands above the account's settings.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from tradewind.kit import Currency
from tradewind.markets import Confirmations, Market, RuleKind, rules_in_force
from tradewind.network import Lane, Network

# Representation limits of shipping settings (Merchant API, guide "quotas and limits").
SERVICES_PER_COUNTRY = 20
NAME_LENGTH = 100
LABEL_LENGTH = 100
# Longer promises are not shown to shoppers; such a market keeps to its listings' own shipping attribute.
MAX_DAYS = 60
PREFIX = "tradewind "


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One service as Google takes it: free up to `max_weight_g`, impossible above. Days are business days.

    Freight is part of every price, so shipping costs nothing more; pages, structured data and listings say the same. With a `label` it
    is for the listings with this shipping_label; those with one of `other_labels` have a service of their own.
    """

    name: str
    country: str
    currency: Currency
    handling_days: tuple[int, int]
    transit_days: tuple[int, int]
    cut_off: time
    timezone: str
    max_weight_g: int
    label: str = ""
    other_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Misfit:
    """What account-level settings cannot say; `at_item` tells whether each listing carries it instead."""

    market: str
    subject: str
    message: str
    at_item: bool


@dataclass(frozen=True, slots=True)
class ShippingPlan:
    """The services of one account, and what does not fit."""

    services: tuple[ServicePlan, ...]
    misfits: tuple[Misfit, ...]


def compile_shipping(markets: Sequence[Market], network: Network, day: date, by_label: Collection[str] = ()) -> ShippingPlan:
    """One service for each market, covering the days and weights of every lane that may serve it on the day.

    Days are the widest and the cut-off the earliest, because Google cannot know which lane will serve an order. In the markets `by_label`,
    whose listings say nothing of shipping themselves, lanes that differ have services of their own, for the listings with their label.
    """
    services: list[ServicePlan] = []
    misfits: list[Misfit] = []
    for market in markets:
        lanes = [lane for lane in network.lanes_to(market.code) if lane.rate_card(day) is not None]
        full = sum(one.country == market.country for one in services) >= SERVICES_PER_COUNTRY
        problem = _problem(market, lanes, full=full)
        if problem is not None:
            misfits.append(problem)
            continue
        labels = lane_labels(market, network, day) if market.code in by_label else {}
        room = SERVICES_PER_COUNTRY - 1 - sum(one.country == market.country for one in services)
        if len(set(labels.values())) > room:
            message = f"{len(set(labels.values()))} groups of lanes differ, and {market.country} has room for {room} more services; one says the widest"
            misfits.append(Misfit(market.code, "labels", message, at_item=False))
            labels = {}
        services.append(replace(_service(market, lanes, network, day), other_labels=tuple(sorted(set(labels.values())))))
        for label in dict.fromkeys(labels.values()):
            own = [lane for lane in lanes if labels[lane.lane_id] == label]
            services.append(replace(_service(market, own, network, day), name=f"{PREFIX}{market.code} {label}"[:NAME_LENGTH], label=label))
        misfits += _told(market, lanes, network, day, labeled=bool(labels))
    return ShippingPlan(tuple(services), tuple(misfits))


def lane_labels(market: Market, network: Network, day: date) -> dict[str, str]:
    """The shipping_label of the listings that each lane serves, one for all lanes that promise the same; none where all do."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for lane in sorted(network.lanes_to(market.code), key=lambda one: one.lane_id):
        card = lane.rate_card(day)
        if card is not None:
            zone = network.location(lane.location_id).timezone
            groups.setdefault((lane.handling_days, lane.transit_days, lane.cut_off, zone, card.max_weight_g), []).append(lane.lane_id)
    if len(groups) < 2 or len(groups) >= SERVICES_PER_COUNTRY:
        return {}
    return {lane_id: lanes[0][:LABEL_LENGTH] for lanes in groups.values() for lane_id in lanes}


def _problem(market: Market, lanes: Sequence[Lane], *, full: bool) -> Misfit | None:
    longest = max((max(lane.handling_days[1], lane.transit_days[1]) for lane in lanes), default=0)
    reasons = (
        (not lanes, "lanes", "no lane with a rate card reaches it", False),
        (full, "services", f"{market.country} has {SERVICES_PER_COUNTRY} services already", True),
        (longest > MAX_DAYS, "days", f"its slowest lane takes {longest} business days, more than {MAX_DAYS}", True),
    )
    found = next((one for one in reasons if one[0]), None)
    return None if found is None else Misfit(market.code, found[1], found[2], at_item=found[3])


def _service(market: Market, lanes: Sequence[Lane], network: Network, day: date) -> ServicePlan:
    # The earliest cut-off is the promise that holds for every lane; its own timezone says what it means.
    earliest = min(lanes, key=lambda lane: (lane.cut_off, lane.preference, lane.lane_id))
    return ServicePlan(
        name=f"{PREFIX}{market.code}"[:NAME_LENGTH],
        country=market.country,
        currency=market.currency,
        handling_days=(min(lane.handling_days[0] for lane in lanes), max(lane.handling_days[1] for lane in lanes)),
        transit_days=(min(lane.transit_days[0] for lane in lanes), max(lane.transit_days[1] for lane in lanes)),
        cut_off=earliest.cut_off,
        timezone=network.location(earliest.location_id).timezone,
        max_weight_g=max(_weights(lanes, day)),
    )


def _weights(lanes: Sequence[Lane], day: date) -> list[int]:
    return [card.max_weight_g for lane in lanes if (card := lane.rate_card(day)) is not None]


def _told(market: Market, lanes: Sequence[Lane], network: Network, day: date, *, labeled: bool) -> Iterator[Misfit]:
    if labeled:
        message = "listings whose shipping_label a rule of yours sets are shown the widest span: a listing has one label"
        yield Misfit(market.code, "labels", message, at_item=False)
    else:
        yield from _widened(market, lanes, network, day)
    if any(not lane.takes_batteries for lane in lanes):
        bare = ", ".join(lane.lane_id for lane in lanes if not lane.takes_batteries)
        yield Misfit(market.code, "batteries", f"no batteries by {bare}; offers are made only where a lane takes them", at_item=False)
    for area in market.unserved:
        count = len(area.postcodes) + len(area.regions) + bool(area.pattern)
        message = f"{area.kind} ({count} areas) is not served; the checkout refuses it, Google shows it as served"
        yield Misfit(market.code, "areas", message, at_item=False)


def _widened(market: Market, lanes: Sequence[Lane], network: Network, day: date) -> Iterator[Misfit]:
    days = {(lane.handling_days, lane.transit_days) for lane in lanes}
    if len(days) > 1:
        shown = ", ".join(
            f"{lane.lane_id} {lane.handling_days[0] + lane.transit_days[0]} to {lane.handling_days[1] + lane.transit_days[1]}"
            for lane in lanes
        )
        yield Misfit(market.code, "days", f"lanes differ ({shown} business days); the service says the widest", at_item=False)
    cut_offs = {(lane.cut_off, network.location(lane.location_id).timezone) for lane in lanes}
    if len(cut_offs) > 1:
        yield Misfit(market.code, "cut-off", f"lanes have {len(cut_offs)} cut-offs; the service says the earliest", at_item=False)
    if len(set(_weights(lanes, day))) > 1:
        yield Misfit(market.code, "weight", "rate cards end at different weights; the service takes the heaviest", at_item=False)


def short_returns(markets: Sequence[Market], promised: Mapping[str, int], day: date, confirmations: Confirmations) -> tuple[Misfit, ...]:
    """Return terms that promise fewer days than the market's rules ask for; `promised` are the days by country."""
    found = []
    for market in markets:
        asked = max((one.rule.days or 0 for one in rules_in_force(market, RuleKind.RETURN_RIGHT, day, confirmations)), default=0)
        given = promised.get(market.country)
        if given is None:
            found.append(Misfit(market.code, "returns", f"no return policy covers {market.country}", at_item=False))
        elif given < asked:
            message = f"the return policy gives {given} days, the rules of {market.name} ask for {asked}"
            found.append(Misfit(market.code, "returns", message, at_item=False))
    return tuple(found)
