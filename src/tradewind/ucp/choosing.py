"""The options of a product, and which of its variants a buyer's choice leaves. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradewind.offers import Availability, Offer

OPTIONS_LIMIT = 4
_FIELDS = ("color", "size", "material", "pattern")
_Chosen = Mapping[str, str]
"""The value that was chosen, by option."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something in which the variants differ, and its values in the order of the variants."""

    key: str
    values: tuple[str, ...]

    def value_named(self, label: str) -> str | None:
        """The value of this name, whatever its case."""
        return next((one for one in self.values if one.casefold() == label.strip().casefold()), None)


def options_of(variants: Sequence[Offer]) -> tuple[Option, ...]:
    """The options of a product: the fields in which its variants differ (they speak the market's language), else the supplier's own options."""
    found = [Option(name, _values(variants, name)) for name in (*_FIELDS, *_named_by_supplier(variants))]
    differing = [one for one in found if len(one.values) > 1]
    fields = [one for one in differing if one.key in _FIELDS]
    return tuple((fields or differing)[:OPTIONS_LIMIT])


def value_of(offer: Offer, key: str) -> str:
    """What a variant is in an option; empty where it says nothing."""
    return str(getattr(offer, key) or "") if key in _FIELDS else str(offer.options.get(key) or "")


def choice_of(offer: Offer, options: Sequence[Option]) -> dict[str, str]:
    """The variant's own values."""
    return {one.key: value for one in options if (value := value_of(offer, one.key))}


def matching(variants: Sequence[Offer], chosen: _Chosen) -> list[Offer]:
    """The variants that have every chosen value."""
    return [offer for offer in variants if all(value_of(offer, key) == value for key, value in chosen.items())]


def effective(variants: Sequence[Offer], wanted: _Chosen, preferences: Sequence[str]) -> dict[str, str]:
    """The choice that some variant meets: what no variant has goes first, then what is preferred least.

    Preferences name options, the dearest first; an option that they do not name goes before those that they do.
    """
    chosen = {key: value for key, value in wanted.items() if matching(variants, {key: value})}
    ranks = {key: place for place, key in enumerate(preferences)}
    while chosen and not matching(variants, chosen):
        del chosen[max(reversed(chosen), key=lambda key: ranks.get(key, len(ranks)))]
    return chosen


def featured(variants: Sequence[Offer]) -> Offer:
    """The variant that stands for the others: the first that can be bought."""
    return min(variants, key=lambda offer: (not is_available(offer), offer.offer_id))


def signal(variants: Sequence[Offer], chosen: _Chosen, key: str, value: str) -> tuple[bool, bool]:
    """Of a value beside the rest of the choice: whether a variant can be bought, and whether one exists."""
    found = matching(variants, {**chosen, key: value})
    return any(is_available(offer) for offer in found), bool(found)


def is_available(offer: Offer) -> bool:
    """Whether it can be bought now."""
    return offer.availability is Availability.IN_STOCK


def _values(variants: Sequence[Offer], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for offer in variants if (value := value_of(offer, key))))


def _named_by_supplier(variants: Sequence[Offer]) -> list[str]:
    return list(dict.fromkeys(str(key) for offer in variants for key in offer.options if str(key).lower() not in _FIELDS))
