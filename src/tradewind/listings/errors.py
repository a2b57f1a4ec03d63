"""What can be wrong with the rules of a channel.

TradewindError
└── InputIsInvalid
    ├── RuleIsInvalid
    └── TopologyIsInvalid
"""

from tradewind.kit import InputIsInvalid


class RuleIsInvalid(InputIsInvalid):
    """A rule of data/google.toml has a kind, a severity or a value that no rule has."""

    code = "listing_rule_invalid"


class TopologyIsInvalid(InputIsInvalid):
    """google.toml is missing, or something in it cannot be."""

    code = "google_topology_invalid"
