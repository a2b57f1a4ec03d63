"""What one consignment owes: the lines that leave one location for one market, assessed as a whole. Pure.

The sum tested against a threshold, the sum that duty is charged on and the sum that tax is charged on are three sums. The values
of the lines are either declared (what the customs declaration says) or paid (what the shopper pays, with everything inside): then
the customs value, the duty and the tax inside the price are solved in closed form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tradewind.pricing.errors import ConsignmentIsInvalid
from tradewind.pricing.index import index_of, rank
from tradewind.pricing.model import Band, PriceBook
from tradewind.pricing.owed import ConsignmentLine, LineOwed, Terms, is_collected, line_owed, owe, owe_at_home, shares
from tradewind.pricing.tariff import CERTAINTIES

LINES_LIMIT = 100
QUANTITY_LIMIT = 9_999
AMOUNT_LIMIT = 10**13
_ESTIMATE = 2


class Basis(StrEnum):
    """What the unit values of a consignment are."""

    DECLARED = "declared"  # the goods alone, as the customs declaration says
    PAID = "paid"  # what the shopper pays, with freight, duty, fees and the included tax inside


class Collector(StrEnum):
    """Who takes an amount from whom."""

    SALE = "business_at_sale"
    BORDER = "business_at_border"
    BUYER = "buyer_at_border"
    BULK = "paid_in_bulk"
    NOBODY = "nobody"


class Consignment(NamedTuple):
    """Lines that travel together. `imported`: they passed customs in bulk before; `band_set`: the rules for the country they leave."""

    lines: tuple[ConsignmentLine, ...]
    freight: int = 0
    insurance: int = 0
    basis: Basis = Basis.DECLARED
    imported: bool = False
    band_set: int = 0
    parcels: int = 1


@dataclass(slots=True)
class Assessment:
    """What the consignment owes as a whole, in minor units of the book's currency. `bands` are the indexes of the bands used."""

    consignment: Consignment
    book: PriceBook
    lines: tuple[LineOwed, ...]
    bands: tuple[int, ...]
    threshold_value: int
    goods: int
    customs_value: int
    freight: int
    insurance: int
    duty: int
    duty_low: int
    fee: int
    tax: int
    extra_tax: int
    tax_collector: Collector

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """The ids of every rule that it stands on."""
        found = [rule for band in self._used() for rule in (*band.rule_ids, *band.fee_rule_ids, *band.tax_rule_ids)]
        for line in self.lines:
            found += [*line.duty_rule_ids, *line.extra_rule_ids, *((line.tax_rule_id,) if line.tax_rule_id else ())]
        return tuple(dict.fromkeys(found))

    @property
    def certainty(self) -> str:
        """The worst of what it stands on: certain, likely or estimate."""
        index = index_of(self.book)
        worst = max((rank(band.certainty) for band in self._used()), default=0)
        for line in self.lines:
            if line.rate is not None:
                worst = max(worst, _ESTIMATE if line.line.origin is None else rank(line.rate.certainty))
            worst = max(worst, rank(index.tax_certainty(line.tax_rule_id)) if line.tax_class != (0, 0) else 0)
        return CERTAINTIES[worst]

    def _used(self) -> list[Band]:
        return [self.book.bands[self.consignment.band_set][number] for number in self.bands]

    @property
    def charges(self) -> int:
        """Everything that authorities and carriers' fees take: duty, fees and taxes, whoever collects them."""
        return self.duty + self.fee + self.tax + self.extra_tax

    @property
    def total(self) -> int:
        """The value of the goods with freight, insurance and every charge."""
        return self.goods + self.freight + self.insurance + self.charges

    @property
    def in_price(self) -> int:
        """The charges that stand inside what the shopper pays."""
        buyer = self.tax + self.extra_tax if self.tax_collector is Collector.BUYER else 0
        return self.charges - buyer

    def band(self, line: LineOwed) -> Band | None:
        """The band of a line; None for goods that are already imported."""
        return self.book.bands[self.consignment.band_set][line.band] if line.band >= 0 else None


def assess(consignment: Consignment, book: PriceBook) -> Assessment:
    """What the consignment owes. ConsignmentIsInvalid for impossible values, DutyIsUnknown where no tariff line is known."""
    lines, counted = owed(consignment, book)
    used = [book.bands[consignment.band_set][number] for number in sorted({line.band for line in lines if line.band >= 0})]
    goods = customs_value = duty = duty_low = fee = tax = extra_tax = 0
    for line in lines:
        goods += line.goods
        customs_value += line.customs_value
        duty += line.duty
        duty_low += line.duty_low
        fee += line.fee
        tax += line.tax
        extra_tax += line.extra_tax
    return Assessment(
        consignment=consignment,
        book=book,
        lines=tuple(lines),
        bands=tuple(sorted({line.band for line in lines if line.band >= 0})),
        threshold_value=counted,
        goods=goods,
        customs_value=customs_value,
        freight=consignment.freight,
        insurance=consignment.insurance,
        duty=duty,
        duty_low=duty_low,
        fee=fee,
        tax=tax,
        extra_tax=extra_tax,
        tax_collector=_collector(used, book, is_taxed=any(line.tax_class != (0, 0) for line in lines)),
    )


def owed(consignment: Consignment, book: PriceBook) -> tuple[list[LineOwed], int]:
    """What each line owes, and the value that thresholds were compared with: an assessment without its sums."""
    _check(consignment, book)
    terms = Terms(book, index_of(book), consignment.basis is Basis.PAID)
    paid = [line.value for line in consignment.lines]
    weights = [line.quantity * line.weight_g for line in consignment.lines]
    freights = shares(consignment.freight, weights if all(weights) else paid)
    insurances = shares(consignment.insurance, paid)
    lines = [line_owed(*given) for given in zip(consignment.lines, paid, freights, insurances, strict=True)]
    if consignment.imported:
        owe_at_home(terms, lines)
        return lines, 0
    return lines, _place(terms, consignment, lines)


def _place(terms: Terms, consignment: Consignment, lines: list[LineOwed]) -> int:
    """Puts every line into the first band it fits, and says the value that the thresholds were compared with."""
    bands = terms.book.bands[consignment.band_set]
    waiting, counted, placed_alone = lines, 0, False
    for number, band in enumerate(bands):
        if band.per_item:
            still = [line for line in waiting if not _fits_alone(terms, line, number, band)]
            placed_alone = placed_alone or len(still) < len(waiting)
            waiting = still
        else:
            # This threshold looks at the whole consignment, also at lines that an item threshold has already placed.
            owe(terms, waiting, number, band, parcels=consignment.parcels)
            counted = _counted(lines, band)
            waiting = [] if band.up_to is None or counted <= band.up_to else waiting
        if not waiting:
            break
    if placed_alone:
        # Tried one by one until here: the fee of a parcel is owed once, by the dearest band, and a class of tax is rounded once.
        last = max(line.band for line in lines)
        for number in sorted({line.band for line in lines}):
            group = [line for line in lines if line.band == number]
            owe(terms, group, number, bands[number], parcels=consignment.parcels if number == last else 0)
        counted = _counted(lines, bands[last])
    return counted


def _fits_alone(terms: Terms, line: LineOwed, number: int, band: Band) -> bool:
    owe(terms, [line], number, band, parcels=1)
    return band.up_to is None or _counted([line], band) <= band.up_to * line.line.quantity


def _counted(lines: Sequence[LineOwed], band: Band) -> int:
    return sum(line.customs_value + (line.freight + line.insurance if band.counts_freight else 0) for line in lines)


def _collector(used: Sequence[Band], book: PriceBook, *, is_taxed: bool) -> Collector:
    if not is_taxed:
        return Collector.NOBODY
    if not used:
        return Collector.SALE
    taxed = [band for band in used if band.taxed or band.extra_taxed]
    if not all(is_collected(band, book) for band in taxed):
        return Collector.BUYER
    return Collector.SALE if all(band.at_sale for band in taxed) else Collector.BORDER


def _check(consignment: Consignment, book: PriceBook) -> None:
    lines = consignment.lines
    if not 0 < len(lines) <= LINES_LIMIT:
        raise ConsignmentIsInvalid(f"a consignment has 1 to {LINES_LIMIT} lines, not {len(lines)}", hint="split the basket")
    for line in lines:
        if not 0 < line.quantity <= QUANTITY_LIMIT:
            raise ConsignmentIsInvalid(f"{line.sku}: the quantity is {line.quantity}", hint=f"order 1 to {QUANTITY_LIMIT:,} units")
        if not 0 < line.unit_value <= AMOUNT_LIMIT or line.weight_g < 0:
            raise ConsignmentIsInvalid(
                f"{line.sku}: the unit value is {line.unit_value} and the weight {line.weight_g} g",
                hint="a value is above 0, a weight not below",
            )
    if min(consignment.freight, consignment.insurance) < 0 or consignment.parcels < 1:
        raise ConsignmentIsInvalid("freight and insurance are 0 or more, and at least one parcel travels", hint="check the amounts")
    if not consignment.imported and not 0 <= consignment.band_set < len(book.bands):
        raise ConsignmentIsInvalid(
            f"{book.market} has no rules number {consignment.band_set} for a parcel", hint="take the lane's band_set"
        )
