"""One band of a direct parcel: its customs value is what the shopper pays, so duty and tax depend on the price that holds them.

Both directions are solved in closed form (docs/explanation/how-a-price-is-made.md), never by trying. band.sql says the same.
"""

from dataclasses import dataclass

from tradewind.kit import PPM, Rounding, divide
from tradewind.pricing.index import BookIndex, CodeTaxes
from tradewind.pricing.model import Band, DutyRate, PriceBook

MIN_REMAINDER_PPM = 50_000
"""1 - margin - duty × margin: when less than 5 % is left, the duty inside the price feeds on itself and no sensible price exists."""
MAX_DUTY_PPM = 5_000_000
MAX_NET_AMOUNT = 10**12
"""With MAX_DUTY_PPM it keeps every product of the SQL form inside 64 bits."""
THRESHOLD_STEP = 4
"""Minor units above a threshold that roundings of duty and tax cannot take a parcel back across."""
_SQUARE = PPM * PPM


@dataclass(frozen=True, slots=True)
class Rates:
    """What the goods owe, as far as the code, the origin and the weight decide."""

    duty: DutyRate
    specific_micro: int  # of one unit, in millionths of a minor unit
    taxes: CodeTaxes
    margin_ppm: int


class BandTerms:
    """One band with the numbers of one product, and the sums that go both ways between net, price, duty and tax."""

    __slots__ = (
        "band",
        "dutied",
        "dutied_ppm",
        "fee",
        "freight",
        "margin_ppm",
        "rate_ppm",
        "tax_ppm",
        "taxed_rest",
        "taxed_value",
        "untaxed",
        "y_micro",
    )

    def __init__(self, band: Band, rates: Rates, freight: int, index: BookIndex) -> None:
        book = index.book
        self.band, self.freight, self.fee, self.margin_ppm = band, freight, band.fee, rates.margin_ppm
        self.rate_ppm, specific = _rate(band, rates)
        self.dutied_ppm = index.dutied_ppm
        self.dutied = self._dutied(self.rate_ppm)
        self.y_micro = (freight * self.rate_ppm if book.duty_counts_freight else 0) + specific
        self.tax_ppm = _tax(band, rates.taxes)
        self.taxed_value = PPM if band.at_sale else index.taxed_ppm
        self.taxed_rest = (freight if book.tax_counts_freight else 0) + (self.fee if book.tax_counts_fee else 0)
        self.untaxed = freight + self.fee - self.taxed_rest

    def _dutied(self, rate_ppm: int) -> int:
        return rate_ppm if self.dutied_ppm == PPM else _nearest(rate_ppm * self.dutied_ppm, PPM)

    @property
    def remainder_ppm(self) -> int:
        """What is left of one after the margin and the duty on the margin."""
        return PPM - self.margin_ppm - _nearest(self.dutied * self.margin_ppm, PPM)

    def has_price(self, cost: int) -> bool:
        """Whether a price exists that holds both the duty and the margin."""
        remainder = self.remainder_ppm
        if remainder < MIN_REMAINDER_PPM or self.dutied > MAX_DUTY_PPM:
            return False
        return (cost + self.freight + self.fee) * (PPM + self.dutied) <= MAX_NET_AMOUNT * remainder

    def first_duty(self, cost: int) -> int:
        """The duty inside the net price that gives the wanted margin."""
        outside = self.freight + self.fee
        base = cost + outside - _nearest(outside * (PPM - self.margin_ppm), PPM)
        more = _nearest(_nearest(self.y_micro, 10_000) * (PPM - self.margin_ppm), 100)
        return _nearest(base * self.dutied + more, self.remainder_ppm)

    def gross(self, net: int, duty: int) -> int:
        """The net price with its tax."""
        if self.taxed_value == PPM:
            return net + _nearest((net - self.untaxed) * self.tax_ppm, PPM)
        value = net - self.freight - self.fee - duty
        return net + _nearest((_nearest(value * self.taxed_value, PPM) + self.taxed_rest + duty) * self.tax_ppm, PPM)

    def gross_at(self, value: int) -> int:
        """The price, without its ending, of a parcel whose goods have this value."""
        duty = _nearest(value * self.dutied + self.y_micro, PPM)
        return self.gross(value + self.freight + self.fee + duty, duty)

    def inside(self, price: int) -> tuple[int, int]:
        """The tax and the duty that a final price holds."""
        outside = self.freight + self.fee
        if self.taxed_value == PPM:
            tax = _nearest((price - self.untaxed) * self.tax_ppm, PPM + self.tax_ppm)
            return tax, _nearest((price - tax - outside) * self.dutied + self.y_micro, PPM + self.dutied)
        above = (price - outside) * _SQUARE - self.taxed_rest * self.tax_ppm * PPM - (PPM + self.tax_ppm) * self.y_micro
        value = _nearest(above, _SQUARE + self.tax_ppm * self.taxed_value + (PPM + self.tax_ppm) * self.dutied)
        duty = _nearest(value * self.dutied + self.y_micro, PPM)
        return _nearest((_nearest(value * self.taxed_value, PPM) + self.taxed_rest + duty) * self.tax_ppm, PPM), duty

    def low_duty(self, value: int, duty: int, rates: Rates, book: PriceBook) -> int:
        """The duty at the bottom of the range that the tariff code leaves, on the same value of the goods."""
        if self.band.duty != "tariff" or rates.duty.low_ppm >= rates.duty.ppm:
            return duty
        dutied = self._dutied(rates.duty.low_ppm)
        freight = self.freight if book.duty_counts_freight else 0
        return min(_nearest(value * dutied + freight * rates.duty.low_ppm + rates.specific_micro, PPM), duty)

    def fits(self, customs_value: int) -> bool:
        """Whether a parcel of this customs value is within the band."""
        counted = customs_value + (self.freight if self.band.counts_freight else 0)
        return self.band.up_to is None or counted <= self.band.up_to

    def least_value(self, factor_ppm: int) -> int:
        """The lowest value of the goods that is surely above the band."""
        counted = max((self.band.up_to or 0) + THRESHOLD_STEP - (self.freight if self.band.counts_freight else 0), 0)
        return counted if factor_ppm == PPM else divide(counted * PPM, factor_ppm, Rounding.UP)


def _rate(band: Band, rates: Rates) -> tuple[int, int]:
    if band.duty == "tariff":
        return rates.duty.ppm, rates.specific_micro
    if band.duty == "simplified":
        return rates.taxes.simplified_ppm, 0
    return 0, band.flat * PPM


def _tax(band: Band, taxes: CodeTaxes) -> int:
    standard = taxes.tax_ppm if band.taxed and band.collected else 0
    return standard + (taxes.extra_ppm if band.extra_taxed and band.collected else 0)


def _nearest(numerator: int, denominator: int) -> int:
    return divide(numerator, denominator, Rounding.HALF_UP)
