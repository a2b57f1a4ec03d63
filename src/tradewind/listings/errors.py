"""What can be wrong with the rules of a channel.

TradewindError
└── InputIsInvalid
    └── RuleIsInvalid
"""

from tradewind.kit import InputIsInvalid


class RuleIsInvalid(InputIsInvalid):
    """A rule of data/google.toml has a kind, a severity or a value that no rule has."""

    code = "listing_rule_invalid"
