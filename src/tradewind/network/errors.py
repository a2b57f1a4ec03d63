"""What can be wrong with a network.

TradewindError
└── NetworkIsInvalid (input)  a network file that contradicts itself or misses something
"""

from tradewind.kit import InputIsInvalid


class NetworkIsInvalid(InputIsInvalid):
    """A network file has an unknown key, a missing value or a wrong one."""

    code = "network_invalid"
