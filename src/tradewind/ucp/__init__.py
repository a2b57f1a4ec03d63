"""The Universal Commerce Protocol: what the shop sells, spoken in the versions of the protocol that platforms know."""

from tradewind.ucp.counter import Counter, Handler
from tradewind.ucp.disclosing import Disclosing
from tradewind.ucp.errors import UcpRefused
from tradewind.ucp.handlers import PaymentHandlers, UcpData, load_data
from tradewind.ucp.model import (
    DEFAULT_VERSION,
    KEY_NEEDED,
    MUTATING,
    VERSIONS,
    Answer,
    Call,
    Negotiated,
    Operation,
    PlatformProfile,
)
from tradewind.ucp.negotiation import check_operation, negotiate, profile_url_of, read_profile
from tradewind.ucp.operations import OPERATIONS
from tradewind.ucp.ports import PlatformProfiles, RequestFacts, RequestVerifier, ResponseSigner, ShopLinks
from tradewind.ucp.profile import CACHE_CONTROL, WELL_KNOWN, business_profile

__all__ = [
    "CACHE_CONTROL",
    "DEFAULT_VERSION",
    "KEY_NEEDED",
    "MUTATING",
    "OPERATIONS",
    "VERSIONS",
    "WELL_KNOWN",
    "Answer",
    "Call",
    "Counter",
    "Disclosing",
    "Handler",
    "Negotiated",
    "Operation",
    "PaymentHandlers",
    "PlatformProfile",
    "PlatformProfiles",
    "RequestFacts",
    "RequestVerifier",
    "ResponseSigner",
    "ShopLinks",
    "UcpData",
    "UcpRefused",
    "business_profile",
    "check_operation",
    "load_data",
    "negotiate",
    "profile_url_of",
    "read_profile",
]
