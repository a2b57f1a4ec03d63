"""Net contents as suppliers write them, read into the measure of a unit price and the base it is given for. Pure."""

import re
from decimal import Decimal
from typing import Final

# Each unit: what people call it, how Google writes it, and the base in which its prices are compared.
_UNITS: Final = (
    (("mg", "毫克"), "mg", "1 kg"),
    (("g", "gr", "gram", "grams", "gramm", "克"), "g", "1 kg"),
    (("kg", "kilogram", "kilograms", "kilogramm", "千克", "公斤"), "kg", "1 kg"),
    (("ml", "milliliter", "millilitre", "毫升"), "ml", "1 l"),
    (("cl", "centiliter", "centilitre"), "cl", "1 l"),
    (("l", "liter", "litre", "liters", "litres", "升"), "l", "1 l"),
    (("cm", "厘米"), "cm", "1 m"),
    (("m", "meter", "metre", "米"), "m", "1 m"),
    (("sqm", "m2", "m²", "平方米"), "sqm", "1 sqm"),
)
_BY_WORD: Final = {word: (unit, base) for words, unit, base in _UNITS for word in words}
_MEASURE: Final = re.compile(
    r"^\s*(?:(?P<times>[1-9][0-9]{0,3})\s*[x×*]\s*)?(?P<number>[0-9]{1,7}(?:[.,][0-9]{1,3})?)\s*(?P<unit>[^\W\d_]+[2²]?)\s*(?:℮|e)?\.?\s*$"
)
_LARGEST: Final = 100_000_000


def unit_measure(text: str) -> tuple[str, str] | None:
    """The measure and its base of a net content: ("990 ml", "1 l") of "3 x 330ml". None when it is no quantity in a metric unit."""
    found = _MEASURE.match(text.lower())
    known = _BY_WORD.get(found["unit"]) if found else None
    if found is None or known is None:
        return None
    amount = Decimal(found["number"].replace(",", ".")) * int(found["times"] or 1)
    if not 0 < amount < _LARGEST:
        return None
    unit, base = known
    return f"{f'{amount:f}'.rstrip('0').rstrip('.') if '.' in f'{amount:f}' else f'{amount:f}'} {unit}", base
