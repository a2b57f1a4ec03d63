"""What a channel holds of our listings, and how it is brought up to date: a ledger, a plan by urgency, sends that survive a crash."""

from tradewind.listings.sync import reconcile
from tradewind.listings.sync.errors import AccountIsFrozen
from tradewind.listings.sync.model import (
    Budget,
    Difference,
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
from tradewind.listings.sync.ports import ListingRows, MerchantPort
from tradewind.listings.sync.push import Pusher, PushReport, PushTerms
from tradewind.listings.sync.rules import may_send, urgency, way_of
from tradewind.listings.sync.store import counts, freeze, mark_fetched, plan, thaw

__all__ = [
    "AccountIsFrozen",
    "Budget",
    "Difference",
    "IssueGroup",
    "ItemIssue",
    "ListingRows",
    "MerchantPort",
    "Outcome",
    "Processed",
    "PushReport",
    "PushTerms",
    "Pusher",
    "Result",
    "Send",
    "SyncCounts",
    "Target",
    "Urgency",
    "Wanted",
    "Way",
    "counts",
    "freeze",
    "mark_fetched",
    "may_send",
    "plan",
    "reconcile",
    "thaw",
    "urgency",
    "way_of",
]
