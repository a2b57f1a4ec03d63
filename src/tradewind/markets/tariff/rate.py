"""What a rate of duty says, and what it comes to per kilogram and per item. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from tradewind.kit import Rounding, divide


class Unit(StrEnum):
    """What a specific duty is charged by."""

    EACH = "each"
    PAIR = "pr."
    DOZEN = "doz."
    DOZEN_PAIRS = "doz. pr."
    GROSS = "gross"
    THOUSAND = "thousand"
    GRAM = "g"
    KG = "kg"
    TONNE = "t"
    LITER = "liter"
    PROOF_LITER = "pf. liter"
    HECTOLITER = "hl"
    BARREL = "bbl"
    METER = "m"
    SQUARE_METER = "m2"
    CUBIC_METER = "m3"
    JEWEL = "jewel"
    OTHER = "other"


# Millionths of an item, and of a kilogram. One sold item of a thing that customs counts in pairs is one pair.
_ITEMS = {Unit.EACH: 1, Unit.PAIR: 1, Unit.DOZEN: 12, Unit.DOZEN_PAIRS: 12, Unit.GROSS: 144, Unit.THOUSAND: 1000}
_GRAMS = {Unit.GRAM: 1, Unit.KG: 1000, Unit.TONNE: 1_000_000}
# The weight of the goods as they are sold is never less than their net weight, so that a duty on it is never understated.
_WHOLE_WEIGHT = frozenset({"", "gross", "br", "net"})


@dataclass(frozen=True, slots=True)
class Specific:
    """An amount for a number of units, in millionths of a minor unit of the currency. `of` limits what is weighed or counted."""

    micro: int
    currency: str
    unit: Unit
    per: int = 1
    of: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of duty: a share of the value (millionths) and specific amounts, perhaps with a least and a most.

    `on_top`: it is owed on top of the duty of the goods' own line. `problem` says why a person must read the text; it is then no rate.
    """

    ppm: int = 0
    specifics: tuple[Specific, ...] = ()
    least: "Rate | None" = None
    most: "Rate | None" = None
    on_top: bool = False
    problem: str = ""

    @property
    def kind(self) -> str:
        """free, ad_valorem, specific, compound, or person."""
        if self.problem:
            return "person"
        if self.specifics:
            return "compound" if self.ppm else "specific"
        return "ad_valorem" if self.ppm or self.least or self.most else "free"


@dataclass(frozen=True, slots=True)
class Charge:
    """What a rate comes to: millionths of the value (top and bottom), and millionths of a minor unit per kilogram and per item."""

    ppm: int = 0
    low_ppm: int = 0
    per_kg_micro: int = 0
    per_item_micro: int = 0
    problem: str = ""
    is_sure: bool = True


def charge(rate: Rate) -> Charge:
    """What a rate costs at most, by value, weight and number; a problem when that needs facts that no product record has."""
    if rate.problem:
        return Charge(problem=rate.problem)
    if rate.most is not None:
        return _capped(rate, rate.most)
    own = _plain(rate)
    if rate.least is None or own.problem:
        return own
    least = _plain(rate.least)
    if least.problem:
        return Charge(problem=least.problem)
    # The greater of two amounts is never above their sum, and never below the first.
    return Charge(
        own.ppm + least.ppm,
        own.ppm,
        own.per_kg_micro + least.per_kg_micro,
        own.per_item_micro + least.per_item_micro,
        is_sure=False,
    )


def _capped(rate: Rate, most: Rate) -> Charge:
    """At most `most`; when that cannot be told by value, weight and number, at most the rate without its cap."""
    cap, own = _plain(most), charge(Rate(rate.ppm, rate.specifics, rate.least))
    top = own if cap.problem else cap
    return top if top.problem else Charge(top.ppm, 0, top.per_kg_micro, top.per_item_micro, is_sure=False)


def _plain(rate: Rate) -> Charge:
    kg = item = 0
    for one in rate.specifics:
        if one.unit in _GRAMS and one.of in _WHOLE_WEIGHT:
            kg += divide(one.micro * 1000, _GRAMS[one.unit] * one.per, Rounding.UP)
        elif one.unit in _ITEMS and not one.of:
            item += divide(one.micro, _ITEMS[one.unit] * one.per, Rounding.UP)
        else:
            return Charge(problem=f"charged by {one.of or one.unit.value}, which no product record tells")
    return Charge(rate.ppm, rate.ppm, kg, item)
