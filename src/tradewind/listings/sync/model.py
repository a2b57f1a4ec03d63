"""The words of the ledger: what is wanted, what is held, how urgent the difference is, and how a send ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

EXPIRY = timedelta(days=30)
"""Google drops a product this long after its last refresh (Merchant Center help, answer 6324499)."""
REFRESH_AFTER = timedelta(days=25)


class Urgency(IntEnum):
    """Why a listing must be sent, the most urgent first: what would sell wrongly before what would sell less."""

    WITHDRAWN = 0
    SOLD_OUT = 1
    PRICE_RISE = 2
    BACK_IN_STOCK = 3
    PRICE_CUT = 4
    NEW = 5
    CONTENT = 6
    REFRESH = 7


class Way(StrEnum):
    """How a change reaches the channel."""

    API = "api"
    SUPPLEMENTAL = "supplemental"
    FILE = "file"


class Result(StrEnum):
    """How a send ended. Unknown is a result: whether it had an effect is found out by asking."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETRY = "retry"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a market's listings in one language go. `primary` is FILE when the full set travels as a file that the API only overlays."""

    market: str
    account: str  # accounts/{number}
    label: str
    language: str
    source: str  # the API data source that takes sends
    primary: Way = Way.API

    @property
    def feed(self) -> str:
        """The ledger's name for it: a data source holds one language."""
        return f"{self.market}-{self.language}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listing should say: the hash of everything rendered, and the two facts that sell wrongly when stale."""

    offer_id: str
    content_hash: str
    price_minor: int
    available: bool


@dataclass(frozen=True, slots=True)
class Send:
    """One claimed change on its way. `version` grows with every send of a product; a deletion has no hash."""

    offer_id: str
    version: int
    urgency: Urgency
    content_hash: str | None
    price_minor: int | None
    available: bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one send ended, in the channel's words where it failed."""

    offer_id: str
    version: int
    result: Result
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be called now: per minute and until the day's end, of how many a day; None where the channel sets no limit."""

    per_minute: int | None
    left_today: int | None
    read_at: datetime
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class SyncCounts:
    """A feed's ledger in numbers."""

    held: int
    waiting: dict[Urgency, int]
    sending: int
    failed: dict[str, int]
    expiring: int
    oldest_wait_seconds: int


@dataclass(frozen=True, slots=True)
class ItemIssue:
    """What the channel holds against one listing: not_impacted, demoted or disapproved, where, and in its words."""

    code: str
    severity: str
    attribute: str
    countries: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class IssueCount:
    """One cause in a country: how many listings it touches."""

    code: str
    severity: str
    attribute: str
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class CountryStatus:
    """How many listings of an account a country shows in one place (`context`: shopping_ads, free_listings), and what keeps the others back."""

    country: str
    context: str
    active: int
    pending: int
    disapproved: int
    expiring: int
    issues: tuple[IssueCount, ...]


@dataclass(frozen=True, slots=True)
class Processed:
    """A listing as the channel shows it; the price is in millionths of a major unit, as the channel counts.

    A report knows no version (None), and tells the price before a reduction.
    """

    offer_id: str
    version: int | None
    price_micros: int
    currency: str
    available: bool
    issues: tuple[ItemIssue, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of difference between the ledger and the channel: how many, and some of them."""

    kind: str  # missing, stale, overtaken, changed, unexpected, disapproved
    count: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """One cause in the inbox: how many listings it touches, and some of them."""

    code: str
    attribute: str
    severity: str
    count: int
    countries: tuple[str, ...]
    detail: str
    samples: tuple[str, ...]
