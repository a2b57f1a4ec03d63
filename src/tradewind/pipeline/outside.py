"""What the world outside holds of us now: each channel's ledger and inbox, stopped accounts, withdrawals, and how fast changes arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tradewind.db import Transaction
from tradewind.listings.sync import Fix, Frozen, HeldLag, IssueGroup, SyncCounts, all_frozen, counts, feeds, fix_of, reconcile
from tradewind.offers import live as offers_live
from tradewind.offers import withdrawal
from tradewind.offers.withdrawal import Withdrawal
from tradewind.pipeline import live

LAG_HOURS = 1
ISSUES_SHOWN = 20
WITHDRAWALS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """Sends that a channel refused for one reason, and what to do."""

    reason: str
    count: int
    fix: Fix


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One feed: its ledger in numbers, what was refused, and its issue inbox with fixes, the worst first."""

    feed: str
    counts: SyncCounts
    refused: tuple[Refusal, ...]
    issues: tuple[tuple[IssueGroup, Fix], ...]

    @property
    def waiting(self) -> int:
        return sum(self.counts.waiting.values())


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything at once."""

    channels: tuple[ChannelState, ...]
    frozen: tuple[Frozen, ...]
    withdrawals: tuple[Withdrawal, ...]
    lags: Mapping[str, offers_live.Lag | HeldLag]


def outside(tx: Transaction, at: datetime) -> Outside:
    """The state of now."""
    return Outside(
        channels=tuple(_channel(tx, feed, at) for feed in feeds(tx)),
        frozen=tuple(all_frozen(tx)),
        withdrawals=tuple(withdrawal.withdrawals(tx, WITHDRAWALS_SHOWN)),
        lags=live.lags(tx, at, hours=LAG_HOURS),
    )


def _channel(tx: Transaction, feed: str, at: datetime) -> ChannelState:
    market = feed.split("-", 1)[0]
    numbers = counts(tx, feed, at)
    return ChannelState(
        feed=feed,
        counts=numbers,
        refused=tuple(Refusal(reason, number, fix_of("reason", reason, market)) for reason, number in numbers.failed.items()),
        issues=tuple((one, fix_of("issue", one.code, market)) for one in reconcile.issues(tx, feed)[:ISSUES_SHOWN]),
    )
