"""Which rule holds on a day, and what an address is to a market. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from tradewind.markets.model import Area, AreaKind, Confirmation, Market, Rule, RuleInForce, RuleKind, Unserved, Zone
from tradewind.markets.tariff.model import TariffLayer

FX_RULE = "fx.age"
"""The name under which a person confirms that an old table of exchange rates may be used."""

LAST_DAY = date.max

Confirmations = Mapping[str, Confirmation]

_SPACES = re.compile(r"[\s-]+")


def last_day(rule: Rule | TariffLayer, confirmations: Confirmations) -> date:
    """The last day on which the rule holds, a person's confirmation included."""
    written = rule.valid_to or LAST_DAY
    confirmed = confirmations.get(rule.id)
    return max(written, confirmed.until) if confirmed else written


def holds(rule: Rule | TariffLayer, day: date, confirmations: Confirmations) -> bool:
    """Whether the rule holds on the day."""
    return rule.valid_from <= day <= last_day(rule, confirmations)


def rules_in_force(
    market: Market, kind: RuleKind, day: date, confirmations: Confirmations, ships_from: str | None = None
) -> tuple[RuleInForce, ...]:
    """The rules of a kind that hold on the day for parcels from a country; the safe-side rule only when no other does.

    A rule for parcels from named countries holds only when `ships_from` is one of them.
    """
    found = [
        rule
        for rule in market.rules
        if rule.kind is kind and holds(rule, day, confirmations) and (not rule.ships_from or ships_from in rule.ships_from)
    ]
    chosen = [rule for rule in found if not rule.fallback] or found
    return tuple(RuleInForce(rule, _confirmed_by(rule, day, confirmations)) for rule in chosen)


def rule_in_force(
    market: Market, kind: RuleKind, day: date, confirmations: Confirmations, ships_from: str | None = None
) -> RuleInForce | None:
    """The one rule of an exclusive kind that holds on the day; None when none does.

    One that names the country the parcel leaves from wins over a general one, and of two that overlap the newest wins.
    """
    found = rules_in_force(market, kind, day, confirmations, ships_from)
    return max(found, key=lambda one: (bool(one.rule.ships_from), one.rule.valid_from)) if found else None


def tax_of(market: Market, hs: str | None, day: date, confirmations: Confirmations) -> RuleInForce | None:
    """The tax rule of goods with this tariff code: the reduced rate of the longest prefix, else the standard rate.

    Two reduced rates that cannot be told apart by the code: the higher one, which is the safe side.
    """
    fitting = [
        (len(prefix), one.rule.rate_ppm or 0, one)
        for one in rules_in_force(market, RuleKind.TAX_REDUCED, day, confirmations)
        for prefix in one.rule.hs
        if hs is not None and hs.startswith(prefix)
    ]
    if fitting:
        return max(fitting, key=lambda found: found[:2])[2]
    return rule_in_force(market, RuleKind.TAX_STANDARD, day, confirmations)


def layers_in_force(market: Market, day: date, confirmations: Confirmations) -> tuple[TariffLayer, ...]:
    """The tariff layers that hold on the day, in the order of their file."""
    return tuple(layer for layer in market.tariff if holds(layer, day, confirmations))


def return_days(market: Market, day: date, confirmations: Confirmations) -> int:
    """Days in which a shopper may return; 0 when no rule says so."""
    found = rule_in_force(market, RuleKind.RETURN_RIGHT, day, confirmations)
    return (found.rule.days or 0) if found else 0


def shown_on(market: Market, place: str, hs: str | None, day: date, confirmations: Confirmations) -> tuple[RuleInForce, ...]:
    """The notices and papers that goods of this tariff code need at a place: offer, feed, checkout, parcel or account.

    Goods without a code get every one of them: what may be needed is shown.
    """
    found = [
        one for kind in (RuleKind.NOTICE, RuleKind.PAPER) for one in rules_in_force(market, kind, day, confirmations)
    ]  # fmt: skip
    return tuple(one for one in found if place in one.rule.shown_on and touches(one.rule, hs))


def touches(rule: Rule, hs: str | None) -> bool:
    """Whether a rule is about goods of this tariff code; without a code, or with a rule for all goods, it is."""
    return not rule.hs or hs is None or any(hs.startswith(prefix) for prefix in rule.hs)


def area_of(market: Market, postcode: str | None, region: str | None = None, lines: Sequence[str] = ()) -> Area:
    """What an address is to the market: served (and its zone), another tax or customs area, or not served, with the reason.

    `region` is the state or province as in ISO 3166-2 without the country ("PR"), `lines` the lines of the street address.
    """
    plain, code = _SPACES.sub("", postcode or "").upper(), (region or "").strip().upper()
    for unserved in market.unserved:
        if _is_at(unserved, plain, code) or _is_written(unserved.pattern, lines):
            return Area(unserved.kind, unserved.reason, unserved.source)
    zone = next((zone.code for zone in market.zones if _is_at(zone, plain, code)), None)
    return Area(AreaKind.SERVED, zone=zone)


def _is_at(place: Unserved | Zone, postcode: str, region: str) -> bool:
    return (bool(postcode) and postcode.startswith(place.postcodes)) or region in place.regions


def _is_written(pattern: str | None, lines: Sequence[str]) -> bool:
    return pattern is not None and any(re.search(pattern, line, re.IGNORECASE) for line in lines)


def _confirmed_by(rule: Rule, day: date, confirmations: Confirmations) -> str | None:
    if rule.valid_to is None or day <= rule.valid_to:
        return None
    return confirmations[rule.id].by
