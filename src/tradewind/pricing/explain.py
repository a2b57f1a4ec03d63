"""How a price was built, line by line: what it is, the formula in words, the rules, their sources, how sure it is, the amount."""

from collections.abc import Iterable, Mapping
from typing import Any

from tradewind.kit import PPM, Currency, Money, Rounding, divide
from tradewind.pricing.index import BookIndex, index_of
from tradewind.pricing.making import SET_RULE
from tradewind.pricing.model import Band, DutyRate, ExplainedLine, FxRate, LaneTerms, PriceBook, PriceInput
from tradewind.pricing.tariff import worst

_PERCENT = PPM // 100
_INVENTED = "the retailer's own (margins.toml)"


def explain(row: Mapping[str, Any], book: PriceBook, facts: PriceInput | None = None) -> list[ExplainedLine]:
    """The lines of a price; `row` has the amounts named as in price_output, `facts` makes the formulas name the cost and the weight.

    The last line, labeled "price", is the sum of those before it. Amounts are minor units of the market's currency.
    """
    return _Explained(row, book, facts).lines()


def price_notes(row: Mapping[str, Any], book: PriceBook, facts: PriceInput | None = None) -> list[str]:
    """What a person must know beside the lines: the location assumed, who pays what is not collected, ranges, doubts and gaps."""
    return _Explained(row, book, facts).notes()


class _Explained:
    """One price with the lane, the band and the rules that it stands on."""

    def __init__(self, row: Mapping[str, Any], book: PriceBook, facts: PriceInput | None) -> None:
        self.row, self.book, self.facts = row, book, facts
        self.index: BookIndex = index_of(book)
        self.rule_ids: tuple[str, ...] = tuple(row["rule_ids"])
        self.set_rule = next((rule for rule in self.rule_ids if rule.startswith(SET_RULE)), "")
        self.lane = _lane(row, book, facts)
        self.band = _band(row, book, self.lane)
        self.rate = self.index.duty(facts.hs_code, facts.origin) if facts is not None else None

    def lines(self) -> list[ExplainedLine]:
        row, book = self.row, self.book
        margin_rule = next((rule for rule in self.rule_ids if rule.startswith("margin/")), "")
        lines = [
            ExplainedLine("cost", _cost(row, book, self.facts), "", row["cost_amount"], *self._rate_source()),
            ExplainedLine("freight", _freight(self.lane, row["rate_card_id"], self.facts), row["rate_card_id"], row["freight_amount"]),
            self._said("duty", _duty(self), self._duty_rules(), row["duty_amount"], low=self._low()),
            self._said("fee", _fee(self), self._fee_rules(), row["fee_amount"]),
            ExplainedLine("margin", _margin(row, book, margin_rule, self.set_rule), margin_rule, row["margin_amount"], _INVENTED),
            ExplainedLine("ending", "none: the price is set" if self.set_rule else _ending(book), "", row["ending_amount"]),
            self._said("tax", _tax(self), self.tax_rules(), row["tax_amount"]),
            ExplainedLine("price", _price(self), self.set_rule, row["price_minor"], certainty=row.get("certainty") or "certain"),
        ]
        return [line for line in lines if line.amount or line.label != "fee"]

    def notes(self) -> list[str]:
        book, found = self.book, list[str]()
        if self.lane is not None:
            way = "already imported there" if self.lane.imported else "sent as a parcel from abroad"
            found.append(
                f"The price assumes that lane {self.lane.lane_id} serves, from {self.lane.country or 'its location'} ({way})."
                " When another location serves, the listed price stays: the difference is the business's."
            )
        if book.tax_included and not book.tax_collected and (self.band is None or self.band.taxed):
            found.append(f"No tax is in the price: the seller has no registration for it. {self._unpaid_tax()}")
        found += self._duty_doubts()
        low = self._low()
        if low is not None:
            found.append(
                f"The tariff code leaves a range: the duty is {_money(low, book)} to {_money(self.row['duty_amount'], book)},"
                " and the price holds the top."
            )
        found += [
            f"{rule_id} is {certainty}: {source}" for rule_id, source, certainty in book.sources
            if rule_id in self.rule_ids and certainty != "certain"
        ]  # fmt: skip
        found += [f"Not in this market's rules: {gap}" for gap in book.gaps]
        return [*found, *(issue[:1].upper() + issue[1:] for issue in book.issues)]

    def _duty_doubts(self) -> list[str]:
        """Why the duty is an estimate, where a fact of the product or a table is missing."""
        if self.facts is None or not self._owes_tariff():
            return []
        if self.facts.origin is None:
            return ["The country of origin is not known: the duty is that of the origin that owes most, an estimate."]
        if self.rate is not None and self.rate.certainty == "estimate":
            return ["The duty is an estimate: no tariff that is held names this code, or a list that is not held may concern it."]
        return []

    def tax_rules(self) -> tuple[str, ...]:
        """The rules of the tax, the extra taxes and the reason why it is charged where it is."""
        taxes = {self.book.tax_rule_id, *(rule_id for _, _, rule_id in (*self.book.reduced_taxes, *self.book.extra_taxes))}
        named = self.band.tax_rule_ids if self.band else ()
        return tuple(rule for rule in self.rule_ids if rule in taxes or rule in named)

    def _unpaid_tax(self) -> str:
        if self.lane is not None and self.lane.imported:
            return "Goods that are sold inside the market cannot be sold without one."
        code = self.facts.hs_code if self.facts else None
        fitting = [one for one in self.index.tax_rules() if (code or "").startswith(one[0])]
        ppm = max(fitting, key=lambda one: len(one[0]))[1]
        amount = divide(self.row["price_minor"] * ppm, PPM, Rounding.HALF_UP)
        return f"The buyer pays it at the border: {percent(ppm)}, about {_money(amount, self.book)}, and what the carrier asks for it."

    def _low(self) -> int | None:
        low: int | None = self.row.get("duty_low_amount")
        return low if low is not None and low < self.row["duty_amount"] else None

    def _duty_rules(self) -> tuple[str, ...]:
        others = {*self._fee_rules(), *self.tax_rules(), self.set_rule}
        return tuple(rule for rule in self.rule_ids if rule not in others and not rule.startswith("margin/"))

    def _fee_rules(self) -> tuple[str, ...]:
        return self.band.fee_rule_ids if self.band is not None else self.book.import_fee_rule_ids

    def _said(self, label: str, formula: str, rule_ids: Iterable[str], amount: int, low: int | None = None) -> ExplainedLine:
        """A line with the sources of its rules, as sure as the least sure of them."""
        known = {rule_id: (source, certainty) for rule_id, source, certainty in self.book.sources}
        rules = tuple(rule_ids)
        sources = "; ".join(dict.fromkeys(known[rule][0] for rule in rules if rule in known))
        certainties = [known[rule][1] for rule in rules if rule in known]
        if label == "duty" and self._owes_tariff():
            certainties += [] if self.rate is None else [self.rate.certainty]
            certainties += ["estimate"] if self.facts is not None and self.facts.origin is None else []
        return ExplainedLine(label, formula, " ".join(rules), amount, sources, worst(certainties), low)

    def _owes_tariff(self) -> bool:
        return self.band is None or self.band.duty == "tariff"

    def _rate_source(self) -> tuple[str, str]:
        ratio = (self.row["fx_numerator"], self.row["fx_denominator"])
        rate = next((rate for rate in self.book.fx if (rate.numerator, rate.denominator) == ratio), None)
        return (f"{rate.source}, {rate.day}", rate.certainty) if rate is not None else ("", "certain")


def _lane(row: Mapping[str, Any], book: PriceBook, facts: PriceInput | None) -> LaneTerms | None:
    found = [lane for lane in book.lanes if lane.rate_card_id == row["rate_card_id"]]
    return next((lane for lane in found if facts is not None and lane.lane_id == facts.lane_id), found[0] if found else None)


def _band(row: Mapping[str, Any], book: PriceBook, lane: LaneTerms | None) -> Band | None:
    """The band of a row; a stored offer, which does not keep it, has the one whose rules it names."""
    if lane is None or lane.imported or not book.bands:
        return None
    bands, number = book.bands[lane.band_set], row.get("band")
    if isinstance(number, int):
        return bands[number]
    ids = set(row["rule_ids"])
    fitting = [band for band in bands if ids.issuperset((*band.rule_ids, *band.fee_rule_ids, *band.tax_rule_ids))]
    return max(fitting, key=lambda band: len((*band.rule_ids, *band.tax_rule_ids)), default=bands[-1])


def percent(ppm: int) -> str:
    """Millionths as a percentage without needless zeros: 49000 is "4.9 %"."""
    whole, rest = divmod(ppm, _PERCENT)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole}.{decimals} %" if decimals else f"{whole} %"


def _money(minor: int, book: PriceBook) -> str:
    return str(Money(minor, Currency(book.currency)))


def _cost(row: Mapping[str, Any], book: PriceBook, facts: PriceInput | None) -> str:
    ratio = (row["fx_numerator"], row["fx_denominator"])
    rates = [rate for rate in book.fx if (rate.numerator, rate.denominator) == ratio]
    known = facts.cost_currency if facts else None
    rate = next((rate for rate in rates if rate.currency == known), rates[0] if rates else None)
    if rate is None:
        return f"the cost × {ratio[0]} / {ratio[1]}"
    start = "the cost"
    if facts is not None and facts.cost_minor is not None and facts.cost_currency is not None:
        start = str(Money(facts.cost_minor, Currency(facts.cost_currency)))
    return start if rate.currency == book.currency else f"{start} × {_rate(rate)}"


def _rate(rate: FxRate) -> str:
    old = ", older than its limit" if rate.is_stale else ""
    return f"{rate.rate_text} ({rate.source}, +{percent(rate.buffer_ppm)} buffer{old})"


def _freight(lane: LaneTerms | None, rate_card_id: str, facts: PriceInput | None) -> str:
    weight = f"{facts.weight_g} g, " if facts is not None and facts.weight_g is not None else ""
    way = f"lane {lane.lane_id}, " if lane else ""
    inbound = ", with its share of the inbound freight" if lane and lane.imported else ""
    return f"{weight}{way}rate card {rate_card_id}{inbound}"


def _duty(told: _Explained) -> str:
    row, book, band = told.row, told.book, told.band
    rate = f"{percent(row['duty_ppm'])}{_specific(told.rate, book)}"
    if band is None:
        freight = " and its inbound freight" if book.duty_counts_freight else ""
        return f"{rate} of the cost{freight}, paid at import"
    value = _money(row["customs_value_amount"], book)
    counted = _money(row["customs_value_amount"] + (row["freight_amount"] if band.counts_freight else 0), book)
    limit = _money(band.up_to, book) if band.up_to is not None else ""
    if band.duty == "none":
        return f"none up to {_parcel(band)} of {limit}; this one counts {counted}" if limit else "none on any parcel"
    if band.duty == "flat":
        within = f"; the parcel counts {counted} of at most {limit}" if limit else ""
        return f"{_money(band.flat, book)} flat, one tariff line{within}"
    table = f", by the simplified table up to {limit}" if band.duty == "simplified" and limit else ""
    return f"{rate} of the customs value {value}{_base(book)}{table}{_range(told.rate)}"


def _parcel(band: Band) -> str:
    return "an item" if band.per_item else "a parcel"


def _specific(rate: DutyRate | None, book: PriceBook) -> str:
    if rate is None:
        return ""
    parts = [(rate.per_kg_micro, "kg"), (rate.per_item_micro, "item")]
    return "".join(f" and {_money(divide(micro, PPM, Rounding.HALF_UP), book)} a {unit}" for micro, unit in parts if micro)


def _base(book: PriceBook) -> str:
    freight = " and freight" if book.duty_counts_freight else ""
    insurance = f" and {percent(book.insurance_ppm)} notional insurance" if book.insurance_ppm else ""
    factor = f" ({percent(book.value_factor_ppm)} of what the goods cost the shopper)" if book.value_factor_ppm != PPM else ""
    return f"{factor}{freight}{insurance}"


def _range(rate: DutyRate | None) -> str:
    if rate is None or rate.low_ppm >= rate.ppm:
        return ""
    return f"; the code leaves {percent(rate.low_ppm)} to {percent(rate.ppm)}"


def _fee(told: _Explained) -> str:
    if told.band is None:
        return f"{percent(told.book.import_fee_ppm)} of the cost, at import"
    lines = f", with {_money(told.band.line_fee, told.book)} for its one tariff line" if told.band.line_fee else ""
    return f"per parcel from abroad{lines}"


def _margin(row: Mapping[str, Any], book: PriceBook, rule_id: str, set_rule: str) -> str:
    floor = next((f", floor {percent(margin.floor_ppm)}" for margin in book.margins if margin.rule_id == rule_id), "")
    if set_rule:
        net = row["price_minor"] - row["tax_amount"]
        kept = divide(row["margin_amount"] * 1_000, net, Rounding.HALF_UP) * (PPM // 1_000) if net else 0
        return f"what the set price leaves, {percent(kept)} of net (wanted {percent(row['margin_ppm'])}{floor})"
    return f"{percent(row['margin_ppm'])} of net before the ending{floor}"


def _ending(book: PriceBook) -> str:
    ending = Money(book.ending_last, Currency(book.currency)).plain()
    step = Money(book.ending_step, Currency(book.currency)).plain()
    return f"up to the next price that ends in {ending} (steps of {step}), without its tax"


def _tax(told: _Explained) -> str:
    row, book, band = told.row, told.book, told.band
    if not book.tax_included:
        return "added at checkout, not in the price"
    if band is not None and not band.taxed:
        limit = f" up to {_parcel(band)} of {_money(band.up_to, book)}" if band.up_to is not None else ""
        return f"none{limit}"
    if not book.tax_collected:
        return "not collected: the seller has no registration; the buyer pays it at the border"
    where = "" if band is None else ", charged at the sale" if band.at_sale else ", due at the border and paid by the seller"
    if band is not None and not band.at_sale and told.index.taxed_ppm != PPM:
        return f"{percent(row['tax_ppm'])} of the customs value{_taxed(book)}{where}"
    net = row["price_minor"] - row["tax_amount"]
    fee = 0 if book.tax_counts_fee or band is None else row["fee_amount"]
    base = net - fee - (0 if book.tax_counts_freight else row["freight_amount"])
    return f"{percent(row['tax_ppm'])} of {_money(base, book)}, from the final price{where}"


def _taxed(book: PriceBook) -> str:
    parts = [
        ("freight", book.tax_counts_freight),
        ("insurance", book.tax_counts_insurance and book.insurance_ppm),
        ("fee", book.tax_counts_fee),
    ]
    return ", duty" + "".join(f", {name}" for name, counts in parts if counts)


def _price(told: _Explained) -> str:
    book = told.book
    if not book.tax_included:
        return "duty included, sales tax is added at checkout"
    if told.band is not None and not told.band.taxed:
        return "duty included, no tax is owed"
    return "tax and duty included" if book.tax_collected else "duty included, tax is not"
