"""The world's rules as dated data: one TOML per market, loaders and checks. Knows nothing of products."""

from tradewind.markets.digest import digest_of
from tradewind.markets.errors import MarketIsInvalid, MarketIsUnknown
from tradewind.markets.files import load_confirmations, load_market, load_markets, write_confirmation
from tradewind.markets.model import (
    Confidence,
    Confirmation,
    Finding,
    LayerMode,
    Market,
    Rule,
    RuleInForce,
    RuleKind,
    TariffLayer,
    Unserved,
)
from tradewind.markets.rules import FX_RULE, Confirmations, check, layers_in_force, return_days, rule_in_force, rules_in_force

__all__ = [
    "FX_RULE",
    "Confidence",
    "Confirmation",
    "Confirmations",
    "Finding",
    "LayerMode",
    "Market",
    "MarketIsInvalid",
    "MarketIsUnknown",
    "Rule",
    "RuleInForce",
    "RuleKind",
    "TariffLayer",
    "Unserved",
    "check",
    "digest_of",
    "layers_in_force",
    "load_confirmations",
    "load_market",
    "load_markets",
    "return_days",
    "rule_in_force",
    "rules_in_force",
    "write_confirmation",
]
