"""What can go wrong with Google: the key that signs in (never with a word of it), a listing that has no form, and a call that is refused."""

from tradewind.kit import InputIsInvalid, TradewindError


class CredentialsAreUnusable(TradewindError):
    """The service account's key is missing or is none."""

    code = "google_credentials_unusable"


class MerchantRefused(TradewindError):
    """Google answered a call with an error, or did not answer."""

    code = "google_refused"
    http_status = 502


class ListingIsNotRenderable(InputIsInvalid):
    """An attribute's text cannot become the type that the Merchant API asks for."""

    code = "listing_not_renderable"
