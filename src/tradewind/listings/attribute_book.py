"""Which attributes a market's listings have beyond price, stock and texts: the package's data and the retailer's rules, resolved for a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from tradewind.catalog import ancestors, categories
from tradewind.listings.own_attributes import Reviewed, SetRule, own_attributes, shipped
from tradewind.listings.shipping import lane_labels
from tradewind.markets import Confirmations, Market, RuleKind, digest_of, rules_in_force, topic_of
from tradewind.network import Network

VERBATIM = "google:"
# A `google:` entry of a product's specifications may say these; what a product is, and not how a shop sells it.
SPOKEN = (
    "unit_pricing_measure", "unit_pricing_base_measure", "certification", "energy_efficiency_class", "min_energy_efficiency_class",
    "max_energy_efficiency_class", "product_highlight", "size_type", "size_system", "multipack", "is_bundle", "adult", "consumer_notice",
    "texts_by_model", "content_in_its_category",
)  # fmt: skip
OF_A_LANGUAGE = frozenset(("product_highlight", "consumer_notice"))
_ANY_DAY = date.min


@dataclass(frozen=True, slots=True)
class AttributeBook:
    """What a market's listings say. `names` are the entries of specifications, folded, by attribute; `checkout` whether Google's own is open to them."""

    market: str
    country: str
    currency: str
    names: Mapping[str, tuple[str, ...]]
    rules: tuple[SetRule, ...] = ()
    unit_price: bool = False
    certification: bool = False
    energy_class: bool = False
    account_shipping: bool = False
    lane_labels: tuple[tuple[str, str], ...] = ()  # a lane and its shipping_label, where the account's shipping differs by lane
    checkout: bool = False
    checkout_closed_because: str = ""
    item_id_is_sku: bool = False
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        facts: tuple[object, ...] = (
            self.market, self.country, self.currency, sorted(self.names.items()), self.rules, self.unit_price, self.certification,
            self.energy_class, self.account_shipping, self.checkout, self.item_id_is_sku,
        )  # fmt: skip
        # Only where there are any: a book without them is the book that it was before labels were known.
        facts = (*facts, self.lane_labels) if self.lane_labels else facts
        object.__setattr__(self, "digest", digest_of(facts))


def attribute_book(
    market: Market, day: date, folder: Path | None, confirmations: Confirmations | None = None, network: Network | None = None
) -> AttributeBook:
    """The market's attributes on the day, with the rules of `folder`/listing-attributes.toml; RuleIsInvalid names what is wrong in it.

    With a `network`, listings whose shipping the account says are labeled by lane where its lanes differ.
    """
    own, data = own_attributes(folder), shipped()
    closed = _closed(market, day, own.reviewed, confirmations or {})
    return AttributeBook(
        market=market.code,
        country=market.country,
        currency=market.currency.code,
        names={name: _folded(name, (*data["names"].get(name, ()), *own.names.get(name, ()))) for name in SPOKEN},
        # A book that holds until a later day is the same book today.
        rules=tuple(
            replace(rule, valid_from=_ANY_DAY, valid_to=date.max)
            for rule in own.rules
            if rule.counts(market.code, market.currency.code, day)
        ),
        unit_price=market.country in data["unit_price"]["countries"],
        certification=market.country in data["energy"]["certification_countries"],
        energy_class=market.country in data["energy"]["class_countries"],
        account_shipping=market.code in own.account_shipping,
        lane_labels=tuple(lane_labels(market, network, day).items()) if network and market.code in own.account_shipping else (),
        checkout=not closed,
        checkout_closed_because=closed,
        item_id_is_sku=own.item_id_is_sku,
    )


def checkout_countries(day: date) -> frozenset[str]:
    """Where Google's own checkout is open on the day."""
    return frozenset(row["country"] for row in shipped()["checkout"] if row["valid_from"] <= day)


def _closed(market: Market, day: date, reviewed: Reviewed | None, confirmations: Confirmations) -> str:
    """Why Google's checkout may not sell the market's offers; nothing when it may."""
    allowed = [row for row in shipped()["checkout"] if row["country"] == market.country and row["valid_from"] <= day]
    if not allowed:
        return "Google's checkout is not open in this country"
    asked = {topic_of(one.rule.id) for one in rules_in_force(market, RuleKind.NOTICE, day, confirmations)}
    if any(row["notice"] in asked for row in allowed) and (reviewed is None or reviewed.on > day):
        return "nobody has looked yet at which goods need a warning: [checkout] in listing-attributes.toml"
    return ""


def _folded(attribute: str, words: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{VERBATIM}{attribute}", *(fold(word) for word in words))


def fold(name: str) -> str:
    """An entry's name as it is compared: without case, blanks at its ends, and with single blanks inside."""
    return " ".join(name.casefold().split())


def sold_by_measure() -> frozenset[str]:
    """The categories whose size says how much is in it."""
    above = set(shipped()["unit_price"]["categories"])
    return frozenset(slug for slug in categories() if above & set(ancestors(slug)))
