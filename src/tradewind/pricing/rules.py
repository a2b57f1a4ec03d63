"""The landed price of one product: the scalar form. landed.sql says the same in the same order, and a test proves them equal.

Goods imported in bulk owed duty on their cost; a direct parcel owes it on the price (direct.py), in the first band that it fits.
"""

from dataclasses import dataclass

from tradewind.kit import PPM, Rounding, divide
from tradewind.network import BAND_STEP_G
from tradewind.pricing.direct import MAX_NET_AMOUNT, BandTerms, Rates
from tradewind.pricing.index import BookIndex, index_of, rank
from tradewind.pricing.model import Band, DutyRate, FxRate, Landed, LaneTerms, Margin, PriceBook, PriceInput
from tradewind.pricing.tariff import CERTAINTIES

MAX_COST_MINOR = 10**10
"""Above it a cost is surely a slip of the pen; it also keeps every product of the SQL form inside 64 bits."""
MAX_COST_AMOUNT = 10**11
MAX_SIDE_MM = 100_000

PROBLEMS: dict[str, str] = {
    "cost_missing": "the purchase cost is unknown",
    "cost_out_of_range": "the purchase cost is zero, negative or beyond belief",
    "fx_missing": "no exchange rate is known for the currency of the cost",
    "weight_missing": "the shipping weight is unknown",
    "no_rate_card": "the lane has no rate card on this day",
    "weight_over_limit": "the real or volumetric weight is above the lane's limit",
    "duty_unknown": "the tariff code is missing, or no tariff that is held for this day names its chapter",
    "duty_needs_person": "the duty of this code depends on what no code tells; ask a customs broker",
    "no_price_exists": "the duty and the margin together leave no room: no price can hold both",
}
"""Why a product has no price, by code."""


_GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class _Goods:
    """What is known before the duty, in minor units of the market's currency."""

    cost: int
    freight: int
    inbound: int
    rates: Rates
    margin: Margin


@dataclass(frozen=True, slots=True)
class _Priced:
    """A price with the parts that were derived again from it."""

    band: int | None
    price: int
    tax: int
    duty: int
    duty_low: int
    fee: int
    customs_value: int
    wanted_margin: int
    duty_ppm: int
    tax_ppm: int


def landed(item: PriceInput, book: PriceBook) -> Landed:
    """The price of one product with its build-up, in minor units of the market's currency; a `problem` instead when it has none."""
    index = index_of(book)
    fx = index.fx.get(item.cost_currency or "")
    lane = index.lanes.get(item.lane_id)
    duty = index.duty(item.hs_code, item.origin)
    cost = _cost(item.cost_minor, fx)
    weight = _chargeable(item, lane) if lane else None
    last_mile = index.bands.get((lane.lane_id, -(-weight // BAND_STEP_G))) if lane and weight else None
    problem = _problem(item, cost, has_fx=fx is not None, has_lane=lane is not None, can_ship=last_mile is not None, duty=duty)
    if problem or cost is None or lane is None or weight is None or last_mile is None or duty is None or fx is None:
        return _without_price(item, book, problem)
    inbound = _nearest(lane.inbound_per_kg * weight, _GRAMS_PER_KG) if item.imported else 0
    margin = index.margin(item.category)
    taxes = index.taxes(item.hs_code)
    specific = duty.per_item_micro + _nearest(duty.per_kg_micro * (item.weight_g or 0), _GRAMS_PER_KG)
    goods = _Goods(cost, last_mile + inbound, inbound, Rates(duty, specific, taxes, margin.target_ppm), margin)
    priced = _imported(goods, index) if item.imported else _direct(goods, index, lane)
    if isinstance(priced, str):
        return _without_price(item, book, priced)
    rest = priced.price - priced.tax - cost - goods.freight - priced.fee - priced.duty
    kept = min(priced.wanted_margin, rest)
    band = None if priced.band is None else book.bands[lane.band_set][priced.band]
    return Landed(
        sku=item.sku,
        currency=book.currency,
        price_minor=priced.price,
        cost_amount=cost,
        freight_amount=goods.freight,
        customs_value_amount=priced.customs_value,
        duty_amount=priced.duty,
        duty_low_amount=priced.duty_low,
        fee_amount=priced.fee,
        margin_amount=kept,
        tax_amount=priced.tax,
        ending_amount=rest - kept,
        duty_ppm=priced.duty_ppm,
        tax_ppm=priced.tax_ppm,
        margin_ppm=margin.target_ppm,
        fx_numerator=fx.numerator,
        fx_denominator=fx.denominator,
        rate_card_id=lane.rate_card_id,
        band=priced.band,
        rule_ids=index.rule_ids(band, duty.rule_ids, margin.rule_id, taxes),
        certainty=_certainty(item, band, goods, fx.certainty, book),
        problem=None,
    )


def to_ending(amount: int, book: PriceBook) -> int:
    """The lowest price of at least this amount that ends as the market's prices do."""
    return (amount - book.ending_last + book.ending_step - 1) // book.ending_step * book.ending_step + book.ending_last


def _cost(cost_minor: int | None, fx: FxRate | None) -> int | None:
    if cost_minor is None or fx is None or not 0 < cost_minor <= MAX_COST_MINOR:
        return None
    return _nearest(cost_minor * fx.numerator, fx.denominator)


def _chargeable(item: PriceInput, lane: LaneTerms) -> int | None:
    if item.weight_g is None or item.weight_g <= 0:
        return None
    sides = (item.length_mm, item.width_mm, item.height_mm)
    if lane.volumetric_divisor <= 0 or any(side is None or not 0 < side <= MAX_SIDE_MM for side in sides):
        return item.weight_g
    volume = 1
    for side in sides:
        volume *= side or 0
    return max(item.weight_g, -(-volume // lane.volumetric_divisor))


def _problem(item: PriceInput, cost: int | None, *, has_fx: bool, has_lane: bool, can_ship: bool, duty: DutyRate | None) -> str | None:
    checks = (
        ("cost_missing", item.cost_minor is None or item.cost_currency is None),
        ("fx_missing", not has_fx),
        ("cost_out_of_range", cost is None or cost > MAX_COST_AMOUNT),
        ("weight_missing", item.weight_g is None or item.weight_g <= 0),
        ("no_rate_card", not has_lane),
        ("weight_over_limit", not can_ship),
        ("duty_unknown", duty is None),
    )
    return next((code for code, is_so in checks if is_so), None)


def _imported(goods: _Goods, index: BookIndex) -> _Priced | str:
    """Goods that passed customs in bulk: duty was owed on their cost (with the inbound freight where the market counts it)."""
    book, rates = index.book, goods.rates
    if rates.duty.needs_person:
        return "duty_needs_person"
    fee = _nearest(goods.cost * book.import_fee_ppm, PPM)
    dutiable = goods.cost + (goods.inbound if book.duty_counts_freight else 0)
    duty = _nearest(dutiable * rates.duty.ppm + rates.specific_micro, PPM)
    low = _nearest(dutiable * rates.duty.low_ppm + rates.specific_micro, PPM)
    costs = goods.cost + goods.freight + fee + duty
    if costs * PPM > MAX_NET_AMOUNT * (PPM - goods.margin.target_ppm):
        return "no_price_exists"
    net = _net(costs, goods.margin)
    untaxed = 0 if book.tax_counts_freight else goods.freight
    tax_ppm = rates.taxes.tax_ppm
    price = to_ending(net + _nearest((net - untaxed) * tax_ppm, PPM), book)
    tax = _nearest((price - untaxed) * tax_ppm, PPM + tax_ppm)
    return _Priced(None, price, tax, duty, low, fee, goods.cost, net - costs, rates.duty.ppm, tax_ppm)


def _direct(goods: _Goods, index: BookIndex, lane: LaneTerms) -> _Priced | str:
    """A parcel from abroad in the first band that it fits at the final price which that band gives.

    In a later band the price is held at the first one whose parcel is surely above the bands before: without it a product that is a
    little dearer could become cheaper than its neighbor, and its parcel would fall back into a band that it was not priced with.
    """
    book, least = index.book, 0
    before: BandTerms | None = None
    for number, band in enumerate(book.bands[lane.band_set]):
        if band.duty == "tariff" and goods.rates.duty.needs_person:
            return "duty_needs_person"
        terms = BandTerms(band, goods.rates, goods.freight, index)
        if not terms.has_price(goods.cost):
            return "no_price_exists"
        if before is not None:
            value = before.least_value(book.value_factor_ppm)
            least = max(least, before.gross_at(value), terms.gross_at(value))
        priced = _in_band(number, goods, terms, least, book)
        if terms.fits(priced.customs_value):
            return priced
        before = terms
    return "no_price_exists"


def _in_band(number: int, goods: _Goods, terms: BandTerms, least: int, book: PriceBook) -> _Priced:
    before_duty = goods.cost + goods.freight + terms.fee
    first = terms.first_duty(goods.cost)
    net = _net(before_duty + first, goods.margin)
    price = to_ending(max(terms.gross(net, first), least), book)
    tax, duty = terms.inside(price)
    value = price - tax - goods.freight - terms.fee - duty
    customs_value = value if book.value_factor_ppm == PPM else _nearest(value * book.value_factor_ppm, PPM)
    low = terms.low_duty(value, duty, goods.rates, book)
    return _Priced(
        number, price, tax, duty, low, terms.fee, customs_value, net - before_duty - first, terms.rate_ppm, terms.tax_ppm
    )  # fmt: skip


def _net(costs: int, margin: Margin) -> int:
    return divide(costs * PPM, PPM - margin.target_ppm, Rounding.UP)


def _certainty(item: PriceInput, band: Band | None, goods: _Goods, fx_certainty: str, book: PriceBook) -> str:
    tariff = rank("estimate" if item.origin is None else goods.rates.duty.certainty)
    if band is None:
        own = max(tariff, rank(book.import_fee_certainty))
    else:
        own = max(rank(band.certainty), tariff if band.duty == "tariff" else 0)
    return CERTAINTIES[max(own, rank(fx_certainty), rank(goods.rates.taxes.certainty))]


def _without_price(item: PriceInput, book: PriceBook, problem: str | None) -> Landed:
    nothing = dict.fromkeys(
        ("price_minor", "cost_amount", "freight_amount", "customs_value_amount", "duty_amount", "duty_low_amount", "fee_amount",
         "margin_amount", "tax_amount", "ending_amount", "duty_ppm", "tax_ppm", "margin_ppm", "fx_numerator", "fx_denominator", "band")
    )  # fmt: skip
    return Landed(sku=item.sku, currency=book.currency, **nothing, rate_card_id=None, rule_ids=(), certainty="estimate", problem=problem)


def _nearest(numerator: int, denominator: int) -> int:
    return divide(numerator, denominator, Rounding.HALF_UP)
