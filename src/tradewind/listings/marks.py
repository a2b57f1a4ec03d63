"""What an article's own specifications say of the marks and warnings that laws want beside a price. Nothing is supposed. Pure."""

import re
from collections.abc import Mapping

from tradewind.listings.attribute_book import fold

EPREL = "https://eprel.ec.europa.eu/qr/"
# Entries of specifications, whatever language the supplier writes: compared without case and blanks at the ends.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "energy": ("energy class", "energy efficiency class", "energieeffizienzklasse", "能效等级"),
    "eprel": ("eprel", "eprel id", "eprel-id", "eprel number", "eprel-nummer", "eprel registration number", "eprel注册号", "eprel编号"),
    "charger": ("charger included", "charger", "ladegerät enthalten", "netzteil enthalten", "含充电器", "是否含充电器"),
    "power": ("charging power", "power required to charge", "ladeleistung", "充电功率"),
    "warning": ("warning", "warnings", "safety warning", "warnhinweis", "warnhinweise", "安全警告", "警告"),
    "prop_65": ("prop 65", "proposition 65 warning", "proposition 65"),
}
_YES = frozenset(("yes", "included", "ja", "enthalten", "是", "有", "含"))
_NO = frozenset(("no", "not included", "nein", "nicht enthalten", "否", "无", "不含"))
_CLASS = re.compile(r"^[A-G]$", re.IGNORECASE)
_EPREL_NUMBER = re.compile(r"([0-9]{4,8})/?$")


def said_of_marks(specs: Mapping[str, str]) -> Mapping[str, str]:
    """What the specifications say, by fact: energy, eprel, charger, power, warning, prop_65; what they do not say is missing."""
    by_name = {fold(name): value.strip() for name, value in specs.items() if value.strip()}
    first = {fact: next((by_name[name] for name in names if name in by_name), None) for fact, names in _NAMES.items()}
    return {fact: value for fact, value in first.items() if value is not None}


def energy_class(said: Mapping[str, str]) -> str:
    """The class from A to G, or nothing."""
    return said["energy"].upper() if _CLASS.match(said.get("energy", "")) else ""


def energy_entry(said: Mapping[str, str]) -> str:
    """The address of the product's entry in the Union's public register, or nothing."""
    number = _EPREL_NUMBER.search(said.get("eprel", ""))
    return f"{EPREL}{number[1]}" if number else ""


def has_charger(said: Mapping[str, str]) -> bool | None:
    """Whether a charging device is in the box; None when nothing says it."""
    answer = said.get("charger", "").casefold()
    return True if answer in _YES else False if answer in _NO else None
