"""What the emulator is told at its start, and what it keeps of a product."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

EXPIRY = timedelta(days=30)
"""A product vanishes this long after its last refresh (Merchant Center help, answer 6324499)."""
UPDATES_A_DAY = 2
"""Google's policy for one product through the API ("quotas and limits" of the Merchant API)."""
QUOTA_RESET_HOUR = 12
"""Daily quotas begin anew at noon UTC (QuotaGroup.quota_usage)."""


@dataclass(frozen=True, slots=True)
class CenterConfig:
    """`processing_seconds` from an accepted input to a readable product; quotas per group of methods; None: unlimited."""

    accounts: tuple[int, ...] = (1001,)
    advanced_account: int = 1000
    processing_seconds: float = 0.0
    quota_per_minute: int | None = None
    quota_per_day: int | None = None
    products_limit: int = 10_000_000
    strict_updates: bool = False
    seed: int = 0


@dataclass(slots=True)
class StoredInput:
    """One input of one data source: the serialized ProductInput and when it came."""

    payload: bytes
    received_at: datetime


@dataclass(slots=True)
class StoredProduct:
    """A product under its key: inputs by data source as last sent, and as last processed."""

    primary: str = ""
    version_number: int | None = None
    created_at: datetime | None = None
    refreshed_at: datetime | None = None
    sent: dict[str, StoredInput] = field(default_factory=dict)
    processed: dict[str, StoredInput] = field(default_factory=dict)
    status_digest: str = ""
    writes: list[datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Issue:
    """A judgment on one item: `severity` is NOT_IMPACTED, DEMOTED or DISAPPROVED, for the countries named."""

    code: str
    severity: str
    attribute: str
    description: str
    countries: tuple[str, ...]
