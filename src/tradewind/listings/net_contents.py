"""How much is in a product, and what one unit of it costs: the same for the feed's measure and for a page. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tradewind.kit import Rounding, divide
from tradewind.listings.attribute_book import VERBATIM, fold, sold_by_measure
from tradewind.listings.measures import unit_measure
from tradewind.listings.own_attributes import shipped

MEASURE, BASE = "unit_pricing_measure", "unit_pricing_base_measure"
IN_ITS_CATEGORY = "content_in_its_category"
_THOUSANDTHS = 1000
# Each unit in the smallest of its kind, and its code (UN/CEFACT recommendation 20), which structured data wants.
_UNITS: Mapping[str, tuple[str, int, str]] = {
    "mg": ("weight", 1, "MGM"), "g": ("weight", 1_000, "GRM"), "kg": ("weight", 1_000_000, "KGM"), "ml": ("volume", 1, "MLT"),
    "cl": ("volume", 10, "CLT"), "l": ("volume", 1_000, "LTR"), "cm": ("length", 1, "CMT"), "m": ("length", 100, "MTR"),
    "sqm": ("area", 1, "MTK"),
}  # fmt: skip
_AMOUNT = re.compile(r"^([0-9]+(?:\.[0-9]{1,3})?) ?([a-z]+)$")


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity as Google writes it ("990 ml"), its number, its unit, and the unit's code."""

    text: str
    number: str
    unit: str
    code: str

    @property
    def smallest(self) -> int:
        """Thousandths of the smallest unit of its kind."""
        return int(Decimal(self.number) * _THOUSANDTHS) * _UNITS[self.unit][1]

    @property
    def kind(self) -> str:
        """weight, volume, length or area."""
        return _UNITS[self.unit][0]


@dataclass(frozen=True, slots=True)
class NetContent:
    """How much is in a product, and the amount for which its price is compared."""

    measure: Amount
    base: Amount

    def price_of_base(self, price_minor: int) -> int:
        """What the base costs when the whole costs `price_minor`, rounded half up to minor units."""
        return divide(price_minor * self.base.smallest, self.measure.smallest, Rounding.HALF_UP)


def is_unit_priced(country: str) -> bool:
    """Whether feeds for the country carry the measure of a unit price."""
    return country in shipped()["unit_price"]["countries"]


def net_content(specs: Mapping[str, str], category: str | None, size: str | None) -> NetContent | None:
    """What the specifications say of the net content, or the size of goods whose size is one; None when nothing says it."""
    said = {fold(name): value.strip() for name, value in specs.items() if value.strip()}
    is_measured = category in sold_by_measure()
    words = [*shipped()["names"][MEASURE], *(shipped()["names"][IN_ITS_CATEGORY] if is_measured else ())]
    names = (f"{VERBATIM}{MEASURE}", *(fold(word) for word in words))
    written = next((said[name] for name in names if name in said), size if is_measured else None)
    found = unit_measure(written) if written else None
    if found is None:
        return None
    measure, base = _amount(found[0]), _amount(said.get(f"{VERBATIM}{BASE}", found[1]))
    if measure is None or base is None or measure.kind != base.kind or not measure.smallest:
        return None
    return NetContent(measure, base)


def _amount(text: str) -> Amount | None:
    found = _AMOUNT.match(text.strip().lower())
    return Amount(text, found[1], found[2], _UNITS[found[2]][2]) if found and found[2] in _UNITS else None
