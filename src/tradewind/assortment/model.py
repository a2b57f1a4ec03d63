"""What a market's assortment asks of a variant, and the reasons for which one stays at home."""

from dataclasses import dataclass, field

from tradewind.markets import digest_of

# The facts that a policy may require; each has a reason `missing_<fact>` in data/reasons.toml.
REQUIRABLE_FACTS = ("image", "weight", "cost", "hs", "origin", "brand", "gtin")
QUALITY_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Policy:
    """Which variants a market accepts. Weights in grams, quality from 0 to 1000, margins in millionths of the price without tax.

    The categories are slugs of the category list, with everything below them already spelled out.
    """

    market: str
    version: str
    prohibited_categories: tuple[str, ...] = ()
    restricted_categories: tuple[str, ...] = ()
    carried_batteries: tuple[str, ...] = ("none", "contained", "packed")
    accepted_conditions: tuple[str, ...] = ("new",)
    required_facts: tuple[str, ...] = ("image", "weight", "cost", "hs", "origin")
    max_weight_g: int = 30_000
    min_images: int = 1
    min_quality: int = 0
    min_margin_ppm: int = 0
    max_price_minor: int | None = None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of(self))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a variant stays at home, in words, and what to do about it. `order` 0 is the worst."""

    code: str
    order: int
    text: str
    action: str


@dataclass(frozen=True, slots=True)
class QualityFacts:
    """The facts that the quality score counts."""

    image_count: int
    image_width: int | None
    description_length: int
    has_gtin: bool
    has_brand: bool
    has_mpn: bool
    weight_is_own: bool  # measured, from the supplier or from a person: no category default
    dimensions_are_own: bool
    cost_is_own: bool
    hs_is_own: bool
    origin_is_own: bool
    rating_milli: int | None
    rating_count: int | None


@dataclass(frozen=True, slots=True)
class QualityParts:
    """The quality score and what it is made of; the parts add up to the score."""

    images: int
    text: int
    identifiers: int
    facts: int
    rating: int

    @property
    def score(self) -> int:
        return self.images + self.text + self.identifiers + self.facts + self.rating
