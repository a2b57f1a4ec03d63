"""The batch stream's values: what a shard gets, and what it gives back. All of them are picklable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from tradewind.allocation import LaneBook
from tradewind.assortment import Policy
from tradewind.content import Glossary
from tradewind.listings import AttributeBook
from tradewind.pricing import PriceBook, SetPrice


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """Everything a shard must know of one market on one day. Equal digests give equal rows for equal inputs."""

    market: str
    country: str
    as_of: date
    languages: tuple[str, ...]
    currency: str
    tax_included: bool
    return_days: int
    public_url: str
    price: PriceBook
    lanes: LaneBook
    policy: Policy
    glossary: Glossary
    attributes: AttributeBook
    digest: str
    notes: tuple[str, ...] = ()  # rules that have run out, and those that hold on a person's word only
    set_prices: tuple[SetPrice, ...] = ()  # of this market on this day, in place of computed ones


@dataclass(frozen=True, slots=True)
class ShardSpec:
    """One shard's work: a pure function of these values and the files they name.

    `reusable` names, by market, the folder of an earlier run's same shard whose rules were equal: its unchanged rows are copied.
    `published` names, by market, the folders that hold what is published now: the diff is made against them.
    `withdrawn` names, by market, the skus that may not be sold there. `prices` is the pinned history of published prices of dated
    offers, and `pinned_at` when it was pinned; without both no reduction is announced.
    """

    run_id: str
    shard: int
    shard_count: int
    products: Path
    stock: Path
    target: Path
    plans: tuple[MarketPlan, ...]
    reusable: Mapping[str, Path]
    published: Mapping[str, tuple[Path, ...]]
    threads: int
    memory_limit_mb: int
    withdrawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prices: Path | None = None
    pinned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShardMarketResult:
    """The counts of one market in one shard. considered = chosen + the sum of left_out (by primary reason)."""

    market: str
    considered: int
    chosen: int
    left_out: Mapping[str, int]
    verdicts: Mapping[str, int]
    computed: int
    new: int
    changed: int
    gone: int
    unchanged: int
    refused_prices: tuple[tuple[str, str], ...] = ()  # (sku, why its set price was not used)


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What one shard did, and how long it took."""

    shard: int
    seconds: float
    peak_memory_mb: int
    markets: tuple[ShardMarketResult, ...]
