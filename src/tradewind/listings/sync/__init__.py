"""What a channel holds of our listings, and how it is brought up to date: a ledger, a plan by urgency, sends that survive a crash."""

from tradewind.listings.sync.errors import AccountIsFrozen
from tradewind.listings.sync.model import Budget, Outcome, Result, Send, SyncCounts, Target, Urgency, Wanted, Way
from tradewind.listings.sync.ports import ListingRows, MerchantPort
from tradewind.listings.sync.push import Pusher, PushReport, PushTerms
from tradewind.listings.sync.rules import may_send, urgency, way_of
from tradewind.listings.sync.store import counts, freeze, mark_fetched, plan, thaw

__all__ = [
    "AccountIsFrozen",
    "Budget",
    "ListingRows",
    "MerchantPort",
    "Outcome",
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
    "thaw",
    "urgency",
    "way_of",
]
