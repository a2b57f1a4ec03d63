"""The choice: which variants travel to a market, how good they are, and every reason why one stays at home."""

from tradewind.assortment.errors import PolicyIsInvalid, ReasonIsUnknown
from tradewind.assortment.model import Policy, QualityFacts, QualityParts, Reason
from tradewind.assortment.rules import explain_quality, explain_reason, load_policy, reasons
from tradewind.assortment.service import COLUMNS, load, select

__all__ = [
    "COLUMNS",
    "Policy",
    "PolicyIsInvalid",
    "QualityFacts",
    "QualityParts",
    "Reason",
    "ReasonIsUnknown",
    "explain_quality",
    "explain_reason",
    "load",
    "load_policy",
    "reasons",
    "select",
]
