"""What a person must look at before a market is launched: gaps, overlaps, ends, disputes. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from tradewind.kit import Money
from tradewind.markets.confidence import Confidence
from tradewind.markets.model import STACKING_KINDS, Finding, Market, Rule, RuleKind
from tradewind.markets.rules import LAST_DAY, Confirmations, holds, last_day, layers_in_force, rules_in_force
from tradewind.markets.tariff.model import TariffLayer

EXPIRING_DAYS = 60
_REQUIRED = (RuleKind.TAX_STANDARD, RuleKind.TAX_BASE, RuleKind.DUTY_BASE, RuleKind.RETURN_RIGHT)


def check(market: Market, day: date, confirmations: Confirmations) -> tuple[Finding, ...]:
    """Gaps, overlaps, rules that have run out or will within 60 days, disputed ones, and successors that do not exist."""
    return (
        *_gaps(market, day, confirmations),
        *_overlaps(market),
        *_successors(market),
        *_ends(market, day, confirmations),
        *_disputed(market, day, confirmations),
    )


def overlap(one: Rule, other: Rule) -> bool:
    """Whether two rules of an exclusive kind can both claim the same goods, value and way on some day."""
    return (
        one.kind is other.kind
        and one.fallback == other.fallback
        and max(one.valid_from, other.valid_from) <= min(one.valid_to or LAST_DAY, other.valid_to or LAST_DAY)
        and _share(one.ships_from, other.ships_from)
        and _share(one.hs, other.hs)
        and _values_meet(one, other)
    )


def _gaps(market: Market, day: date, confirmations: Confirmations) -> list[Finding]:
    findings = [
        Finding(market.code, "gap", kind.value, f"no rule of kind {kind.value} holds on {day}", f"add one to {market.code}.toml")
        for kind in _REQUIRED
        if not rules_in_force(market, kind, day, confirmations)
    ]
    if not layers_in_force(market, day, confirmations):
        findings.append(Finding(market.code, "gap", "tariff", f"no tariff layer holds on {day}", "load a tariff for this day"))
    return findings


def _overlaps(market: Market) -> Iterator[Finding]:
    exclusive = sorted((rule for rule in market.rules if rule.kind not in STACKING_KINDS), key=lambda rule: rule.valid_from)
    for earlier, later in combinations(exclusive, 2):
        if overlap(earlier, later):
            prefixes = sorted(set(earlier.hs) & set(later.hs))
            goods = f" for {', '.join(prefixes)}" if prefixes else ""
            message = f"{earlier.id} and {later.id} both say {later.kind.value}{goods} from {later.valid_from}"
            yield Finding(market.code, "overlap", later.id, message, "end the earlier rule with valid_to")


def _share(one: Sequence[str], other: Sequence[str]) -> bool:
    # An empty list is the general rule; a list of names is a particular one, which wins over it and does not overlap it.
    return bool(set(one) & set(other)) if one or other else True


def _values_meet(one: Rule, other: Rule) -> bool:
    if _apart(one.at_most, other.above) or _apart(other.at_most, one.above):
        return False
    return one.per is other.per


def _apart(top: Money | None, bottom: Money | None) -> bool:
    return top is not None and bottom is not None and top.currency == bottom.currency and top <= bottom


def _successors(market: Market) -> Iterator[Finding]:
    dated: Sequence[Rule | TariffLayer] = (*market.rules, *market.tariff)
    begins = {rule.id: rule.valid_from for rule in dated}
    for rule in dated:
        if rule.succeeded_by is None:
            continue
        if rule.succeeded_by not in begins:
            message = f"{rule.id} says that {rule.succeeded_by} replaced it, and there is no such rule"
            yield Finding(market.code, "successor", rule.id, message, f"add {rule.succeeded_by}, or take succeeded_by out")
        elif rule.valid_to is None:
            message = f"{rule.id} is replaced by {rule.succeeded_by}, and has no last day"
            yield Finding(market.code, "successor", rule.id, message, "give it a valid_to, or take succeeded_by out")
        elif begins[rule.succeeded_by] > rule.valid_to + timedelta(days=1):
            message = f"{rule.id} ends on {rule.valid_to}, and {rule.succeeded_by} begins on {begins[rule.succeeded_by]} only"
            yield Finding(market.code, "successor", rule.id, message, "say what holds on the days between")


def _ends(market: Market, day: date, confirmations: Confirmations) -> list[Finding]:
    findings = []
    dated: Sequence[Rule | TariffLayer] = (*market.rules, *market.tariff)
    for rule in dated:
        if rule.valid_to is None or rule.succeeded_by is not None or rule.valid_from > day:
            continue
        end = last_day(rule, confirmations)
        way_out = f"tradewind market confirm {rule.id} --until DATE --by NAME"
        if end < day:
            message = f"{rule.id} ran out on {end}; nothing here says what follows ({rule.source})"
            findings.append(Finding(market.code, "expired", rule.id, message, way_out))
        elif end <= day + timedelta(days=EXPIRING_DAYS):
            message = f"{rule.id} runs out on {end}, in {(end - day).days} days"
            findings.append(Finding(market.code, "expiring", rule.id, message, way_out))
    return findings


def _disputed(market: Market, day: date, confirmations: Confirmations) -> list[Finding]:
    dated: Sequence[Rule | TariffLayer] = (*market.rules, *market.tariff)
    return [
        Finding(market.code, "disputed", rule.id, f"the sources of {rule.id} disagree ({rule.source})", "ask an adviser, then mark it")
        for rule in dated
        if rule.confidence is Confidence.DISPUTED and holds(rule, day, confirmations)
    ]
