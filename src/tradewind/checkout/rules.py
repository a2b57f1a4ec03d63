"""What a session costs and what it lacks: everything a buyer chose goes in, a whole new session comes out. Pure but for the tax port.

A session honors the lower of the price it once quoted and today's. Only what the buyer changes (an address, a delivery option, a code
that has ended) can raise its total; then it says so, and the buyer must accept the new sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from msgspec import structs

from tradewind.checkout.addressing import buyer_messages, destination_messages
from tradewind.checkout.delivering import delivery_options
from tradewind.checkout.errors import CheckoutInputIsInvalid
from tradewind.checkout.model import (
    CHECKOUT,
    AppliedDiscount,
    CheckoutSession,
    CheckoutStatus,
    DeliveryOption,
    Message,
    PriceLine,
    SessionLine,
    Severity,
    Total,
    WantedLine,
)
from tradewind.checkout.ports import DiscountAnswer, DiscountQuestion, Discounts, MarketDesk
from tradewind.kit import TradewindError
from tradewind.offers.live import SellingOffer
from tradewind.pricing import Basket, BasketLine, Quote, TaxAddress, TaxLine, TaxPort, TaxResult, TaxStatus, quote

# What a basket, and so its quote, is made of.
_GOODS = attrgetter("sku", "hs_code", "quantity", "unit_price", "weight_g", "lane_id", "certainty")
MAX_LINES = 100
MAX_QUANTITY = 999
MAX_CODES = 10
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session is priced with: today's rules, the offers as they are sold now, discounts, the tax port, the time."""

    desk: MarketDesk
    offers: Mapping[str, SellingOffer]
    # Units that can really be had, by offer, where the offer's own figure said too few.
    confirmed: Mapping[str, int]
    discounts: Discounts
    tax: TaxPort | None
    at: datetime


def check_wanted(lines: Sequence[WantedLine], codes: Sequence[str]) -> tuple[WantedLine, ...]:
    """The lines with equal offers joined, in their order. CheckoutInputIsInvalid."""
    joined: dict[str, int] = {}
    for line in lines:
        if type(line.quantity) is not int or line.quantity < 1 or not 0 < len(line.offer_id) <= MAX_TEXT:
            raise CheckoutInputIsInvalid(
                f"{line.offer_id[:MAX_TEXT]}: the quantity is {line.quantity}", hint=f"order 1 to {MAX_QUANTITY} units"
            )
        joined[line.offer_id] = joined.get(line.offer_id, 0) + line.quantity
    most = max(joined.values(), default=0)
    if len(joined) > MAX_LINES or most > MAX_QUANTITY:
        raise CheckoutInputIsInvalid(
            f"{len(joined)} lines with up to {most} units", hint=f"at most {MAX_LINES} lines with {MAX_QUANTITY} units each"
        )
    if len(codes) > MAX_CODES or any(len(code) > MAX_TEXT for code in codes):
        raise CheckoutInputIsInvalid(f"{len(codes)} discount codes", hint=f"at most {MAX_CODES} codes of {MAX_TEXT} characters")
    return tuple(WantedLine(offer_id, quantity) for offer_id, quantity in joined.items())


def priced(was: CheckoutSession, before: CheckoutSession, wanted: Sequence[WantedLine], around: Surroundings) -> CheckoutSession:
    """`before` (what `was`, with what the buyer chose in it) with lines, options, totals, messages and status."""
    lines, messages = _lines(was, before, wanted, around)
    lines, price_lines, unpriced = _quoted(before, lines, around)
    messages += unpriced
    messages += [*buyer_messages(before.buyer), *destination_messages(before.destination, around.desk.market)]
    options = delivery_options(around.desk, lines, around.at)
    selected = _selected(options, before.selected_option, messages)
    lines, answer = _discounted(before, lines, selected, around)
    messages += [
        Message("warning", "discount_rejected", f"$.codes[{before.codes.index(code)}]", {"code": code, "reason": reason})
        for code, reason in answer.rejected
    ]
    messages += _claim_messages(before.claims, answer.applied) if before.claims else ()
    lines, tax, untaxed = _taxed(before, lines, _delivery(selected, answer), around)
    messages += untaxed
    totals = _totals(lines, selected, answer, tax)
    raised, rise = _rise(was, totals[-1].amount, wanted)
    after = structs.replace(
        before,
        version=was.version + 1,
        lines=tuple(lines),
        options=options,
        selected_option=selected.option_id if selected else None,
        applied=answer.applied,
        totals=totals,
        messages=(*messages, *rise),
        tax_included=around.desk.book.tax_included,
        currency=around.desk.book.currency,
        price_lines=price_lines,
        priced_by=around.desk.book.digest,
        return_days=_return_days(lines, around),
        raised=raised,
    )
    status = CHECKOUT.fire(before.status, "change", after)
    return after if status == before.status else structs.replace(after, status=CheckoutStatus(status))


def unproved_messages(session: CheckoutSession, unproved: Sequence[str]) -> list[Message]:
    """Which accepted claims nothing proves, at the place where each was made."""
    titles = {one.eligibility: one.title for one in session.applied}
    return [
        Message("error", "eligibility_invalid", f"$.claims[{place}]", {"claim": claim, "title": titles.get(claim, "")})
        for place, claim in enumerate(session.claims)
        if claim in unproved
    ]


def availability_messages(lines: Sequence[SessionLine], short: Sequence[tuple[str, str]]) -> list[Message]:
    """Which lines cannot be had any more, by (sku, location)."""
    return [
        Message(
            "error", "out_of_stock", f"$.lines[{number}]", {"offer_id": line.offer_id, "title": line.title}, Severity.REQUIRES_BUYER_INPUT
        )
        for number, line in enumerate(lines)
        if (line.sku, line.location_id) in short
    ]


def short_offers(wanted: Sequence[WantedLine], offers: Mapping[str, SellingOffer]) -> list[SellingOffer]:
    """The offers whose own figure says that too few are left: stock itself must be asked before a buyer is told so."""
    return [offers[one.offer_id] for one in wanted if one.offer_id in offers and offers[one.offer_id].quantity < one.quantity]


def _lines(
    was: CheckoutSession, before: CheckoutSession, wanted: Sequence[WantedLine], around: Surroundings
) -> tuple[list[SessionLine], list[Message]]:
    known = {line.offer_id: line for line in before.lines}
    highest = max((int(line.line_id.rpartition("_")[2]) for line in before.lines), default=0)
    lines: list[SessionLine] = []
    messages: list[Message] = []
    for number, one in enumerate(wanted):
        offer, old = around.offers.get(one.offer_id), known.get(one.offer_id)
        if offer is None:
            messages.append(
                Message("error", "item_unavailable", f"$.lines[{number}]", {"offer_id": one.offer_id}, Severity.REQUIRES_BUYER_INPUT)
            )
            continue
        highest += old is None
        price = _unit_price(was, before, old, offer, around.desk)
        lines.append(_line(old.line_id if old else f"line_{highest}", offer, one.quantity, price))
        there = around.confirmed.get(one.offer_id, offer.quantity)
        if there < one.quantity:
            params: dict[str, str | int] = {"offer_id": one.offer_id, "title": offer.title, "available": there}
            messages.append(Message("error", "out_of_stock", f"$.lines[{len(lines) - 1}]", params, Severity.REQUIRES_BUYER_INPUT))
        if not around.desk.is_sold_at(one.offer_id, _postcode(before)):
            where = {"reason": f"{offer.title} is not sold there"}
            messages.append(Message("error", "address_undeliverable", "$.destination", where, Severity.REQUIRES_BUYER_INPUT))
    if not wanted:
        messages.append(Message("error", "no_lines", "$.lines", severity=Severity.REQUIRES_BUYER_INPUT))
    return lines, messages


def _unit_price(was: CheckoutSession, before: CheckoutSession, old: SessionLine | None, offer: SellingOffer, desk: MarketDesk) -> int:
    """The lower of what was quoted and today's price there; what a region took off ends where the buyer leaves the region."""
    now = desk.price_at(offer.offer_id, _postcode(before), offer.price_minor)
    if old is None:
        return now
    left = desk.price_at(offer.offer_id, _postcode(was), offer.price_minor)
    return now if old.unit_price == left < now else min(old.unit_price, now)


def _postcode(session: CheckoutSession) -> str:
    return session.destination.postcode if session.destination is not None else ""


def _line(line_id: str, offer: SellingOffer, quantity: int, price: int) -> SessionLine:
    return SessionLine(
        line_id=line_id,
        offer_id=offer.offer_id,
        sku=offer.sku,
        product_id=offer.product_id,
        title=offer.title,
        image=offer.image,
        quantity=quantity,
        unit_price=price,
        listed=price * quantity,
        discount=0,
        promotion=0,
        paid=price * quantity,
        tax=0,
        location_id=offer.location_id,
        lane_id=offer.lane_id,
        weight_g=offer.weight_g,
        hs_code=offer.hs_code,
        category=offer.category,
        certainty=offer.certainty,
    )


def _quoted(
    before: CheckoutSession, lines: Sequence[SessionLine], around: Surroundings
) -> tuple[list[SessionLine], tuple[PriceLine, ...], list[Message]]:
    """The lines with what travelling together saves; the quote's address is checked apart, so that a bad one still has a price.

    A quote is a pure function of the basket and the book, and nearly all of a checkout's thinking: equal goods under the same book are
    not quoted again, in whichever process the session was before.
    """
    if not lines:
        return [], (), []
    is_known = before.priced_by == around.desk.book.digest and before.price_lines
    if is_known and [_GOODS(line) for line in before.lines] == [_GOODS(line) for line in lines]:
        kept = [_with_discount(line, old.discount) for line, old in zip(lines, before.lines, strict=True)]
        return kept, before.price_lines, []
    try:
        found: Quote = quote(_basket(lines), around.desk.book, around.desk.market)
    except TradewindError as error:
        # What cannot be priced together today is not sold together today; the code says why.
        return list(lines), (), [Message("error", "item_unavailable", "$.lines", {"reason": error.message, "cause": error.code})]
    by_sku = {(one.sku, one.lane_id): one.discount for one in found.lines}
    parts = tuple(
        PriceLine(one.lane_id, charge.label, charge.amount, charge.in_price, charge.collector, charge.certainty, charge.rule_ids)
        for one in found.consignments
        for charge in one.charges
    )
    return [_with_discount(line, by_sku[line.sku, line.lane_id]) for line in lines], parts, []


def _basket(lines: Sequence[SessionLine]) -> Basket:
    return Basket(
        tuple(
            BasketLine(line.sku, line.hs_code, None, line.quantity, line.unit_price, line.weight_g, line.lane_id, certainty=line.certainty)
            for line in lines
        )
    )


def _with_discount(line: SessionLine, discount: int) -> SessionLine:
    return structs.replace(line, discount=discount, paid=line.listed - discount) if discount else line


def _selected(options: Sequence[DeliveryOption], wanted: str | None, messages: list[Message]) -> DeliveryOption | None:
    """The option that the buyer chose; the included one while none was chosen."""
    chosen = next((one for one in options if one.option_id == wanted), None)
    if chosen is None and wanted is not None and options:
        messages.append(Message("warning", "option_unavailable", "$.selected_option", {"option": wanted}))
    return chosen or (options[0] if options else None)


def _discounted(
    before: CheckoutSession, lines: Sequence[SessionLine], selected: DeliveryOption | None, around: Surroundings
) -> tuple[list[SessionLine], DiscountAnswer]:
    question = DiscountQuestion(
        before.market,
        around.desk.book.currency,
        lines,
        selected.price if selected else 0,
        before.codes,
        before.buyer.email,
        around.at,
        before.claims,
    )
    answer = around.discounts.decide(question)
    shares: dict[str, int] = {}
    for discount in answer.applied:
        for part in discount.allocations:
            shares[part.line_id] = shares.get(part.line_id, 0) + part.amount
    return [_with_promotion(line, shares.get(line.line_id, 0)) for line in lines], answer


def _with_promotion(line: SessionLine, amount: int) -> SessionLine:
    return structs.replace(line, promotion=amount, paid=line.paid - amount) if amount else line


def _delivery(selected: DeliveryOption | None, answer: DiscountAnswer) -> int:
    """What the delivery costs after its discounts."""
    return (selected.price if selected else 0) - sum(one.on_fulfillment for one in answer.applied)


def _taxed(
    before: CheckoutSession, lines: Sequence[SessionLine], delivery: int, around: Surroundings
) -> tuple[list[SessionLine], int, list[Message]]:
    """The tax that the destination adds, on what is really paid, where prices are shown without it."""
    place = before.destination
    if around.desk.book.tax_included or not lines:
        return list(lines), 0, []
    if around.tax is None or place is None or not place.region or not place.postcode:
        return list(lines), 0, [Message("info", "tax_added_later", "$.totals")]
    address = TaxAddress(around.desk.market.country, place.region, place.postcode, place.county, place.city, *place.lines[:1])
    asked = [TaxLine(line.line_id, line.paid, line.quantity) for line in lines]
    result: TaxResult = around.tax.calculate(asked, address, delivery, around.desk.book.currency, before.session_id)
    if result.status is not TaxStatus.SUCCEEDED:
        params: dict[str, str | int] = {"reason": result.message}
        return list(lines), 0, [Message("error", "tax_unknown", "$.totals", params)]
    owed = {one.line_id: one.amount for one in result.lines}
    return [structs.replace(line, tax=owed[line.line_id]) if owed.get(line.line_id) else line for line in lines], result.total, []


def _totals(lines: Sequence[SessionLine], selected: DeliveryOption | None, answer: DiscountAnswer, tax: int) -> tuple[Total, ...]:
    listed, saved = sum(line.listed for line in lines), sum(line.discount for line in lines)
    discount, delivery = sum(one.amount for one in answer.applied), selected.price if selected else 0
    parts = [Total("subtotal", listed)]
    parts += [Total("items_discount", -saved)] if saved else []
    parts += [Total("discount", -discount)] if discount else []
    parts += [Total("fulfillment", delivery)] if selected else []
    parts += [Total("tax", tax)] if tax else []
    return (*parts, Total("total", sum(one.amount for one in parts)))


def _rise(before: CheckoutSession, total: int, wanted: Sequence[WantedLine]) -> tuple[bool, Sequence[Message]]:
    """A total that grew although the buyer wants the same goods is shown, and must be accepted. The first address only ends an estimate."""
    same = [(line.offer_id, line.quantity) for line in before.lines] == [(one.offer_id, one.quantity) for one in wanted]
    if not same or before.destination is None or total < before.total:
        return False, ()
    if total == before.total:
        return before.raised, [one for one in before.messages if one.code == "totals_changed"] if before.raised else ()
    params: dict[str, str | int] = {"before": before.total, "after": total}
    return True, (Message("warning", "totals_changed", "$.totals", params, Severity.REQUIRES_BUYER_REVIEW),)


def _claim_messages(claims: Sequence[str], applied: Sequence[AppliedDiscount]) -> list[Message]:
    """What each claim brings, or that it brings nothing here."""
    titles = {one.eligibility: one.title for one in applied if one.eligibility is not None}
    return [
        Message("info", "eligibility_accepted", f"$.claims[{place}]", {"claim": claim, "title": titles[claim]})
        if claim in titles
        else Message("warning", "eligibility_not_accepted", f"$.claims[{place}]", {"claim": claim})
        for place, claim in enumerate(claims)
    ]


def _return_days(lines: Sequence[SessionLine], around: Surroundings) -> int:
    """The shortest return window of the offers: what holds for the whole order."""
    return min((around.offers[line.offer_id].return_days for line in lines), default=0)
