"""Webhooks: what happens to orders, told to every system that asked, in order, signed, until it is heard or a person must look.

One machinery for three kinds of targets: the platform that an order was bought through, Google's own endpoint, the retailer's endpoints.
"""

from tradewind.notifications.webhooks.delivering import Delivered, Delivering
from tradewind.notifications.webhooks.endpoints import DESCRIPTION_LENGTH, Endpoints, NewEndpoint
from tradewind.notifications.webhooks.errors import DeliveryUnknown, EndpointIsRefused, EndpointUnknown, TooManyEndpoints
from tradewind.notifications.webhooks.model import (
    DELIVERY,
    Delivery,
    DeliveryStatus,
    Endpoint,
    Lag,
    OrderHappening,
    Target,
    TargetKind,
)
from tradewind.notifications.webhooks.ports import Dialect, Dispatch, TargetFinder, Within
from tradewind.notifications.webhooks.rules import happenings, primary_event_id, shared_secret_headers
from tradewind.notifications.webhooks.service import Webhooks
from tradewind.notifications.webhooks.store import prune

__all__ = [
    "DELIVERY",
    "DESCRIPTION_LENGTH",
    "Delivered",
    "Delivering",
    "Delivery",
    "DeliveryStatus",
    "DeliveryUnknown",
    "Dialect",
    "Dispatch",
    "Endpoint",
    "EndpointIsRefused",
    "EndpointUnknown",
    "Endpoints",
    "Lag",
    "NewEndpoint",
    "OrderHappening",
    "Target",
    "TargetFinder",
    "TargetKind",
    "TooManyEndpoints",
    "Webhooks",
    "Within",
    "happenings",
    "primary_event_id",
    "prune",
    "shared_secret_headers",
]
