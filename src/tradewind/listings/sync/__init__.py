"""What a channel holds of our listings, and how it is brought up to date: a ledger, a plan by urgency, sends that survive a crash."""

from tradewind.listings.sync import reconcile
from tradewind.listings.sync.accounts import AccountIssue, AccountPort, Frozen, all_frozen, freeze, frozen, thaw, watch
from tradewind.listings.sync.advice import Advice, advise
from tradewind.listings.sync.errors import AccountIsFrozen
from tradewind.listings.sync.fixes import Fix, fix_of
from tradewind.listings.sync.model import (
    Budget,
    CountryStatus,
    Difference,
    IssueCount,
    IssueGroup,
    ItemIssue,
    Outcome,
    Processed,
    Result,
    Send,
    SyncCounts,
    Target,
    Urgency,
    Wanted,
    Way,
)
from tradewind.listings.sync.noting import HeldLag, NotedChange, feeds, held_lag, note, note_withdrawn, urgent_waits
from tradewind.listings.sync.ports import ListingRows, MerchantPort, ShownPort
from tradewind.listings.sync.push import Pusher, PushReport, PushTerms
from tradewind.listings.sync.rules import may_send, page_price, urgency, way_of
from tradewind.listings.sync.store import counts, mark_fetched, plan

__all__ = [
    "AccountIsFrozen",
    "AccountIssue",
    "AccountPort",
    "Advice",
    "Budget",
    "CountryStatus",
    "Difference",
    "Fix",
    "Frozen",
    "HeldLag",
    "IssueCount",
    "IssueGroup",
    "ItemIssue",
    "ListingRows",
    "MerchantPort",
    "NotedChange",
    "Outcome",
    "Processed",
    "PushReport",
    "PushTerms",
    "Pusher",
    "Result",
    "Send",
    "ShownPort",
    "SyncCounts",
    "Target",
    "Urgency",
    "Wanted",
    "Way",
    "advise",
    "all_frozen",
    "counts",
    "feeds",
    "fix_of",
    "freeze",
    "frozen",
    "held_lag",
    "mark_fetched",
    "may_send",
    "note",
    "note_withdrawn",
    "page_price",
    "plan",
    "reconcile",
    "thaw",
    "urgency",
    "urgent_waits",
    "watch",
    "way_of",
]
