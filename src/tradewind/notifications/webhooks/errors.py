"""What can go wrong with webhooks, for whoever manages them.

TradewindError
├── DeliveryUnknown, EndpointUnknown (not found)
├── EndpointIsRefused (input)   its address may not be called, or an event is not one
└── TooManyEndpoints
"""

from tradewind.kit import InputIsInvalid, NotFound, TradewindError


class DeliveryUnknown(NotFound):
    """There is no delivery of this id."""

    code = "webhook_delivery_unknown"


class EndpointUnknown(NotFound):
    """There is no endpoint of this id."""

    code = "webhook_endpoint_unknown"


class EndpointIsRefused(InputIsInvalid):
    """The endpoint's address may not be called, or it asks for an event that does not exist."""

    code = "webhook_endpoint_refused"


class TooManyEndpoints(TradewindError):
    """The shop has as many endpoints as it may have."""

    code = "too_many_webhook_endpoints"
    http_status = 409
