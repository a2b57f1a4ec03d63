"""What the lines of a consignment owe within one band: rates, the tax inside or on top, the duty of each tariff line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.kit import PPM, Rounding, divide
from tradewind.pricing.errors import DutyIsUnknown
from tradewind.pricing.index import BookIndex
from tradewind.pricing.model import Band, DutyRate, PriceBook

_TARIFF_LINE_DIGITS = 6  # what a low-value declaration names (H7 in the Union)
_GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class ConsignmentLine:
    """Units of one variant. `unit_value` in minor units of the market's currency, by the consignment's basis."""

    sku: str
    hs_code: str | None
    origin: str | None
    quantity: int
    unit_value: int
    weight_g: int = 0


@dataclass(slots=True)
class LineOwed:
    """What one line owes and is made of, in minor units; in a paid consignment the parts add up to what was paid for it."""

    line: ConsignmentLine
    paid: int
    freight: int
    insurance: int
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
    tax_ppm: int = 0
    extra_ppm: int = 0
    tax_rule_id: str = ""
    extra_rule_ids: tuple[str, ...] = ()
    rate: DutyRate | None = None
    simplified_ppm: int = 0
    duty_rule_ids: tuple[str, ...] = ()

    @property
    def tax_class(self) -> tuple[int, int]:
        """The rates of its taxes: lines of one class are rounded together."""
        return self.tax_ppm, self.extra_ppm

    @property
    def tariff_line(self) -> str:
        """The code that a low-value declaration gives the line; goods without a code are a line of their own."""
        return self.line.hs_code[:_TARIFF_LINE_DIGITS] if self.line.hs_code else f"sku {self.line.sku}"


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """Parts of an amount in proportion to weights of 0 or more that add up to it exactly (largest remainder; equal for no weight)."""
    if len(weights) == 1:
        return [amount]
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


def tax_rate(index: BookIndex, hs_code: str | None) -> tuple[int, str]:
    """The tax rate of goods in millionths, and its rule."""
    book = index.book
    return longest(book.reduced_taxes, hs_code) or (book.tax_ppm, book.tax_rule_id)


def extra_rate(book: PriceBook, hs_code: str | None) -> tuple[int, tuple[str, ...]]:
    """Every extra tax on goods of this code, added up, and their rules."""
    found = [(ppm, rule_id) for prefix, ppm, rule_id in book.extra_taxes if not prefix or (hs_code or "").startswith(prefix)]
    return sum(ppm for ppm, _ in found), tuple(rule_id for _, rule_id in found)


def longest(table: Sequence[tuple[str, int, str]], hs_code: str | None) -> tuple[int, str] | None:
    """The entry of the longest prefix of the code."""
    best: tuple[str, int, str] | None = None
    for entry in table:
        if (hs_code or "").startswith(entry[0]) and (best is None or len(entry[0]) > len(best[0])):
            best = entry
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
    if is_inside:
        _take_tax(terms.book, lines)
    for group in _groups(lines, "tariff_line"):
        _owe_duty(terms, group, band)
    for line in lines:
        _bases(terms.book, line)
    if not is_inside:
        _add_tax(lines)


def owe_at_home(terms: Terms, lines: Sequence[LineOwed]) -> None:
    """Goods that are already imported owe the tax of a sale at home and nothing else."""
    is_inside = terms.is_paid and terms.book.tax_collected
    for line in lines:
        line.tax_ppm, line.tax_rule_id = tax_rate(terms.index, line.line.hs_code)
    if is_inside:
        _take_tax(terms.book, lines)
    for line in lines:
        line.goods = line.paid - (line.tax + line.freight + line.insurance if terms.is_paid else 0)
        line.customs_value = line.goods
        _bases(terms.book, line)
    if not is_inside:
        _add_tax(lines)


def _rate(terms: Terms, lines: Sequence[LineOwed], number: int, band: Band) -> None:
    """The rates that hold for the lines in this band."""
    index = terms.index
    for line in lines:
        line.band = number
        line.fee = 0
        line.tax = line.extra_tax = line.tax_ppm = line.extra_ppm = 0
        line.extra_rule_ids = ()
        line.tax_rule_id = ""
        if band.taxed:
            line.tax_ppm, line.tax_rule_id = tax_rate(index, line.line.hs_code)
        if band.extra_taxed:
            line.extra_ppm, line.extra_rule_ids = extra_rate(terms.book, line.line.hs_code)
        line.rate = None
        line.simplified_ppm = 0
        line.duty_rule_ids = band.rule_ids
        if band.duty == "tariff":
            line.rate = _known(index, line.line)
            line.duty_rule_ids = line.rate.rule_ids
        elif band.duty == "simplified":
            line.simplified_ppm, rule_id = longest(terms.book.simplified, line.line.hs_code) or (0, "")
            line.duty_rule_ids = (rule_id,) if rule_id else band.rule_ids


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
    """The duty of one tariff line, rounded once, and what is left as the value of its goods."""
    book = terms.book
    base = [
        line.paid - line.tax - line.extra_tax - line.freight - line.insurance - line.fee if terms.is_paid else line.paid for line in group
    ]
    duties, lows = _duties(terms, group, band, sum(base))
    weights = [max(part, 0) for part in base]
    for line, value, duty, low in zip(group, base, shares(duties, weights), shares(lows, weights), strict=True):
        line.goods = value - (duty if terms.is_paid else 0)
        line.duty, line.duty_low = duty, low
    for line in group:
        line.customs_value = _factored(line.goods, book)


def _duties(terms: Terms, group: Sequence[LineOwed], band: Band, base: int) -> tuple[int, int]:
    """Top and bottom of the duty; `base` holds the duty itself when the values are what was paid."""
    if band.duty == "none":
        return 0, 0
    if band.duty == "flat":
        return band.flat, band.flat
    book, rate = terms.book, group[0].rate
    ppm, low = (rate.ppm, rate.low_ppm) if rate else (group[0].simplified_ppm, group[0].simplified_ppm)
    micro = 0
    if rate is not None and (rate.per_kg_micro or rate.per_item_micro):
        units = sum(line.line.quantity for line in group)
        grams = sum(line.line.quantity * line.line.weight_g for line in group)
        micro = rate.per_item_micro * units + divide(rate.per_kg_micro * grams, _GRAMS_PER_KG, Rounding.HALF_UP)
    travel = sum(line.freight + line.insurance for line in group) if book.duty_counts_freight else 0
    # The value's share that is dutiable: the factor of a personal import, and the notional insurance on it.
    share = divide(book.value_factor_ppm * (PPM + book.insurance_ppm), PPM, Rounding.HALF_UP)
    return tuple(_duty(one, base, travel, share, micro, is_inside=terms.is_paid) for one in (ppm, low))  # type: ignore[return-value]


def _duty(ppm: int, base: int, travel: int, share: int, micro: int, *, is_inside: bool) -> int:
    """The rate ppm × (base × share + travel) + micro; with the duty inside the base, solved for it."""
    above = ppm * (base * share + travel * PPM) + micro * PPM
    below = PPM * PPM + (ppm * share if is_inside else 0)
    return max(divide(above, below, Rounding.HALF_UP), 0)


def _bases(book: PriceBook, line: LineOwed) -> None:
    travel = line.freight + line.insurance
    line.duty_base = line.customs_value + divide(line.customs_value * book.insurance_ppm, PPM, Rounding.HALF_UP)
    line.duty_base += travel if book.duty_counts_freight else 0
    line.tax_base = line.customs_value + line.duty
    line.tax_base += (travel if book.tax_counts_freight else 0) + (line.fee if book.tax_counts_fee else 0)


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
    return value if book.value_factor_ppm == PPM else divide(value * book.value_factor_ppm, PPM, Rounding.HALF_UP)
