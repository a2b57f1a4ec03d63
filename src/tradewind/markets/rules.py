"""Which rule holds on a day, and what is wrong with a market's set of rules. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations

from tradewind.markets.model import STACKING_KINDS, Confidence, Confirmation, Finding, Market, Rule, RuleInForce, RuleKind, TariffLayer

EXPIRING_DAYS = 60
FX_RULE = "fx.age"
"""The name under which a person confirms that an old table of exchange rates may be used."""

_REQUIRED = (RuleKind.TAX_STANDARD, RuleKind.TAX_BASE, RuleKind.DUTY_BASE, RuleKind.RETURN_RIGHT)
_LAST_DAY = date.max

Confirmations = Mapping[str, Confirmation]


def last_day(rule: Rule | TariffLayer, confirmations: Confirmations) -> date:
    """The last day on which the rule holds, a person's confirmation included."""
    written = rule.valid_to or _LAST_DAY
    confirmed = confirmations.get(rule.id)
    return max(written, confirmed.until) if confirmed else written


def holds(rule: Rule | TariffLayer, day: date, confirmations: Confirmations) -> bool:
    """Whether the rule holds on the day."""
    return rule.valid_from <= day <= last_day(rule, confirmations)


def rules_in_force(market: Market, kind: RuleKind, day: date, confirmations: Confirmations) -> tuple[RuleInForce, ...]:
    """The rules of a kind that hold on the day; the safe-side rule only when no other does."""
    found = [rule for rule in market.rules if rule.kind is kind and holds(rule, day, confirmations)]
    chosen = [rule for rule in found if not rule.fallback] or found
    return tuple(RuleInForce(rule, _confirmed_by(rule, day, confirmations)) for rule in chosen)


def rule_in_force(market: Market, kind: RuleKind, day: date, confirmations: Confirmations) -> RuleInForce | None:
    """The one rule of an exclusive kind that holds on the day, the newest when two overlap; None when none does."""
    found = rules_in_force(market, kind, day, confirmations)
    return max(found, key=lambda one: one.rule.valid_from) if found else None


def layers_in_force(market: Market, day: date, confirmations: Confirmations) -> tuple[TariffLayer, ...]:
    """The tariff layers that hold on the day, in the order of their file."""
    return tuple(layer for layer in market.tariff if holds(layer, day, confirmations))


def return_days(market: Market, day: date, confirmations: Confirmations) -> int:
    """Days in which a shopper may return; 0 when no rule says so."""
    found = rule_in_force(market, RuleKind.RETURN_RIGHT, day, confirmations)
    return (found.rule.days or 0) if found else 0


def check(market: Market, day: date, confirmations: Confirmations) -> tuple[Finding, ...]:
    """Gaps, overlaps, rules that have run out, rules that run out within 60 days, and disputed ones."""
    return (
        *_gaps(market, day, confirmations),
        *_overlaps(market),
        *_ends(market, day, confirmations),
        *_disputed(market, day, confirmations),
    )


def _confirmed_by(rule: Rule, day: date, confirmations: Confirmations) -> str | None:
    if rule.valid_to is None or day <= rule.valid_to:
        return None
    return confirmations[rule.id].by


def _gaps(market: Market, day: date, confirmations: Confirmations) -> list[Finding]:
    findings = [
        Finding(market.code, "gap", kind.value, f"no rule of kind {kind.value} holds on {day}", f"add one to {market.code}.toml")
        for kind in _REQUIRED
        if not rules_in_force(market, kind, day, confirmations)
    ]
    if not layers_in_force(market, day, confirmations):
        findings.append(Finding(market.code, "gap", "tariff", f"no tariff layer holds on {day}", "load a tariff for this day"))
    return findings


def _overlaps(market: Market) -> list[Finding]:
    exclusive = [rule for rule in market.rules if rule.kind not in STACKING_KINDS and not rule.fallback]
    return [
        Finding(
            market.code,
            "overlap",
            later.id,
            f"{earlier.id} and {later.id} both say {later.kind.value} from {later.valid_from}",
            "end the earlier rule with valid_to",
        )
        for earlier, later in combinations(sorted(exclusive, key=lambda rule: rule.valid_from), 2)
        if earlier.kind is later.kind and later.valid_from <= (earlier.valid_to or _LAST_DAY)
    ]


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
