"""Promotions as a retailer writes them, and what they take off a basket. Amounts are minor units of the basket's currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PromotionKind(StrEnum):
    """What a promotion takes off: a share of the goods, a sum, or the delivery."""

    PERCENT = "percent"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"


class Rejection(StrEnum):
    """Why a code does not count."""

    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    NOT_IN_MARKET = "not_in_market"
    MINIMUM_NOT_REACHED = "minimum_not_reached"
    NOTHING_ELIGIBLE = "nothing_eligible"
    NOT_COMBINABLE = "not_combinable"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A discount with its conditions; without a code it is automatic. Sums are by currency: where one is missing, it does not count.

    `rate_ppm` is the share in millionths. Limits count completed checkouts: None is without limit. With an `eligibility` it counts for who
    claims that benefit, and `proof_emails` or `proof_methods` must prove the claim before anything is paid.
    """

    promotion_id: str
    title: str
    kind: PromotionKind
    code: str | None = None
    rate_ppm: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    minimum: Mapping[str, int] = field(default_factory=dict)
    markets: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limit_total: int | None = None
    limit_per_buyer: int | None = None
    combinable: bool = True
    eligibility: str | None = None
    proof_emails: tuple[str, ...] = ()
    proof_methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscountLine:
    """A line of a basket at what it costs without promotions."""

    line_id: str
    amount: int
    sku: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Basket:
    """What discounts are decided by. `used_up` are the promotions whose limit this buyer has met, `claims` the
    benefits that the buyer says to have.
    """

    market: str
    currency: str
    lines: tuple[DiscountLine, ...]
    fulfillment: int
    codes: tuple[str, ...]
    at: datetime
    used_up: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion that counts: the allocations by line and what falls on the delivery add up to the amount."""

    promotion: Promotion
    amount: int
    on_fulfillment: int
    allocations: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The promotions that count, and each code that does not, with the reason."""

    applied: tuple[Applied, ...] = ()
    rejected: tuple[tuple[str, Rejection], ...] = ()
