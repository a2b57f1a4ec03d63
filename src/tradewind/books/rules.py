"""What stands on an invoice, from the order's own facts. Pure; every sum is exact to the minor unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tradewind.books.model import CREDIT_NOTE, INVOICE, Paper, Part, Party, TaxLine
from tradewind.kit import PPM, Currency, Money, Rounding, divide
from tradewind.markets import REGISTRATION_KINDS, Seller, postal_lines, registered
from tradewind.orders import Adjustment, Order, OrderView

VAT, SALES_TAX, NO_TAX = "vat", "sales_tax", "none"
_AT_SALE = "business_at_sale"
_TAX_NUMBERS = ("vat", "gst", "oss", "ioss", "eori")


@dataclass(frozen=True, slots=True)
class Terms:
    """What an invoice needs beside the order: the seller, the day it is written, and the rate of each tax rule (millionths)."""

    seller: Seller
    today: date
    rates: Mapping[str, int]
    address: tuple[str, ...] = ()  # the seller's, where its file has none


def invoice_of(view: OrderView, terms: Terms) -> Paper:
    """The invoice of an order; it has no number yet."""
    order, facts = view.order, view.order.facts
    articles = tuple(Part(line.title, line.listed, line.original, line.unit_price, line.sku) for line in order.lines)
    totals = [(str(kind), int(amount)) for kind, amount in facts.get("totals", ())]
    sums = tuple(Part(kind, amount) for kind, amount in totals if kind not in {"subtotal", "total"} and amount)
    return Paper(
        kind=INVOICE,
        number="",
        order_id=order.order_id,
        order_number=order.number,
        market=order.market,
        language=str(facts.get("language") or "en"),
        currency=order.currency,
        issued_on=terms.today,
        supplied_on=min((one.shipped_at.date() for one in view.shipments), default=terms.today),
        seller=_seller(terms, order.market),
        buyer=_buyer(facts),
        articles=articles,
        sums=sums,
        total=order.total_amount,
        taxes=taxes_of(order, order.total_amount, terms.rates),
        inside=_inside(facts),
    )


def credit_note_of(view: OrderView, made: Adjustment, terms: Terms, corrects: str, credited: int) -> Paper:
    """The credit note of money that went back; `credited` (0 or less) is what earlier credit notes gave back.

    Its taxes are the difference of two sums, so that the credit notes of an order that went back whole cancel its invoice exactly.
    """
    whole, order = invoice_of(view, terms), view.order
    before, after = (taxes_of(order, amount, terms.rates) for amount in (-credited, -credited - made.amount))
    taxes = tuple(
        TaxLine(late.kind, late.rate_ppm, early.net - late.net, early.tax - late.tax) for early, late in zip(before, after, strict=True)
    )
    units = {line_id: -quantity for line_id, quantity in made.quantities.items() if quantity}
    back = ", ".join(f"{units[line.line_id]} × {line.title}" for line in order.lines if line.line_id in units)
    return Paper(
        kind=CREDIT_NOTE,
        number="",
        order_id=order.order_id,
        order_number=order.number,
        market=order.market,
        language=whole.language,
        currency=order.currency,
        issued_on=terms.today,
        supplied_on=whole.supplied_on,
        seller=whole.seller,
        buyer=whole.buyer,
        articles=(Part(back or "credit", made.amount),),
        sums=(),
        total=made.amount,
        taxes=taxes,
        corrects=corrects,
        reason=made.reason,
    )


def taxes_of(order: Order, paid: int, rates: Mapping[str, int]) -> tuple[TaxLine, ...]:
    """The taxes inside what was paid of an order (its total, or a part of it): one line for each rate, whose gross amounts add up to it."""
    if not order.facts.get("tax_included"):
        tax = sum(int(amount) for kind, amount in order.facts.get("totals", ()) if kind == "tax")
        part = divide(tax * paid, order.total_amount, Rounding.HALF_UP) if order.total_amount else 0
        return (TaxLine(SALES_TAX, None, paid - part, part),)
    weights = _weights(order.facts.get("price_lines") or (), rates)
    found = sorted(weights, key=lambda rate: -(rate or 0))
    shares = Money(paid, Currency(order.currency)).split([weights[rate] for rate in found])
    return tuple(_vat(rate, share.minor) for rate, share in zip(found, shares, strict=True))


def _vat(rate: int | None, gross: int) -> TaxLine:
    tax = divide(gross * rate, PPM + rate, Rounding.HALF_UP) if rate else 0
    return TaxLine(VAT if rate else NO_TAX, rate, gross - tax, tax)


def _weights(price_lines: Sequence[Mapping[str, Any]], rates: Mapping[str, int]) -> dict[int | None, int]:
    """How much of the prices each rate is charged on, tax included; None is what no tax is charged on at the sale."""
    weights: dict[int | None, int] = {}
    for lane in dict.fromkeys(one["lane_id"] for one in price_lines):
        mine = [one for one in price_lines if one["lane_id"] == lane and one["in_price"]]
        left = sum(int(one["amount"]) for one in mine)
        taxed = [one for one in mine if one["label"] == "tax" and one["collector"] == _AT_SALE]
        known = [(rate, int(one["amount"])) for one in taxed if (rate := _rate(one["rule_ids"], rates))]
        if len(known) == 1:  # one rate for the whole consignment: no rounding enters
            weights[known[0][0]] = weights.get(known[0][0], 0) + left
            continue
        for rate, amount in known:
            gross = min(divide(amount * (PPM + rate), rate, Rounding.HALF_UP), left)
            weights[rate], left = weights.get(rate, 0) + gross, left - gross
        weights[None] = weights.get(None, 0) + left
    return {rate: weight for rate, weight in weights.items() if weight} or {None: 1}


def _rate(rule_ids: Sequence[str], rates: Mapping[str, int]) -> int | None:
    return next((rates[one] for one in rule_ids if rates.get(one)), None)


def _inside(facts: Mapping[str, Any]) -> tuple[Part, ...]:
    """What the prices hold and the seller pays at the border, by kind."""
    found: dict[str, int] = {}
    for one in facts.get("price_lines") or ():
        kind = {"duty": "duty", "fee": "border_fee", "tax": "import_tax", "extra tax": "import_tax"}.get(one["label"])
        at_sale = one["collector"] == _AT_SALE
        if kind and one["in_price"] and one["amount"] and not at_sale:
            found[kind] = found.get(kind, 0) + int(one["amount"])
    return tuple(Part(kind, amount) for kind, amount in found.items())


def _seller(terms: Terms, market: str) -> Party:
    seller = terms.seller
    found = [(kind, registered(seller, kind, market.upper(), terms.today)) for kind in _TAX_NUMBERS]
    numbers = tuple((REGISTRATION_KINDS[kind], one.number) for kind, one in found if one is not None)
    return Party(seller.name, seller.address or terms.address, numbers, seller.email)


def _buyer(facts: Mapping[str, Any]) -> Party:
    buyer, to = facts.get("buyer") or {}, facts.get("destination") or {}
    lines = [*postal_lines({**to, "name": ""}), str(to.get("country") or "")]
    return Party(str(to.get("name") or buyer.get("name") or ""), tuple(one for one in lines if one))
