"""Resolves a market's price book: every rule that holds on one day, as numbers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import gcd

from tradewind.catalog import ancestors, categories
from tradewind.kit import PPM, Currency, Rounding, divide
from tradewind.markets import (
    FX_RULE,
    Confidence,
    Confirmations,
    Market,
    RuleInForce,
    RuleKind,
    Seller,
    TariffLayer,
    layers_in_force,
    load_seller,
    rule_in_force,
    rules_in_force,
    tax_collected,
)
from tradewind.network import Lane, Network, RateCard
from tradewind.pricing.bands import EXCLUSIVE_KINDS, resolve_bands
from tradewind.pricing.conversion import Conversion
from tradewind.pricing.errors import PriceBookIsIncomplete, RateIsInvalid
from tradewind.pricing.margins import MarginTable
from tradewind.pricing.model import EVERY, Band, FxRate, LaneTerms, Margin, PriceBook
from tradewind.pricing.ports import DatedRate, RateHistory
from tradewind.pricing.tariff import resolve_tariff, worst

# Keeps cost × numerator inside 64 bits for the largest cost that rules.py accepts.
_MAX_RATIO_PART = 10**8
_RATE_DIGITS = 6
_SURENESS = {Confidence.CERTAIN: "certain", Confidence.LIKELY: "likely", Confidence.DISPUTED: "estimate"}
_PRICED_KINDS = frozenset(RuleKind) - {RuleKind.RETURN_RIGHT, RuleKind.NOTICE, RuleKind.PAPER}


def price_book(  # noqa: PLR0917 - the six things a price depends on, in the order of the batch stream
    market: Market,
    as_of: date,
    network: Network,
    fx: RateHistory,
    margins: MarginTable,
    confirmations: Confirmations,
    seller: Seller | None = None,
) -> PriceBook:
    """Every rule that prices `market` on `as_of`; PriceBookIsIncomplete when a needed one is missing on that day.

    Without a `seller` the package's invented one counts: his registrations decide whether the tax is collected.
    """
    rates = _rates(market.currency, as_of, fx, margins, confirmations)
    lanes, sets, issues = _lanes(market, network, as_of, {rate.currency: rate for rate in rates})
    turned = Conversion(market, as_of, fx, rates)
    by_country = [resolve_bands(market, as_of, confirmations, country, turned.threshold, turned.amount) for country in sets]
    lanes, bands = _band_sets(lanes, by_country)
    layers = layers_in_force(market, as_of, confirmations)
    tariff = resolve_tariff(layers, market.country, as_of, {rate.currency: (rate.numerator, rate.denominator) for rate in rates})
    tax = _needed(market, RuleKind.TAX_STANDARD, as_of, confirmations)
    tax_base = _needed(market, RuleKind.TAX_BASE, as_of, confirmations).rule
    duty_base = _needed(market, RuleKind.DUTY_BASE, as_of, confirmations).rule
    factor = rule_in_force(market, RuleKind.VALUE_FACTOR, as_of, confirmations)
    import_fees = rules_in_force(market, RuleKind.IMPORT_FEE, as_of, confirmations)
    return PriceBook(
        market=market.code,
        as_of=as_of,
        currency=market.currency.code,
        tax_included=market.tax_included,
        tax_ppm=(tax.rule.rate_ppm or 0) if market.tax_included else 0,
        tax_rule_id=tax.rule.id,
        tax_certainty=tax.certainty,
        tax_counts_freight="freight" in tax_base.counts,
        duty_counts_freight="freight" in duty_base.counts,
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
        issues=(*issues, *_stale(rates, margins)),
        bands=bands,
        value_factor_ppm=(factor.rule.rate_ppm or PPM) if factor else PPM,
        insurance_ppm=duty_base.insurance_ppm,
        tax_counts_insurance="insurance" in tax_base.counts,
        tax_counts_fee="fee" in tax_base.counts,
        tax_collected=tax_collected(market, seller or load_seller(), as_of, confirmations),
        reduced_taxes=_by_prefix(market, RuleKind.TAX_REDUCED, as_of, confirmations) if market.tax_included else (),
        simplified=_simplified(market, as_of, confirmations),
        extra_taxes=_by_prefix(market, RuleKind.EXTRA_TAX, as_of, confirmations) if market.tax_included else (),
        sources=_sources(market, as_of, confirmations, sets, layers, turned),
        gaps=(*market.gaps, *_uncounted(market, as_of, confirmations)),
    )


def _stale(rates: Sequence[FxRate], margins: MarginTable) -> list[str]:
    old = next((rate for rate in rates if rate.is_stale), None)
    return [f"fx older than limit: the newest rate is of {old.day}, the limit is {margins.fx_max_age_days} days"] if old else []


def _band_sets(
    lanes: Sequence[LaneTerms], by_country: Sequence[tuple[Band, ...]]
) -> tuple[tuple[LaneTerms, ...], tuple[tuple[Band, ...], ...]]:
    """The sets that differ, and the lanes with the number of theirs: most markets treat every country alike."""
    different = list(dict.fromkeys(by_country))
    return tuple(replace(lane, band_set=different.index(by_country[lane.band_set])) for lane in lanes), tuple(different)


def _by_prefix(market: Market, kind: RuleKind, as_of: date, confirmations: Confirmations) -> tuple[tuple[str, int, str], ...]:
    """The rates of a kind by tariff prefix; a prefix below another of its own rule says nothing more."""
    found = []
    for one in rules_in_force(market, kind, as_of, confirmations):
        prefixes = one.rule.hs or ("",)
        kept = [prefix for prefix in prefixes if not any(prefix != other and prefix.startswith(other) for other in prefixes)]
        found += [(prefix, one.rule.rate_ppm or 0, one.rule.id) for prefix in sorted(set(kept))]
    return tuple(found)


def _simplified(market: Market, as_of: date, confirmations: Confirmations) -> tuple[tuple[str, int, str], ...]:
    return tuple(
        (prefix, ppm, one.rule.id)
        for one in rules_in_force(market, RuleKind.DUTY_SIMPLIFIED, as_of, confirmations)
        for prefix, ppm in (("", one.rule.rate_ppm or 0), *one.rule.rates)
    )


def _source_of(layer: TariffLayer) -> str:
    loaded = layer.loaded
    return f"{layer.source}, loaded from {loaded.source} (edition {loaded.edition or 'unknown'})" if loaded is not None else layer.source


def _sources(  # noqa: PLR0917 - what may hold on the day, and how its amounts were turned
    market: Market, as_of: date, confirmations: Confirmations, sets: Sequence[str], layers: Sequence[TariffLayer], turned: Conversion
) -> tuple[tuple[str, str, str], ...]:
    found = {layer.id: (_source_of(layer), _SURENESS[layer.confidence]) for layer in layers}
    for kind in _PRICED_KINDS:
        for country in sets:
            for one in rules_in_force(market, kind, as_of, confirmations, country):
                said = turned.said(one.rule)
                found[one.rule.id] = (f"{one.rule.source}; {said}" if said else one.rule.source, one.certainty)
    return tuple((rule_id, *said) for rule_id, said in sorted(found.items()))


def _uncounted(market: Market, as_of: date, confirmations: Confirmations) -> tuple[str, ...]:
    """Rules that no band can hold: a parcel's value does not tell whether they are for its goods, and without them it is dearer."""
    found = [one.rule for kind in EXCLUSIVE_KINDS for one in rules_in_force(market, kind, as_of, confirmations) if one.rule.hs]
    return tuple(f"{rule.id} is for goods of some tariff codes only and is not counted: the price is on the safe side." for rule in found)


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


def _lanes(
    market: Market, network: Network, as_of: date, rates: dict[str, FxRate]
) -> tuple[tuple[LaneTerms, ...], tuple[str, ...], list[str]]:
    """The lanes that can be priced, the countries they leave from (a band set each), and what is wrong with the others."""
    terms, issues = list[LaneTerms](), list[str]()
    sets = [market.country]
    for lane in network.lanes_to(market.code):
        card = lane.rate_card(as_of)
        country = network.location(lane.location_id).country
        if card is None:
            issues.append(f"lane {lane.lane_id} has no rate card on {as_of}")
        elif card.currency.code not in rates:
            issues.append(f"rate card {card.rate_card_id} is in {card.currency}, and no exchange rate turns it into {market.currency}")
        else:
            if country not in sets:
                sets.append(country)
            terms.append(_terms(lane, card, rates[card.currency.code], sets.index(country), country))
    return tuple(terms), tuple(sets), issues


def _terms(lane: Lane, card: RateCard, rate: FxRate, band_set: int, country: str) -> LaneTerms:
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
        band_set=band_set,
        country=country,
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
