"""Market files for tests, and what a market says on a day as plain data."""

from datetime import date
from pathlib import Path
from typing import Any

from tradewind.markets import Market, Rule, RuleKind, check, return_days, rule_in_force, rules_in_force

BASE = """market = "xx"
extends = ["eu"]
name = "Test"
country = "XX"
currency = "EUR"
languages = ["en"]
ending = { step = 100, last = 99 }
"""
_BOUNDED = (
    RuleKind.TAX_AT_SALE, RuleKind.TAX_RELIEF, RuleKind.DUTY_FLAT, RuleKind.DUTY_RELIEF, RuleKind.DUTY_SIMPLIFIED,
    RuleKind.PARCEL_FEE, RuleKind.LINE_FEE, RuleKind.EXTRA_TAX,
)  # fmt: skip


def own_market(folder: Path, text: str) -> Path:
    (folder / "xx.toml").write_text(text, encoding="utf-8")
    return folder


def a_rule(name: str, start: str = "2020-01-01", extra: str = "", kind: str = "tax_standard", value: str = "rate_ppm = 200000") -> str:
    return (
        f'\n[[rule]]\nid = "{name}"\nkind = "{kind}"\n{value}\nvalid_from = {start}\n'
        f'source = "test"\nconfidence = "certain"\n{extra}'
    )  # fmt: skip


def resolved(market: Market, day: date) -> dict[str, Any]:
    """Everything that the market's rules say on a day; its tariff is tested where tariffs are."""
    standard = rule_in_force(market, RuleKind.TAX_STANDARD, day, {})
    rules = {kind: rules_in_force(market, kind, day, {}) for kind in RuleKind}
    own = {rule.id for rule in market.rules} | {kind.value for kind in RuleKind}
    return {
        "tax": f"{standard.rule.id} {standard.rule.rate_ppm} {standard.certainty}" if standard else None,
        "reduced": {one.rule.id: f"{one.rule.rate_ppm}: {' '.join(one.rule.hs)}" for one in rules[RuleKind.TAX_REDUCED]},
        "bases": {
            one.rule.id: _base(one.rule) for kind in (RuleKind.TAX_BASE, RuleKind.DUTY_BASE) for one in rules[kind]
        },
        "bounds": {one.rule.id: _bound(one.rule) for kind in _BOUNDED for one in rules_from_anywhere(market, kind, day)},
        "shares": {one.rule.id: one.rule.rate_ppm for kind in (RuleKind.IMPORT_FEE, RuleKind.VALUE_FACTOR) for one in rules[kind]},
        "return_days": return_days(market, day, {}),
        "shown": {one.rule.id: " ".join(one.rule.shown_on) for one in rules[RuleKind.NOTICE]},
        "papers": {one.rule.id: one.rule.registration for one in rules[RuleKind.PAPER]},
        "findings": [f"{one.code} {one.rule}" for one in check(market, day, {}) if one.rule in own],
    }  # fmt: skip


def rules_from_anywhere(market: Market, kind: RuleKind, day: date) -> list[Any]:
    """The rules of a kind for parcels from any country: those of named countries too."""
    named = {country for rule in market.rules for country in rule.ships_from}
    found = {one.rule.id: one for place in (None, *sorted(named)) for one in rules_in_force(market, kind, day, {}, place)}
    return list(found.values())


def _bound(rule: Rule) -> str:
    said = [
        f"{rule.rate_ppm} ppm" if rule.rate_ppm is not None else "",
        " ".join(f"{prefix}={ppm}" for prefix, ppm in rule.rates),
        str(rule.amount or ""),
        f"above {rule.above}" if rule.above else "",
        f"{'up to' if rule.inclusive else 'below'} {rule.at_most} of {' '.join(rule.counts)} per {rule.per}" if rule.at_most else "",
        f"from {' '.join(rule.ships_from)}" if rule.ships_from else "",
        f"codes {' '.join(rule.hs)}" if rule.hs else "",
        f"with {rule.registration}" if rule.registration else "",
        rule.confidence.value,
    ]
    return "; ".join(words for words in said if words)


def _base(rule: Rule) -> str:
    return " ".join(rule.counts) + (f", insurance {rule.insurance_ppm} ppm" if rule.insurance_ppm else "")
