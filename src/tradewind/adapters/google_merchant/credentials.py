"""What can be wrong with the key that signs in to Google; never with a word of the key itself."""

from tradewind.kit import TradewindError


class CredentialsAreUnusable(TradewindError):
    """The service account's key is missing or is none."""

    code = "google_credentials_unusable"
