"""An offer in a channel's words: its attributes in order, the rules it is judged by, and the verdict."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tradewind.markets import digest_of

# Google's attributes as columns of `listings`, in the order of the feed files.
ATTRIBUTES = (
    "id",
    "title",
    "structured_title",
    "description",
    "structured_description",
    "link",
    "image_link",
    "additional_image_link",
    "availability",
    "price",
    "sale_price",
    "sale_price_effective_date",
    "unit_pricing_measure",
    "unit_pricing_base_measure",
    "brand",
    "gtin",
    "mpn",
    "identifier_exists",
    "condition",
    "google_product_category",
    "product_type",
    "item_group_id",
    "color",
    "size",
    "size_type",
    "size_system",
    "material",
    "pattern",
    "gender",
    "age_group",
    "adult",
    "multipack",
    "is_bundle",
    "product_highlight",
    "product_detail",
    "certification",
    "energy_efficiency_class",
    "min_energy_efficiency_class",
    "max_energy_efficiency_class",
    "shipping",
    "shipping_label",
    "shipping_weight",
    "ships_from_country",
    "return_policy_label",
    "promotion_id",
    "excluded_destination",
    "shopping_ads_excluded_country",
    "custom_label_0",
    "custom_label_1",
    "custom_label_2",
    "custom_label_3",
    "custom_label_4",
)
# What Google's own checkout asks for: custom attributes of the API and columns of a supplemental feed, never of the primary one.
CHECKOUT_ATTRIBUTES = ("native_commerce", "consumer_notice", "merchant_item_id")
# Rendered like the others, but not by listings.sql itself.
FURTHER = (
    "unit_pricing_measure", "unit_pricing_base_measure", "size_type", "size_system", "adult", "multipack", "is_bundle", "product_highlight",
    "product_detail", "certification", "energy_efficiency_class", "min_energy_efficiency_class", "max_energy_efficiency_class",
    "shipping_label", "return_policy_label", "promotion_id", "excluded_destination", "shopping_ads_excluded_country", "custom_label_2",
    "custom_label_3", "custom_label_4", *CHECKOUT_ATTRIBUTES,
)  # fmt: skip


class Verdict(StrEnum):
    """What the channel would say of a listing, best first."""

    OK = "ok"
    WARNING = "warning"
    LIMITED = "limited"
    DISAPPROVED = "disapproved"


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule of a channel. `severity` is what it does on the day it was resolved for."""

    id: str
    attribute: str
    kind: str
    severity: Verdict
    action: str
    limit: int = 0
    pattern: str = ""
    apparel: bool = False


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of one country on one day, the worst first."""

    country: str
    as_of: date
    rules: tuple[Rule, ...]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        # The day itself does not count: two days with the same rules judge equally.
        object.__setattr__(self, "digest", digest_of((self.country, self.rules)))


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong with one attribute of a listing, and what to do."""

    rule: str
    attribute: str
    severity: Verdict
    value: str
    action: str
