"""The build-up of an assessed consignment in words: each amount with its formula, its rules and their sources."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tradewind.kit import Currency, Money
from tradewind.pricing.consignment import Assessment, Collector
from tradewind.pricing.explain import percent
from tradewind.pricing.index import BookIndex, index_of
from tradewind.pricing.model import Band, LaneTerms, PriceBook
from tradewind.pricing.owed import LineOwed

_COLLECTS = {
    Collector.SALE: "charged at the sale and paid to the tax office by the business",
    Collector.BORDER: "paid at the border by the business, inside the price",
    Collector.BUYER: "not in the price: the buyer pays it at the border",
    Collector.NOBODY: "",
    Collector.BULK: "paid when the goods came in bulk",
}


class Charge(NamedTuple):
    """One amount of a consignment in minor units: what it is, how it comes to be, by which rules, who takes it, how sure it is.

    `low_amount` is the bottom of its range; amounts with `in_price` add up to what is paid.
    """

    label: str
    formula: str
    rule_ids: tuple[str, ...]
    sources: tuple[str, ...]
    amount: int
    low_amount: int
    in_price: bool
    collector: str
    certainty: str


def charges_of(found: Assessment, lane: LaneTerms | None = None) -> tuple[Charge, ...]:
    """Every line of the consignment; those with `in_price` add up to the value with all that it owes inside."""
    index = index_of(found.book)
    lines = [*_goods(found), *_travel(found, lane), *_duties(found, index), *_fees(found, index), *_taxes(found, index)]
    return tuple(lines)


def _goods(found: Assessment) -> Iterator[Charge]:
    what = "the listed prices without everything below" if found.consignment.basis == "paid" else "as declared"
    if found.customs_value != found.goods:
        what += f"; the customs value is {_money(found.customs_value, found.book)}"
    yield Charge("goods", what, (), (), found.goods, found.goods, True, "business", "certain")


def _travel(found: Assessment, lane: LaneTerms | None) -> Iterator[Charge]:
    weight = sum(line.line.quantity * line.line.weight_g for line in found.lines)
    if found.freight:
        many = f"{found.consignment.parcels} parcels, " if found.consignment.parcels > 1 else ""
        way = f", lane {lane.lane_id}, rate card {lane.rate_card_id}" if lane else ""
        rules = (lane.rate_card_id,) if lane else ()
        yield Charge("freight", f"{many}{weight:,} g{way}", rules, (), found.freight, found.freight, True, "carrier", "certain")
    if found.insurance:
        yield Charge("insurance", "as given", (), (), found.insurance, found.insurance, True, "carrier", "certain")


def _duties(found: Assessment, index: BookIndex) -> Iterator[Charge]:
    if found.consignment.imported:
        yield Charge(
            "duty", "paid when the goods came in bulk; it is inside the goods", (), (), 0, 0, True, Collector.BULK.value, "certain"
        )
        return
    groups: dict[tuple[object, ...], list[LineOwed]] = {}
    for line in found.lines:
        band = found.band(line)
        # A flat amount counts tariff lines, and relief counts nothing: one sentence says it for all goods of the band.
        is_one = band is not None and band.duty in {"flat", "none"}
        groups.setdefault((line.band,) if is_one else (line.band, *line.duty_class), []).append(line)
    for group in groups.values():
        band = found.band(group[0])
        if band is None:
            continue
        amount, low = sum(line.duty for line in group), sum(line.duty_low for line in group)
        rules = tuple(dict.fromkeys(rule for line in group for rule in line.duty_rule_ids))
        certainty = group[0].rate.certainty if group[0].rate is not None else band.certainty
        if group[0].rate is not None and any(line.line.origin is None for line in group):
            certainty = "estimate"
        yield _charge("duty", _duty_words(found, group, band), rules, amount, low, Collector.BORDER, certainty, index)


def _duty_words(found: Assessment, group: Sequence[LineOwed], band: Band) -> str:
    book = found.book
    counted = f"the parcel counts {_money(found.threshold_value, book)}"
    limit = f" of at most {_money(band.up_to, book)}" if band.up_to is not None else ""
    if band.duty == "none":
        return f"none; {counted}{limit}"
    if band.duty == "flat":
        codes = list(dict.fromkeys(line.tariff_line for line in group))
        lines = "one tariff line" if len(codes) == 1 else f"{len(codes)} tariff lines"
        return f"{_money(band.flat, book)} flat × {lines} ({', '.join(codes)}); {counted}{limit}"
    rate = group[0].rate
    ppm = rate.ppm if rate is not None else group[0].simplified_ppm
    spread = f" ({percent(rate.low_ppm)} at the least)" if rate is not None and rate.low_ppm != rate.ppm else ""
    base = sum(line.duty_base for line in group)
    parts = "goods and freight" if book.duty_counts_freight else "goods"
    specific = "" if rate is None or not (rate.per_kg_micro or rate.per_item_micro) else " and a specific duty by weight or number"
    return f"{group[0].tariff_line}: {percent(ppm)}{spread} of {_money(base, book)} ({parts}){specific}"


def _fees(found: Assessment, index: BookIndex) -> Iterator[Charge]:
    if not found.fee:
        return
    bands = [found.book.bands[found.consignment.band_set][number] for number in found.bands]
    rules = tuple(dict.fromkeys(rule for band in bands for rule in band.fee_rule_ids))
    words = [f"{_money(band.line_fee, found.book)} for each tariff line" for band in bands if band.line_fee]
    words += [f"{_money(band.parcel_fee, found.book)} for each parcel" for band in bands[-1:] if band.parcel_fee]
    certainty = _worst([band.certainty for band in bands])
    yield _charge("fee", "; ".join(words), rules, found.fee, found.fee, Collector.BORDER, certainty, index)


def _taxes(found: Assessment, index: BookIndex) -> Iterator[Charge]:
    book, who = found.book, found.tax_collector
    groups: dict[tuple[int, int], list[LineOwed]] = {}
    for line in found.lines:
        groups.setdefault(line.tax_class, []).append(line)
    for (tax_ppm, extra_ppm), group in groups.items():
        base = _money(sum(line.tax_base for line in group), book)
        why = tuple(rule for number in found.bands for rule in book.bands[found.consignment.band_set][number].tax_rule_ids)
        if group[0].tax_rule_id or why:
            words = f"{percent(tax_ppm)} of {base}" if group[0].tax_rule_id else "none at this value"
            words += f"; {_COLLECTS[who]}" if tax_ppm else "" if book.tax_included else "; sales tax is added at the checkout"
            rules = tuple(dict.fromkeys((group[0].tax_rule_id, *why))) if group[0].tax_rule_id else why
            amount = sum(line.tax for line in group)
            certainty = index.tax_certainty(group[0].tax_rule_id) if group[0].tax_rule_id else "certain"
            yield _charge("tax", words, rules, amount, amount, who, certainty, index)
        if extra_ppm:
            amount = sum(line.extra_tax for line in group)
            words = f"{percent(extra_ppm)} of {base}; {_COLLECTS[who]}"
            yield _charge("extra tax", words, group[0].extra_rule_ids, amount, amount, who, "likely", index)


def _charge(  # noqa: PLR0917 - the columns of a line
    label: str, formula: str, rules: tuple[str, ...], amount: int, low: int, who: Collector, certainty: str, index: BookIndex
) -> Charge:
    sources = tuple(dict.fromkeys(index.sources[rule] for rule in rules if rule in index.sources))
    return Charge(label, formula, rules, sources, amount, low, who is not Collector.BUYER, who.value, certainty)


def _worst(certainties: Sequence[str]) -> str:
    order = ("certain", "likely", "estimate")
    return max(certainties, key=order.index, default="certain")


def _money(minor: int, book: PriceBook) -> str:
    return str(Money(minor, Currency(book.currency)))
