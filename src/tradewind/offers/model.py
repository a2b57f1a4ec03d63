"""An offer: one variant in one market, with the terms a shopper is promised. Every surface renders this one object."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tradewind.kit import Currency, Money

_PERCENT = 100


class Availability(StrEnum):
    """Google's words for it; schema.org's are derived from these."""

    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"


class TextOrigin(StrEnum):
    """Where an offer's title and description come from."""

    SUPPLIER = "supplier"
    TEMPLATE = "template"
    FALLBACK = "fallback"  # the supplier's, but in a later language of the market's list


@dataclass(frozen=True, slots=True)
class PriceLines:
    """How the price was built, in minor units of the offer's currency. The parts add up to the price exactly."""

    cost: int
    freight: int
    duty: int
    fee: int
    margin: int
    tax: int
    ending: int
    duty_ppm: int
    tax_ppm: int
    margin_ppm: int
    fx_numerator: int
    fx_denominator: int
    customs_value: int
    rate_card_id: str
    rule_ids: tuple[str, ...]
    certainty: str
    band: int | None = None  # which band of its lane the parcel fell into; None: already imported, or not known of an earlier release
    duty_low: int | None = None  # the bottom of the range that an incomplete tariff code leaves

    @property
    def total(self) -> int:
        return self.cost + self.freight + self.duty + self.fee + self.margin + self.tax + self.ending


@dataclass(frozen=True, slots=True)
class Sale:
    """An announced reduction: the price that is struck through, the percentage (rounded down), and its first and last day."""

    list_price: Money
    percent: int
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant in a market. Prices include tax when `tax_included`; days are business days after the order."""

    market: str
    offer_id: str
    sku: str
    product_id: str
    run_id: str
    language: str
    text_from: TextOrigin
    title: str
    description: str
    brand: str | None
    gtin: str | None
    mpn: str | None
    category: str
    home_category: str | None
    color: str | None
    size: str | None
    material: str | None
    pattern: str | None
    gender: str | None
    age_group: str | None
    options: Mapping[str, str]
    specs: Mapping[str, str]
    images: tuple[str, ...]
    condition: str
    price_minor: int
    currency: str
    tax_included: bool
    availability: Availability
    quantity: int
    location_id: str
    lane_id: str
    ships_from: str
    min_days: int
    max_days: int
    return_days: int
    weight_g: int
    rating_milli: int | None
    rating_count: int | None
    defaulted: tuple[str, ...]
    price_lines: PriceLines
    verdict: str
    content_hash: str
    hs_code: str | None = None
    battery: str | None = None  # as in the catalog: none, contained, packed, alone
    list_price_minor: int | None = None  # the lowest price of the 30 days before; struck through while the lower one is announced
    sale_starts: date | None = None
    sale_ends: date | None = None  # the last day (UTC) on which the reduction is announced

    @property
    def price(self) -> Money:
        return Money(self.price_minor, Currency(self.currency))

    def sale_on(self, day: date) -> "Sale | None":
        """The reduction that is announced on the day; None when there is none, or when it has ended and no run has followed yet."""
        if self.list_price_minor is None or self.sale_starts is None or self.sale_ends is None or day > self.sale_ends:
            return None
        percent = (self.list_price_minor - self.price_minor) * _PERCENT // self.list_price_minor
        return Sale(Money(self.list_price_minor, Currency(self.currency)), percent, self.sale_starts, self.sale_ends)
