"""Marks that a market's law wants beside the price, as far as the article's own specifications say what they show.

Nothing is supposed: without the fact there is no mark, and `tradewind market notices` names what the market wants.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tradewind.listings import energy_class, energy_entry, has_charger, said_of_marks
from tradewind.offers import Offer
from tradewind.web.storefront.shop import Shop

_SCALE = "A–G"


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: its kind (energy, charger, no_charger, warning), its words, and the address of a public entry it points to."""

    kind: str
    words: str
    address: str = ""


def marks(shop: Shop, offer: Offer, topics: Collection[str]) -> tuple[Mark, ...]:
    """The marks of an offer's page, in the order in which they stand beside the price."""
    said = said_of_marks(offer.specs)
    found = [_energy(shop, said) if "energy_label" in topics else None, _charger(shop, said) if "charger" in topics else None]
    if "toys" in topics and "warning" in said:
        found.append(Mark("warning", shop.speech.text("Warning: %(words)s") % {"words": said["warning"]}))
    if "prop65" in topics and "prop_65" in said:
        found.append(Mark("warning", said["prop_65"]))
    return tuple(one for one in found if one is not None)


def _energy(shop: Shop, said: Mapping[str, str]) -> Mark | None:
    letter, address = energy_class(said), energy_entry(said)
    if letter:
        words = shop.speech.text("Energy class %(letter)s (scale %(scale)s)")
        return Mark("energy", words % {"letter": letter, "scale": _SCALE}, address)
    return Mark("energy", shop.speech.text("Energy label"), address) if address else None


def _charger(shop: Shop, said: Mapping[str, str]) -> Mark | None:
    """The pictogram of Directive 2014/53/EU, annex Ia: whether a charging device is in the box, with the power where it is told."""
    included = has_charger(said)
    if included is None:
        return None
    words = shop.speech.text("Charger included") if included else shop.speech.text("Sold without a charger")
    return Mark("charger" if included else "no_charger", f"{words} ({said['power']})" if "power" in said else words)
