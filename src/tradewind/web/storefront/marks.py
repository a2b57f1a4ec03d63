"""Marks that a market's law wants beside the price, as far as the article's own specifications say what they show.

Nothing is supposed: without the fact there is no mark, and `tradewind market notices` names what the market wants.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tradewind.offers import Offer
from tradewind.web.storefront.shop import Shop

EPREL = "https://eprel.ec.europa.eu/qr/"
_SCALE = "A–G"
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


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: its kind (energy, charger, no_charger, warning), its words, and the address of a public entry it points to."""

    kind: str
    words: str
    address: str = ""


def marks(shop: Shop, offer: Offer, topics: Collection[str]) -> tuple[Mark, ...]:
    """The marks of an offer's page, in the order in which they stand beside the price."""
    said = _said(offer)
    found = [_energy(shop, said) if "energy_label" in topics else None, _charger(shop, said) if "charger" in topics else None]
    if "toys" in topics and "warning" in said:
        found.append(Mark("warning", shop.speech.text("Warning: %(words)s") % {"words": said["warning"]}))
    if "prop65" in topics and "prop_65" in said:
        found.append(Mark("warning", said["prop_65"]))
    return tuple(one for one in found if one is not None)


def _said(offer: Offer) -> Mapping[str, str]:
    by_name = {name.strip().casefold(): value.strip() for name, value in offer.specs.items() if value.strip()}
    first = {fact: next((by_name[name] for name in names if name in by_name), None) for fact, names in _NAMES.items()}
    return {fact: value for fact, value in first.items() if value is not None}


def _energy(shop: Shop, said: Mapping[str, str]) -> Mark | None:
    number = _EPREL_NUMBER.search(said.get("eprel", ""))
    address = f"{EPREL}{number[1]}" if number else ""
    if _CLASS.match(said.get("energy", "")):
        words = shop.speech.text("Energy class %(letter)s (scale %(scale)s)")
        return Mark("energy", words % {"letter": said["energy"].upper(), "scale": _SCALE}, address)
    return Mark("energy", shop.speech.text("Energy label"), address) if address else None


def _charger(shop: Shop, said: Mapping[str, str]) -> Mark | None:
    """The pictogram of Directive 2014/53/EU, annex Ia: whether a charging device is in the box, with the power where it is told."""
    answer = said.get("charger", "").casefold()
    if answer not in _YES | _NO:
        return None
    words = shop.speech.text("Charger included") if answer in _YES else shop.speech.text("Sold without a charger")
    return Mark("charger" if answer in _YES else "no_charger", f"{words} ({said['power']})" if "power" in said else words)
