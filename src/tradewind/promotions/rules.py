"""Which promotions count for a basket, and how much each takes off which line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tradewind.kit import Currency, Money, Rounding
from tradewind.promotions.model import Applied, Basket, Decision, DiscountLine, Promotion, PromotionKind, Rejection


@dataclass
class _Rest:
    """What is still to be paid of each line and of the delivery while promotions are taken off one after the other."""

    currency: Currency
    lines: dict[str, int]
    fulfillment: int
    applied: list[Applied] = field(default_factory=list)

    @property
    def saved(self) -> int:
        return sum(one.amount for one in self.applied)


def apply(promotions: Sequence[Promotion], basket: Basket) -> Decision:
    """The promotions that count: automatic ones in their order, then codes as they were typed, each on what the ones before left.

    One that cannot be combined counts alone where it saves more than all others together; nobody pays less than nothing.
    """
    chosen, rejected = _chosen(promotions, basket)
    together, failed = _take([one for one in chosen if one.combinable], basket)
    best, alone = together, None
    for one in (one for one in chosen if not one.combinable):
        single, missed = _take([one], basket)
        failed |= missed
        if single.saved > best.saved:
            best, alone = single, one
    counted = {one.promotion.promotion_id for one in best.applied}
    for one in chosen:
        if one.code is not None and one.promotion_id not in counted:
            rejected[one.code] = failed.get(
                one.promotion_id, Rejection.NOT_COMBINABLE if alone or not one.combinable else Rejection.NOTHING_ELIGIBLE
            )
    typed = [(code, rejected[plain]) for code in basket.codes if (plain := plain_code(code)) in rejected]
    return Decision(tuple(best.applied), tuple(dict(typed).items()))


def plain_code(code: str) -> str:
    """A code as it is compared: without case and spaces around."""
    return code.strip().casefold()


def is_proved(promotion: Promotion, email: str, method: str) -> bool:
    """Whether the claim that a promotion needs is proved by the buyer's address (`@school.example`, `@*.example` or a whole one) or the payment method."""
    if promotion.eligibility is None or method in promotion.proof_methods:
        return True
    address = email.strip().casefold()
    place = f".{address.rpartition('@')[2]}"
    return bool(address) and any(
        place.endswith(one[2:]) and place != one[2:]
        if one.startswith("@*.")
        else address == one or (one[0] == "@" and place[1:] == one[1:])
        for one in promotion.proof_emails
    )


def _is_claimed(promotion: Promotion, basket: Basket) -> bool:
    return promotion.eligibility is None or promotion.eligibility in basket.claims


def _chosen(promotions: Sequence[Promotion], basket: Basket) -> tuple[list[Promotion], dict[str, Rejection]]:
    by_code = {one.code: one for one in promotions if one.code is not None}
    chosen = [one for one in promotions if one.code is None and _is_claimed(one, basket) and _problem(one, basket) is None]
    rejected: dict[str, Rejection] = {}
    for code in dict.fromkeys(plain_code(code) for code in basket.codes):
        found = by_code.get(code)
        problem = Rejection.UNKNOWN if found is None else _problem(found, basket)
        if problem is not None:
            rejected[code] = problem
        elif found is not None:
            chosen.append(found)
    return chosen, rejected


def _problem(promotion: Promotion, basket: Basket) -> Rejection | None:
    if promotion.starts_at is not None and basket.at < promotion.starts_at:
        return Rejection.NOT_STARTED
    if promotion.ends_at is not None and basket.at >= promotion.ends_at:
        return Rejection.ENDED
    # A sum that is not named in the basket's currency is no offer to its market.
    priced = promotion.kind is not PromotionKind.FIXED or basket.currency in promotion.amounts
    counted = not promotion.minimum or basket.currency in promotion.minimum
    if (promotion.markets and basket.market not in promotion.markets) or not (priced and counted):
        return Rejection.NOT_IN_MARKET
    if promotion.promotion_id in basket.used_up:
        return Rejection.USED_UP
    is_enough = sum(line.amount for line in basket.lines) >= promotion.minimum.get(basket.currency, 0)
    return None if is_enough else Rejection.MINIMUM_NOT_REACHED


def _take(promotions: Sequence[Promotion], basket: Basket) -> tuple[_Rest, dict[str, Rejection]]:
    rest = _Rest(Currency(basket.currency), {line.line_id: line.amount for line in basket.lines}, basket.fulfillment)
    failed = {}
    for promotion in promotions:
        eligible = [line for line in basket.lines if _eligible(promotion, line)]
        taken = _delivery(promotion, eligible, rest) if promotion.kind is PromotionKind.FREE_SHIPPING else _goods(promotion, eligible, rest)
        if taken.amount == 0:
            failed[promotion.promotion_id] = Rejection.NOTHING_ELIGIBLE
            continue
        rest.applied.append(taken)
        rest.fulfillment -= taken.on_fulfillment
        for line_id, amount in taken.allocations:
            rest.lines[line_id] -= amount
    return rest, failed


def _eligible(promotion: Promotion, line: DiscountLine) -> bool:
    wanted = not promotion.skus or line.sku in promotion.skus
    return wanted and (not promotion.categories or any(line.category.startswith(one) for one in promotion.categories))


def _delivery(promotion: Promotion, eligible: Sequence[DiscountLine], rest: _Rest) -> Applied:
    most = promotion.at_most.get(rest.currency.code, rest.fulfillment)
    amount = min(rest.fulfillment, most) if eligible else 0
    return Applied(promotion, amount, amount, ())


def _goods(promotion: Promotion, eligible: Sequence[DiscountLine], rest: _Rest) -> Applied:
    weights = [rest.lines[line.line_id] for line in eligible]
    whole = Money(sum(weights), rest.currency)
    if promotion.kind is PromotionKind.PERCENT:
        wanted = whole.share(promotion.rate_ppm, Rounding.HALF_UP).minor
    else:
        wanted = promotion.amounts[rest.currency.code]
    amount = min(wanted, whole.minor, promotion.at_most.get(rest.currency.code, whole.minor))
    if amount <= 0:
        return Applied(promotion, 0, 0, ())
    shares = Money(amount, rest.currency).split(weights)
    parts = tuple((line.line_id, share.minor) for line, share in zip(eligible, shares, strict=True) if share.minor)
    return Applied(promotion, amount, 0, parts)
