"""What can go wrong between the ledger and a channel."""

from tradewind.kit import TradewindError


class AccountIsFrozen(TradewindError):
    """Pushes of an account are stopped until a person has looked at its account-level issue."""

    code = "account_frozen"
    http_status = 409
