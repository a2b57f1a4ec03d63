"""The landed price of one product: the scalar form. landed.sql says the same in the same order, and a test proves them equal.

A direct parcel is declared at the price the shopper pays: its customs value, and so its duty, depends on the price, which holds
the duty. Both directions are solved in closed form (see docs/explanation/how-a-price-is-made.md), never by trying.
"""

from dataclasses import dataclass

from tradewind.kit import PPM, Rounding, divide
from tradewind.network import BAND_STEP_G
from tradewind.pricing.index import GENERAL, IMPORTED, LOW_VALUE, index_of, rank
from tradewind.pricing.model import DutyRate, FxRate, Landed, LaneTerms, Margin, PriceBook, PriceInput
from tradewind.pricing.tariff import CERTAINTIES

MAX_COST_MINOR = 10**10
"""Above it a cost is surely a slip of the pen; it also keeps every product of the SQL form inside 64 bits."""
MAX_COST_AMOUNT = 10**11
MAX_SIDE_MM = 100_000
# 1 - margin - duty × margin: when less than 5 % is left, the duty inside the price feeds on itself and no sensible price exists.
MIN_REMAINDER_PPM = 50_000

PROBLEMS: dict[str, str] = {
    "cost_missing": "the purchase cost is unknown",
    "cost_out_of_range": "the purchase cost is zero, negative or beyond belief",
    "fx_missing": "no exchange rate is known for the currency of the cost",
    "weight_missing": "the shipping weight is unknown",
    "no_rate_card": "the lane has no rate card on this day",
    "weight_over_limit": "the real or volumetric weight is above the lane's limit",
    "duty_unknown": "the tariff code is missing, or its chapter is not in the tariff that is loaded",
    "no_price_exists": "the duty and the margin together leave no room: no price can hold both",
}
"""Why a product has no price, by code."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is known before the duty."""

    cost: int
    freight: int
    inbound: int
    fee: int
    duty: DutyRate
    margin: Margin

    @property
    def before_duty(self) -> int:
        return self.cost + self.freight + self.fee


@dataclass(frozen=True, slots=True)
class _Priced:
    """A price with the parts that were derived again from it."""

    regime: str
    price: int
    tax: int
    duty: int
    customs_value: int
    wanted_margin: int


def landed(item: PriceInput, book: PriceBook) -> Landed:
    """The price of one product with its build-up, in minor units of the market's currency; a `problem` instead when it has none."""
    index = index_of(book)
    fx = index.fx.get(item.cost_currency or "")
    lane = index.lanes.get(item.lane_id)
    duty = index.duty(item.hs_code, item.origin)
    margin = index.margin(item.category)
    cost = _cost(item.cost_minor, fx)
    weight = _chargeable(item, lane) if lane else None
    last_mile = index.bands.get((lane.lane_id, -(-weight // BAND_STEP_G))) if lane and weight else None
    problem = _problem(item, cost, has_fx=fx is not None, has_lane=lane is not None, can_ship=last_mile is not None, duty=duty)
    if problem is None and not item.imported and _remainder(duty, margin) < MIN_REMAINDER_PPM:
        problem = "no_price_exists"
    if problem or cost is None or lane is None or weight is None or last_mile is None or duty is None or fx is None:
        return _without_price(item, book, problem)
    inbound = divide(lane.inbound_per_kg * weight, 1000, Rounding.HALF_UP) if item.imported else 0
    fee = divide(cost * book.import_fee_ppm, PPM, Rounding.HALF_UP) if item.imported else book.parcel_fee
    parts = _Parts(cost, last_mile + inbound, inbound, fee, duty, margin)
    priced = _imported(parts, book) if item.imported else _direct(parts, book)
    rest = priced.price - priced.tax - parts.before_duty - priced.duty
    kept = min(priced.wanted_margin, rest)
    return Landed(
        sku=item.sku,
        currency=book.currency,
        price_minor=priced.price,
        cost_amount=cost,
        freight_amount=parts.freight,
        customs_value_amount=priced.customs_value,
        duty_amount=priced.duty,
        fee_amount=fee,
        margin_amount=kept,
        tax_amount=priced.tax,
        ending_amount=rest - kept,
        duty_ppm=0 if priced.regime == LOW_VALUE else duty.ppm,
        tax_ppm=book.tax_ppm,
        margin_ppm=margin.target_ppm,
        fx_numerator=fx.numerator,
        fx_denominator=fx.denominator,
        rate_card_id=lane.rate_card_id,
        rule_ids=index.rule_ids(priced.regime, duty.rule_ids, margin.rule_id),
        certainty=_certainty(item, priced.regime, duty, fx.certainty, book),
        problem=None,
    )


def gross_of(net: int, freight: int, book: PriceBook) -> int:
    """The net price with its tax, rounded up to the market's price ending."""
    untaxed = 0 if book.tax_counts_freight else freight
    gross = net + divide((net - untaxed) * book.tax_ppm, PPM, Rounding.HALF_UP)
    return (gross - book.ending_last + book.ending_step - 1) // book.ending_step * book.ending_step + book.ending_last


def tax_inside(price: int, freight: int, book: PriceBook) -> int:
    """The tax that a final price holds."""
    untaxed = 0 if book.tax_counts_freight else freight
    return divide((price - untaxed) * book.tax_ppm, PPM + book.tax_ppm, Rounding.HALF_UP)


def _cost(cost_minor: int | None, fx: FxRate | None) -> int | None:
    if cost_minor is None or fx is None or not 0 < cost_minor <= MAX_COST_MINOR:
        return None
    return divide(cost_minor * fx.numerator, fx.denominator, Rounding.HALF_UP)


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


def _remainder(duty: DutyRate | None, margin: Margin) -> int:
    rate = duty.ppm if duty else 0
    return PPM - margin.target_ppm - divide(rate * margin.target_ppm, PPM, Rounding.HALF_UP)


def _imported(parts: _Parts, book: PriceBook) -> _Priced:
    """Goods that passed customs in bulk: duty was owed on their cost (with the inbound freight where the market counts it)."""
    dutiable = parts.cost + (parts.inbound if book.duty_counts_freight else 0)
    duty = divide(dutiable * parts.duty.ppm, PPM, Rounding.HALF_UP)
    net = _net(parts.before_duty + duty, parts.margin)
    price = gross_of(net, parts.freight, book)
    wanted = net - parts.before_duty - duty
    return _Priced(IMPORTED, price, tax_inside(price, parts.freight, book), duty, parts.cost, wanted)


def _direct(parts: _Parts, book: PriceBook) -> _Priced:
    """A parcel from abroad: the low-value rule when the parcel stays within it at its own final price, else the tariff."""
    if book.low_value_up_to > 0:
        low = _low_value(parts, book)
        counted = low.customs_value + (parts.freight if book.threshold_counts_freight else 0)
        if counted <= book.low_value_up_to:
            return low
    return _general(parts, book)


def _low_value(parts: _Parts, book: PriceBook) -> _Priced:
    duty = book.low_value_duty
    net = _net(parts.before_duty + duty, parts.margin)
    price = gross_of(net, parts.freight, book)
    tax = tax_inside(price, parts.freight, book)
    value = price - tax - parts.freight - parts.fee - duty
    return _Priced(LOW_VALUE, price, tax, duty, value, net - parts.before_duty - duty)


def _general(parts: _Parts, book: PriceBook) -> _Priced:
    """Duty on the customs value, which is the net price without freight, fee and the duty itself."""
    rate = parts.duty.ppm
    undutied = parts.fee + (0 if book.duty_counts_freight else parts.freight)
    base = parts.before_duty - divide(undutied * (PPM - parts.margin.target_ppm), PPM, Rounding.HALF_UP)
    duty = divide(base * rate, _remainder(parts.duty, parts.margin), Rounding.HALF_UP)
    wanted_net = _net(parts.before_duty + duty, parts.margin)
    net = max(wanted_net, _least_net(parts, book))
    price = gross_of(net, parts.freight, book)
    tax = tax_inside(price, parts.freight, book)
    final_duty = divide((price - tax - undutied) * rate, PPM + rate, Rounding.HALF_UP)
    value = price - tax - parts.freight - parts.fee - final_duty
    return _Priced(GENERAL, price, tax, final_duty, value, wanted_net - parts.before_duty - duty)


def _least_net(parts: _Parts, book: PriceBook) -> int:
    """The lowest net price whose parcel is surely above the low-value threshold.

    Without it a product that is a little dearer could become cheaper than its neighbor, and its parcel would fall back under a
    rule that it was not priced with.
    """
    if book.low_value_up_to <= 0:
        return 0
    value = max(book.low_value_up_to + 1 - (parts.freight if book.threshold_counts_freight else 0), 0)
    dutiable = value + (parts.freight if book.duty_counts_freight else 0)
    duty = divide(dutiable * parts.duty.ppm, PPM, Rounding.HALF_UP)
    return value + parts.freight + parts.fee + max(book.low_value_duty, duty)


def _net(costs: int, margin: Margin) -> int:
    return divide(costs * PPM, PPM - margin.target_ppm, Rounding.UP)


def _certainty(item: PriceInput, regime: str, duty: DutyRate, fx_certainty: str, book: PriceBook) -> str:
    by_tariff = "estimate" if item.origin is None else duty.certainty
    duty_rank = rank(book.low_value_certainty if regime == LOW_VALUE else by_tariff)
    fee_rank = rank(book.import_fee_certainty if regime == IMPORTED else book.parcel_fee_certainty)
    return CERTAINTIES[max(duty_rank, fee_rank, rank(fx_certainty), rank(book.tax_certainty))]


def _without_price(item: PriceInput, book: PriceBook, problem: str | None) -> Landed:
    nothing = dict.fromkeys(
        ("price_minor", "cost_amount", "freight_amount", "customs_value_amount", "duty_amount", "fee_amount", "margin_amount",
         "tax_amount", "ending_amount", "duty_ppm", "tax_ppm", "margin_ppm", "fx_numerator", "fx_denominator")
    )  # fmt: skip
    return Landed(sku=item.sku, currency=book.currency, **nothing, rate_card_id=None, rule_ids=(), certainty="estimate", problem=problem)
