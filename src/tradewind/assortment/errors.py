"""What can be wrong with an assortment policy.

TradewindError
├── InputIsInvalid
│   └── PolicyIsInvalid
└── NotFound
    └── ReasonIsUnknown
"""

from tradewind.kit import InputIsInvalid, NotFound


class PolicyIsInvalid(InputIsInvalid):
    """An assortment policy file holds a key or a value that a policy does not have."""

    code = "policy_invalid"


class ReasonIsUnknown(NotFound):
    """No reason has this code."""

    code = "reason_unknown"
