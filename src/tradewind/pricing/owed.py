"""What the lines of a consignment owe within one band: rates, the tax inside or on top, the duty of each tariff line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tradewind.kit import PPM, Rounding, divide
from tradewind.pricing.errors import DutyIsUnknown
from tradewind.pricing.index import BookIndex
from tradewind.pricing.model import Band, DutyRate, PriceBook

_TARIFF_LINE_DIGITS = 6  # what a low-value declaration names (H7 in the Union)
_GRAMS_PER_KG = 1000


class ConsignmentLine(NamedTuple):
    """Units of one variant. `unit_value` in minor units of the market's currency, by the consignment's basis.

    `total` is the value of all units when it is not a multiple: after a discount was shared out.
    """

    sku: str
    hs_code: str | None
    origin: str | None
    quantity: int
    unit_value: int
    weight_g: int = 0
    total: int | None = None

    @property
    def value(self) -> int:
        """The value of all its units."""
        return self.quantity * self.unit_value if self.total is None else self.total


@dataclass(slots=True)
class LineOwed:
    """What one line owes and is made of, in minor units; in a paid consignment the parts add up to what was paid for it.

    `tariff_line` is the code that a low-value declaration gives it (goods without a code are a line of their own). Goods of one
    `duty_class` have one rate and one `tax_class` one tax: their amounts are rounded together.
    """

    line: ConsignmentLine
    paid: int
    freight: int
    insurance: int
    tariff_line: str
    band: int = -1
    goods: int = 0  # the value of the goods alone
    customs_value: int = 0
    duty_base: int = 0
    duty: int = 0
    duty_low: int = 0
    fee: int = 0
    tax_base: int = 0
    tax: int = 0
    extra_tax: int = 0
    tax_class: tuple[int, int] = (0, 0)  # the tax and the extra tax, in millionths
    tax_rule_id: str = ""
    extra_rule_ids: tuple[str, ...] = ()
    rate: DutyRate | None = None
    simplified_ppm: int = 0
    duty_rule_ids: tuple[str, ...] = ()
    duty_class: tuple[object, ...] = ()

    @property
    def owing_class(self) -> tuple[object, ...]:
        """Goods whose duty and taxes are alike."""
        return *self.duty_class, *self.tax_class


def line_owed(line: ConsignmentLine, paid: int, freight: int, insurance: int) -> LineOwed:
    """A line that owes nothing yet, with its share of what the consignment's travel costs."""
    code = line.hs_code
    return LineOwed(line, paid, freight, insurance, code[:_TARIFF_LINE_DIGITS] if code else f"sku {line.sku}")


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """Parts of an amount in proportion to weights of 0 or more that add up to it exactly (largest remainder; equal for no weight)."""
    if len(weights) == 1:
        return [amount]
    if not amount:
        return [0] * len(weights)
    whole = sum(weights)
    parts = list(weights) if whole else [1] * len(weights)
    whole = whole or len(weights)
    found = [amount * part // whole for part in parts]
    rest = amount - sum(found)
    if rest:
        for place in sorted(range(len(parts)), key=lambda place: (-(amount * parts[place] % whole), place))[:rest]:
            found[place] += 1
    return found


def is_collected(band: Band, book: PriceBook) -> bool:
    """Whether the seller collects the tax of this band; else the buyer pays it at the border, and it is not in the price."""
    return band.collected and book.tax_collected


def tax_rates(index: BookIndex, hs_code: str | None) -> tuple[tuple[int, int], str, tuple[str, ...]]:
    """The tax and the extra taxes of goods in millionths, and their rules, also where the seller does not collect them."""
    book = index.book
    if index.has_tax_inside or not book.tax_ppm:
        taxes = index.taxes(hs_code)
        return (taxes.tax_ppm, taxes.extra_ppm), taxes.tax_rule_id, taxes.extra_rule_ids
    tax_ppm, rule_id = longest(book.reduced_taxes, hs_code) or (book.tax_ppm, book.tax_rule_id)
    extra = [(ppm, rule_id) for prefix, ppm, rule_id in book.extra_taxes if (hs_code or "").startswith(prefix)]
    return (tax_ppm, sum(ppm for ppm, _ in extra)), rule_id, tuple(rule_id for _, rule_id in extra)


def longest(table: Sequence[tuple[str, int, str]], hs_code: str | None) -> tuple[int, str] | None:
    """The entry of the longest prefix of the code; of equal ones the higher rate, which is the safe side."""
    code = hs_code or ""
    best = max((entry for entry in table if code.startswith(entry[0])), key=lambda entry: (len(entry[0]), entry[1]), default=None)
    return (best[1], best[2]) if best else None


@dataclass(frozen=True, slots=True)
class Terms:
    """The book that a consignment is assessed by; `is_paid`: its values hold duty, fees, travel and the included tax."""

    book: PriceBook
    index: BookIndex
    is_paid: bool


def owe(terms: Terms, lines: Sequence[LineOwed], number: int, band: Band, *, parcels: int) -> None:
    """Write into the lines what they owe when they are in this band (the book's `number`) and travel in so many parcels."""
    _rate(terms, lines, number, band)
    distinct = len({line.tariff_line for line in lines}) if band.line_fee else 0
    fee = band.parcel_fee * parcels + band.line_fee * distinct
    if fee:
        for line, part in zip(lines, shares(fee, [line.paid for line in lines]), strict=True):
            line.fee = part
    is_inside = terms.is_paid and is_collected(band, terms.book)
    if is_inside and not band.at_sale and terms.index.taxed_ppm != PPM:
        # The tax base holds only a share of the value: tax and duty are solved together, for goods that owe alike.
        for group in _groups(lines, "owing_class"):
            _take_both(terms, group, band)
    else:
        if is_inside:
            _take_tax(terms.book, lines)
        for group in _groups(lines, "duty_class"):
            _owe_duty(terms, group, band)
    for line in lines:
        _bases(terms.index, line, at_sale=band.at_sale)
    if not is_inside:
        _add_tax(lines)


def owe_at_home(terms: Terms, lines: Sequence[LineOwed]) -> None:
    """Goods that are already imported owe the tax of a sale at home and nothing else; a seller who may not charge it charges none."""
    is_inside = terms.is_paid and terms.book.tax_collected
    for line in lines:
        both, line.tax_rule_id, _ = tax_rates(terms.index, line.line.hs_code)
        line.tax_class = (both[0] if terms.book.tax_collected else 0, 0)
    if is_inside:
        _take_tax(terms.book, lines)
    for line in lines:
        line.goods = line.paid - (line.tax + line.freight + line.insurance if terms.is_paid else 0)
        line.customs_value = line.goods
        _bases(terms.index, line, at_sale=True)
    if not is_inside:
        _add_tax(lines)


def _rate(terms: Terms, lines: Sequence[LineOwed], number: int, band: Band) -> None:
    """The rates that hold for the lines in this band."""
    index = terms.index
    is_taxed = band.taxed and (not band.free_uncollected or is_collected(band, terms.book))
    for line in lines:
        line.band = number
        line.fee = line.tax = line.extra_tax = 0
        code = line.line.hs_code
        both, rule_id, extra_rule_ids = tax_rates(index, code)
        line.tax_class = (both[0] if is_taxed else 0, both[1] if band.extra_taxed else 0)
        line.tax_rule_id = rule_id if is_taxed else ""
        line.extra_rule_ids = extra_rule_ids if band.extra_taxed else ()
        line.rate, line.simplified_ppm, line.duty_rule_ids, line.duty_class = None, 0, band.rule_ids, (line.tariff_line,)
        if band.duty == "tariff":
            line.rate = _known(index, line.line)
            line.duty_rule_ids = line.rate.rule_ids
            line.duty_class = (line.tariff_line, id(line.rate))
        elif band.duty == "simplified":
            line.simplified_ppm, rule_id = longest(terms.book.simplified, code) or (0, "")
            line.duty_rule_ids = (rule_id,) if rule_id else band.rule_ids
            line.duty_class = (line.tariff_line, line.simplified_ppm)


def _known(index: BookIndex, line: ConsignmentLine) -> DutyRate:
    rate = index.duty(line.hs_code, line.origin)
    if rate is None:
        raise DutyIsUnknown(
            f"{line.sku}: no duty is known for the tariff code {line.hs_code or 'that is missing'}",
            hint="give the product its hs_code, or load the tariff: tradewind tariff load FILE",
        )
    if rate.needs_person:
        raise DutyIsUnknown(
            f"{line.sku}: the duty of {line.hs_code} depends on what no code tells", hint="ask a customs broker, then give the rate a line"
        )
    return rate


def _owe_duty(terms: Terms, group: Sequence[LineOwed], band: Band) -> None:
    """The duty of goods that owe alike, rounded once, and what is left as the value of the goods."""
    if terms.is_paid:
        base = [line.paid - line.tax - line.extra_tax - line.freight - line.insurance - line.fee for line in group]
    else:
        base = [line.paid for line in group]
    top = low = 0
    if band.duty != "none":
        owing = sum(base)
        top = _duty(owing, *_dutied(terms, group, band, is_low=False), is_inside=terms.is_paid)
        # The bottom of the range is owed on the value that is declared, which holds no duty.
        is_range = group[0].rate is not None and group[0].rate.low_ppm != group[0].rate.ppm
        inside = top if terms.is_paid else 0
        low = _duty(owing - inside, *_dutied(terms, group, band, is_low=True), is_inside=False) if is_range else top
    weights = base if min(base) >= 0 else [max(part, 0) for part in base]
    tops = shares(top, weights)
    lows = tops if low == top else shares(low, weights)
    for line, value, duty, least in zip(group, base, tops, lows, strict=True):
        line.goods = value - duty if terms.is_paid else value
        line.duty, line.duty_low = duty, least
        line.customs_value = _factored(line.goods, terms.book)


def _take_both(terms: Terms, group: Sequence[LineOwed], band: Band) -> None:
    """The value of the goods inside what was paid, by the equation of direct.py; duty and tax follow from it."""
    book, (tax_ppm, extra_ppm) = terms.book, group[0].tax_class
    paid = sum(line.paid for line in group)
    travel, fee = sum(line.freight + line.insurance for line in group), sum(line.fee for line in group)
    rest = (travel if book.tax_counts_freight else 0) + (fee if book.tax_counts_fee else 0)
    tax, both = terms.index.taxed_ppm, tax_ppm + extra_ppm
    dutied, micro = _dutied(terms, group, band, is_low=False)
    above = (paid - travel - fee) * PPM * PPM - rest * both * PPM - (PPM + both) * micro
    value = _nearest(above, PPM * PPM + both * tax + (PPM + both) * dutied)
    top = _duty(value, dutied, micro, is_inside=False)
    taxes = max(_nearest((_nearest(value * tax, PPM) + rest + top) * both, PPM), 0)
    more = divide(taxes * extra_ppm, both, Rounding.HALF_UP) if both else 0
    low = _duty(paid - taxes - top - travel - fee, *_dutied(terms, group, band, is_low=True), is_inside=False)
    weights = [line.paid for line in group]
    for line, duty, least, part, other in zip(group, *(shares(one, weights) for one in (top, low, taxes - more, more)), strict=True):
        line.duty, line.duty_low, line.tax, line.extra_tax = duty, min(least, duty), part, other
        line.goods = line.paid - part - other - duty - line.freight - line.insurance - line.fee
        line.customs_value = _factored(line.goods, book)


def _dutied(terms: Terms, group: Sequence[LineOwed], band: Band, *, is_low: bool) -> tuple[int, int]:
    """The duty as a rate on the value of the goods, in millionths, and an amount beside it, in millionths of a minor unit."""
    if band.duty == "none":
        return 0, 0
    if band.duty == "flat":
        return 0, band.flat * PPM
    rate = group[0].rate
    ppm = (rate.low_ppm if is_low else rate.ppm) if rate else group[0].simplified_ppm
    micro = 0
    if rate is not None and (rate.per_kg_micro or rate.per_item_micro):
        units = sum(line.line.quantity for line in group)
        grams = sum(line.line.quantity * line.line.weight_g for line in group)
        micro = rate.per_item_micro * units + _nearest(rate.per_kg_micro * grams, _GRAMS_PER_KG)
    if terms.book.duty_counts_freight:
        micro += ppm * sum(line.freight + line.insurance for line in group)
    share = terms.index.dutied_ppm
    return ppm if share == PPM else _nearest(ppm * share, PPM), micro


def _duty(base: int, dutied: int, micro: int, *, is_inside: bool) -> int:
    """The duty on a base; when the base holds the duty itself, solved for it."""
    return max(_nearest(base * dutied + micro, PPM + (dutied if is_inside else 0)), 0)


def _bases(index: BookIndex, line: LineOwed, *, at_sale: bool) -> None:
    book, travel = index.book, line.freight + line.insurance
    line.duty_base = line.goods if index.dutied_ppm == PPM else _nearest(line.goods * index.dutied_ppm, PPM)
    line.duty_base += travel if book.duty_counts_freight else 0
    line.tax_base = line.goods if at_sale or index.taxed_ppm == PPM else _nearest(line.goods * index.taxed_ppm, PPM)
    line.tax_base += line.duty + (travel if book.tax_counts_freight else 0) + (line.fee if book.tax_counts_fee else 0)


def _take_tax(book: PriceBook, lines: Sequence[LineOwed]) -> None:
    """The tax that stands inside what was paid, rounded once for each class of goods."""
    for group in _groups(lines, "tax_class"):
        tax, extra = group[0].tax_class
        if not tax + extra:
            continue
        untaxed_travel, untaxed_fee = int(not book.tax_counts_freight), int(not book.tax_counts_fee)
        bases = [max(line.paid - untaxed_travel * (line.freight + line.insurance) - untaxed_fee * line.fee, 0) for line in group]
        taxes = divide(sum(bases) * (tax + extra), PPM + tax + extra, Rounding.HALF_UP)
        more = divide(taxes * extra, tax + extra, Rounding.HALF_UP)
        for line, part, other in zip(group, shares(taxes - more, bases), shares(more, bases), strict=True):
            line.tax, line.extra_tax = part, other


def _add_tax(lines: Sequence[LineOwed]) -> None:
    """Tax on top of its base, rounded once for each class of goods."""
    for group in _groups(lines, "tax_class"):
        tax, extra = group[0].tax_class
        if not tax + extra:
            continue
        bases = [max(line.tax_base, 0) for line in group]
        taxes = shares(divide(sum(bases) * tax, PPM, Rounding.HALF_UP), bases)
        extras = shares(divide(sum(bases) * extra, PPM, Rounding.HALF_UP), bases)
        for line, part, other in zip(group, taxes, extras, strict=True):
            line.tax, line.extra_tax = part, other


def _groups(lines: Sequence[LineOwed], key: str) -> Sequence[Sequence[LineOwed]]:
    """The lines of the same `key`, in the order of their first."""
    if len(lines) == 1:
        return (lines,)
    groups: dict[object, list[LineOwed]] = {}
    for line in lines:
        groups.setdefault(getattr(line, key), []).append(line)
    return tuple(groups.values())


def _factored(value: int, book: PriceBook) -> int:
    return value if book.value_factor_ppm == PPM else _nearest(value * book.value_factor_ppm, PPM)


def _nearest(numerator: int, denominator: int) -> int:
    return divide(numerator, denominator, Rounding.HALF_UP)
