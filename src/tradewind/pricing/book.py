"""Resolves a market's price book: every rule that holds on one day, as numbers."""

from collections.abc import Sequence
from datetime import date
from math import gcd

from tradewind.catalog import ancestors, categories
from tradewind.kit import PPM, Currency, Money, Rounding, divide
from tradewind.markets import FX_RULE, Confirmations, Market, RuleInForce, RuleKind, layers_in_force, rule_in_force, rules_in_force
from tradewind.network import Lane, Network, RateCard
from tradewind.pricing.errors import PriceBookIsIncomplete, RateIsInvalid
from tradewind.pricing.margins import MarginTable
from tradewind.pricing.model import EVERY, FxRate, LaneTerms, Margin, PriceBook
from tradewind.pricing.ports import DatedRate, RateHistory
from tradewind.pricing.tariff import resolve_tariff, worst

# Keeps cost × numerator inside 64 bits for the largest cost that rules.py accepts.
_MAX_RATIO_PART = 10**8
_RATE_DIGITS = 6


def price_book(  # noqa: PLR0917 - the six things a price depends on, in the order of the batch stream
    market: Market, as_of: date, network: Network, fx: RateHistory, margins: MarginTable, confirmations: Confirmations
) -> PriceBook:
    """Every rule that prices `market` on `as_of`; PriceBookIsIncomplete when a needed one is missing on that day."""
    tax, low_value, parcel_fees, import_fees = _rules(market, as_of, confirmations)
    tariff = resolve_tariff(layers_in_force(market, as_of, confirmations), market.country)
    rates = _rates(market.currency, as_of, fx, margins, confirmations)
    lanes, issues = _lanes(market, network, as_of, {rate.currency: rate for rate in rates})
    stale = next((rate for rate in rates if rate.is_stale), None)
    if stale is not None:
        issues.append(f"fx older than limit: the newest rate is of {stale.day}, the limit is {margins.fx_max_age_days} days")
    duty_base = _needed(market, RuleKind.DUTY_BASE, as_of, confirmations)
    tax_base = _needed(market, RuleKind.TAX_BASE, as_of, confirmations)
    return PriceBook(
        market=market.code,
        as_of=as_of,
        currency=market.currency.code,
        tax_included=market.tax_included,
        tax_ppm=(tax.rule.rate_ppm or 0) if market.tax_included else 0,
        tax_rule_id=tax.rule.id,
        tax_certainty=tax.certainty,
        tax_counts_freight="freight" in tax_base.rule.counts,
        duty_counts_freight="freight" in duty_base.rule.counts,
        threshold_counts_freight=low_value is not None and "freight" in low_value.rule.counts,
        low_value_up_to=_in_market(low_value.rule.at_most, market, rates) if low_value else 0,
        low_value_duty=_in_market(low_value.rule.amount, market, rates) if low_value else 0,
        low_value_rule_id=low_value.rule.id if low_value else "",
        low_value_certainty=low_value.certainty if low_value else "certain",
        parcel_fee=sum(_in_market(fee.rule.amount, market, rates) for fee in parcel_fees),
        parcel_fee_rule_ids=tuple(fee.rule.id for fee in parcel_fees),
        parcel_fee_certainty=worst([fee.certainty for fee in parcel_fees]),
        import_fee_ppm=sum(fee.rule.rate_ppm or 0 for fee in import_fees),
        import_fee_rule_ids=tuple(fee.rule.id for fee in import_fees),
        import_fee_certainty=worst([fee.certainty for fee in import_fees]),
        ending_step=market.ending_step,
        ending_last=market.ending_last,
        fx=rates,
        origins=tariff.origins,
        unknown_origin_group=tariff.unknown_origin_group,
        duties=tariff.duties,
        lanes=lanes,
        margins=_margins(market.code, margins),
        issues=tuple(issues),
    )


def _rules(
    market: Market, as_of: date, confirmations: Confirmations
) -> tuple[RuleInForce, RuleInForce | None, Sequence[RuleInForce], Sequence[RuleInForce]]:
    return (
        _needed(market, RuleKind.TAX_STANDARD, as_of, confirmations),
        rule_in_force(market, RuleKind.DUTY_FLAT, as_of, confirmations)
        or rule_in_force(market, RuleKind.DUTY_RELIEF, as_of, confirmations),
        rules_in_force(market, RuleKind.PARCEL_FEE, as_of, confirmations),
        rules_in_force(market, RuleKind.IMPORT_FEE, as_of, confirmations),
    )


def _needed(market: Market, kind: RuleKind, as_of: date, confirmations: Confirmations) -> RuleInForce:
    found = rule_in_force(market, kind, as_of, confirmations)
    if found is None:
        raise PriceBookIsIncomplete(
            f'the market "{market.code}" has no rule of kind {kind.value} on {as_of}',
            hint=f"add one to {market.code}.toml; tradewind market check {market.code} lists what is missing",
        )
    return found


def _rates(target: Currency, as_of: date, fx: RateHistory, margins: MarginTable, confirmations: Confirmations) -> tuple[FxRate, ...]:
    own = FxRate(target.code, 1, 1, "1", as_of, "same currency", 0, is_stale=False, certainty="certain")
    found = [own]
    confirmed = confirmations.get(FX_RULE)
    is_confirmed = confirmed is not None and as_of <= confirmed.until
    for code in sorted(fx.currencies() - {target.code}):
        dated = fx.rate(code, target.code, as_of)
        if dated is None:
            continue
        is_old = (as_of - dated.day).days > margins.fx_max_age_days
        certainty = "certain" if not is_old else "likely" if is_confirmed else "estimate"
        found.append(_buffered(dated, target, margins.fx_buffer_ppm, certainty, is_stale=is_old and not is_confirmed))
    return tuple(found)


def _buffered(dated: DatedRate, target: Currency, buffer_ppm: int, certainty: str, *, is_stale: bool) -> FxRate:
    numerator = dated.numerator * target.scale * (PPM + buffer_ppm)
    denominator = dated.denominator * Currency(dated.base).scale * PPM
    shared = gcd(numerator, denominator)
    numerator, denominator = numerator // shared, denominator // shared
    while max(numerator, denominator) > _MAX_RATIO_PART:
        # Rounded up, so that a rate that does not fit is never better than the published one.
        numerator, denominator = divide(numerator, 10, Rounding.UP), divide(denominator, 10, Rounding.DOWN)
    if min(numerator, denominator) <= 0:
        raise RateIsInvalid(
            f"the rate of {dated.base} in {dated.quote} of {dated.day} is out of all proportion", hint="check the rate file"
        )
    scaled = divide(dated.numerator * 10**_RATE_DIGITS, dated.denominator, Rounding.HALF_UP)
    text = f"{scaled // 10**_RATE_DIGITS}.{scaled % 10**_RATE_DIGITS:0{_RATE_DIGITS}d}"
    return FxRate(dated.base, numerator, denominator, text, dated.day, dated.source, buffer_ppm, is_stale, certainty)


def _in_market(amount: Money | None, market: Market, rates: Sequence[FxRate]) -> int:
    if amount is None:
        return 0
    for rate in rates:
        if rate.currency == amount.currency.code:
            return divide(amount.minor * rate.numerator, rate.denominator, Rounding.HALF_UP)
    raise PriceBookIsIncomplete(f"{market.code}: no exchange rate turns {amount} into {market.currency}", hint="give one in rates.csv")


def _lanes(market: Market, network: Network, as_of: date, rates: dict[str, FxRate]) -> tuple[tuple[LaneTerms, ...], list[str]]:
    terms, issues = list[LaneTerms](), list[str]()
    for lane in network.lanes_to(market.code):
        card = lane.rate_card(as_of)
        if card is None:
            issues.append(f"lane {lane.lane_id} has no rate card on {as_of}")
        elif card.currency.code not in rates:
            issues.append(f"rate card {card.rate_card_id} is in {card.currency}, and no exchange rate turns it into {market.currency}")
        else:
            terms.append(_terms(lane, card, rates[card.currency.code]))
    return tuple(terms), issues


def _terms(lane: Lane, card: RateCard, rate: FxRate) -> LaneTerms:
    def converted(minor: int) -> int:
        return divide(minor * rate.numerator, rate.denominator, Rounding.HALF_UP)

    return LaneTerms(
        lane_id=lane.lane_id,
        imported=lane.imported,
        rate_card_id=card.rate_card_id,
        volumetric_divisor=card.volumetric_divisor,
        max_weight_g=card.max_weight_g,
        inbound_per_kg=converted(lane.inbound_per_kg),
        bands=tuple((up_to, converted(amount)) for up_to, amount in card.bands),
    )


def _margins(market: str, table: MarginTable) -> tuple[Margin, ...]:
    """The most particular row for each category: market and category, then the category or its parents, then market, then every one."""
    rows = {(row.market, row.category): row for row in table.rows}
    found = []
    for category in (EVERY, *categories()):
        ways = [(where, step) for step in ancestors(category) for where in (market, EVERY)]
        key = next(key for key in [*ways, (market, EVERY), (EVERY, EVERY)] if key in rows)
        row = rows[key]
        found.append(Margin(category, row.target_ppm, row.floor_ppm, f"margin/{key[0]}/{key[1]}"))
    return tuple(found)
