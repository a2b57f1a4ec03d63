"""How a price was built, line by line: what it is, the formula in words, the rule, the amount."""

from collections.abc import Mapping
from typing import Any

from tradewind.kit import PPM, Currency, Money
from tradewind.pricing.model import ExplainedLine, FxRate, LaneTerms, PriceBook, PriceInput

_PERCENT = PPM // 100


def explain(row: Mapping[str, Any], book: PriceBook, facts: PriceInput | None = None) -> list[ExplainedLine]:
    """The lines of a price; `row` has the amounts named as in price_output, `facts` makes the formulas name the cost and the weight.

    The last line, labeled "price", is the sum of those before it. Amounts are minor units of the market's currency.
    """
    lane = next((lane for lane in book.lanes if lane.rate_card_id == row["rate_card_id"]), None)
    net = row["price_minor"] - row["tax_amount"]
    margin_rule = _named(row["rule_ids"], "margin/")
    lines = [
        ExplainedLine("cost", _cost(row, book, facts), "", row["cost_amount"]),
        ExplainedLine("freight", _freight(lane, row["rate_card_id"], facts), row["rate_card_id"], row["freight_amount"]),
        ExplainedLine("duty", _duty(row, book, lane), _duty_rules(row, book), row["duty_amount"]),
        ExplainedLine("fee", _fee(book, lane), " ".join(_fee_rules(book, lane)), row["fee_amount"]),
        ExplainedLine("margin", _margin(row, book, margin_rule), margin_rule, row["margin_amount"]),
        ExplainedLine("ending", _ending(book), "", row["ending_amount"]),
        ExplainedLine("tax", _tax(row, book, net), book.tax_rule_id, row["tax_amount"]),
        ExplainedLine("price", _price(book), "", row["price_minor"]),
    ]
    return [line for line in lines if line.amount or line.label != "fee"]


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


def _is_low_value(row: Mapping[str, Any], book: PriceBook) -> bool:
    return bool(book.low_value_rule_id) and book.low_value_rule_id in row["rule_ids"]


def _duty(row: Mapping[str, Any], book: PriceBook, lane: LaneTerms | None) -> str:
    value = _money(row["customs_value_amount"], book)
    if _is_low_value(row, book):
        if not book.low_value_duty:
            return f"none up to a parcel of {_money(book.low_value_up_to, book)}; this one counts {value}"
        flat, limit = _money(book.low_value_duty, book), _money(book.low_value_up_to, book)
        return f"{flat} flat, one tariff line; the parcel counts {value} of at most {limit}"
    if lane is not None and lane.imported:
        freight = " and its inbound freight" if book.duty_counts_freight else ""
        return f"{percent(row['duty_ppm'])} of the cost{freight}, paid at import"
    freight = " and freight" if book.duty_counts_freight else ""
    return f"{percent(row['duty_ppm'])} of the customs value {value}{freight}"


def _duty_rules(row: Mapping[str, Any], book: PriceBook) -> str:
    others = {book.tax_rule_id, *book.parcel_fee_rule_ids, *book.import_fee_rule_ids}
    return " ".join(rule for rule in row["rule_ids"] if rule not in others and not rule.startswith("margin/"))


def _fee(book: PriceBook, lane: LaneTerms | None) -> str:
    if lane is not None and lane.imported:
        return f"{percent(book.import_fee_ppm)} of the cost, at import"
    return "per parcel from abroad"


def _fee_rules(book: PriceBook, lane: LaneTerms | None) -> tuple[str, ...]:
    return book.import_fee_rule_ids if lane is not None and lane.imported else book.parcel_fee_rule_ids


def _margin(row: Mapping[str, Any], book: PriceBook, rule_id: str) -> str:
    floor = next((f", floor {percent(margin.floor_ppm)}" for margin in book.margins if margin.rule_id == rule_id), "")
    return f"{percent(row['margin_ppm'])} of net before the ending{floor}"


def _ending(book: PriceBook) -> str:
    ending = Money(book.ending_last, Currency(book.currency)).plain()
    step = Money(book.ending_step, Currency(book.currency)).plain()
    return f"up to the next price that ends in {ending} (steps of {step}), without its tax"


def _tax(row: Mapping[str, Any], book: PriceBook, net: int) -> str:
    if not book.tax_included:
        return "added at checkout, not in the price"
    base = net if book.tax_counts_freight else net - row["freight_amount"]
    return f"{percent(row['tax_ppm'])} of {_money(base, book)}, from the final price"


def _price(book: PriceBook) -> str:
    return "tax and duty included" if book.tax_included else "duty included, sales tax is added at checkout"


def _named(rule_ids: tuple[str, ...] | list[str], start: str) -> str:
    return next((rule for rule in rule_ids if rule.startswith(start)), "")
