"""Gives the checkout the retailer's promotions: what its port asks, in the words of the room that decides them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tradewind.checkout import Allocation, AppliedDiscount, DiscountAnswer, DiscountQuestion
from tradewind.promotions import Applied, Basket, DiscountLine, PromotionBook, apply, claim, is_proved, plain_code, release

if TYPE_CHECKING:
    from tradewind.db import AsyncTransaction
    from tradewind.kit import Clock
    from tradewind.settings import Settings

# A limit that was met is remembered so long for its buyer, so that an automatic discount cannot hold a basket up for ever.
MET_FOR = timedelta(minutes=10)
MET_LIMIT = 10_000


class PromotionDiscounts:
    """See the checkout's port Discounts. `digest` makes of an e-mail address what limits for each buyer count by."""

    def __init__(self, book: PromotionBook, digest: Callable[[str], str]) -> None:
        self._book, self._digest = book, digest
        self._met: dict[tuple[str, str], datetime] = {}

    def decide(self, question: DiscountQuestion) -> DiscountAnswer:
        """Which discounts count."""
        promotions = self._book.promotions()
        if not promotions and not question.codes:
            return DiscountAnswer()
        lines = tuple(DiscountLine(line.line_id, line.paid, line.sku, line.category) for line in question.lines)
        met = self._used_up(self._buyer(question.email), question.at) if self._met else frozenset[str]()
        codes, claims = tuple(question.codes), frozenset(question.claims)
        basket = Basket(question.market, question.currency, lines, question.fulfillment, codes, question.at, met, claims)
        decision = apply(promotions, basket)
        typed = {plain_code(code): code for code in codes}
        applied = tuple(_applied(one, typed) for one in decision.applied)
        return DiscountAnswer(applied, tuple((code, reason.value) for code, reason in decision.rejected))

    def unproved(self, applied: Sequence[AppliedDiscount], email: str, method: str) -> Sequence[str]:
        """The claims behind these discounts that nothing proves; a promotion that is gone proves nothing."""
        known = {one.promotion_id: one for one in self._book.promotions()}
        return [
            one.eligibility
            for one in applied
            if one.eligibility is not None and (one.promotion_id not in known or not is_proved(known[one.promotion_id], email, method))
        ]

    async def claim(
        self, tx: "AsyncTransaction", applied: Sequence[AppliedDiscount], email: str, session_id: str, at: datetime
    ) -> Sequence[str]:
        """Counts a use of each, in one order for everybody; the promotions whose limit is met or that are gone."""
        known, buyer = {one.promotion_id: one for one in self._book.promotions()}, self._buyer(email)
        refused = []
        for promotion_id in sorted(one.promotion_id for one in applied):
            promotion = known.get(promotion_id)
            if promotion is None or not await claim(tx, promotion, session_id, buyer, at):
                refused.append(promotion_id)
                self._meet(promotion_id, buyer, at)
                break  # the transaction is rolled back: nothing more needs to be counted
        return refused

    async def release(self, tx: "AsyncTransaction", session_id: str, at: datetime) -> None:
        """Takes the uses of a session back."""
        await release(tx, session_id, at)

    def _buyer(self, email: str) -> str:
        name, at, place = email.strip().casefold().partition("@")
        # A tag behind a plus is the same mailbox, and would make every limit for each buyer pointless.
        return self._digest(f"{name.partition('+')[0]}@{place}") if at else ""

    def _meet(self, promotion_id: str, buyer: str, at: datetime) -> None:
        if len(self._met) >= MET_LIMIT:
            self._met = {key: until for key, until in self._met.items() if until > at}
        if len(self._met) < MET_LIMIT:
            self._met[promotion_id, buyer] = at + MET_FOR

    def _used_up(self, buyer: str, at: datetime) -> frozenset[str]:
        return frozenset(promotion_id for (promotion_id, who), until in self._met.items() if who == buyer and until > at)


def promotion_discounts(settings: "Settings", clock: "Clock") -> PromotionDiscounts:
    """The discounts of the retailer's promotions.toml."""
    from tradewind.db import load_sealer

    sealer = load_sealer(settings, clock())
    return PromotionDiscounts(PromotionBook(settings.rules_folder), lambda text: sealer.digest(text, "promotions.buyer").hex()[:32])


def _applied(one: Applied, typed: dict[str, str]) -> AppliedDiscount:
    promotion = one.promotion
    parts = tuple(Allocation(line_id, amount) for line_id, amount in one.allocations)
    code = typed.get(promotion.code) if promotion.code is not None else None
    return AppliedDiscount(promotion.promotion_id, code, promotion.title, one.amount, one.on_fulfillment, parts, promotion.eligibility)
