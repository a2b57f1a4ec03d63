"""What judges a purchase before money moves: rules over counts, cards, addresses and lists of names."""

from tradewind.adapters.risk.lists import DeniedParties, Forwarders, load_denied, load_forwarders
from tradewind.adapters.risk.rules import RiskRules, RuleBasedRisk, load_rules, parse_rules

__all__ = [
    "DeniedParties",
    "Forwarders",
    "RiskRules",
    "RuleBasedRisk",
    "load_denied",
    "load_forwarders",
    "load_rules",
    "parse_rules",
]
