"""What can go wrong when exchange rates are loaded. The old rates stay in every case.

TradewindError
├── RatesAreOld         a file that ends before the rates that are here
└── RatesNotReached     an address that did not answer
"""

from tradewind.kit import TradewindError


class RatesAreOld(TradewindError):
    """A file of exchange rates ends before the rates that are already here."""

    code = "rates_old"
    http_status = 409


class RatesNotReached(TradewindError):
    """The address of the exchange rates did not answer, or answered with an error."""

    code = "rates_not_reached"
    http_status = 502
