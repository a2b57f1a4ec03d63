"""What a market's assortment asks of a variant, and the reasons for which one stays at home."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property

# The facts that a policy may require; each has a reason `missing_<fact>` in data/reasons.toml.
REQUIRABLE_FACTS = ("image", "weight", "cost", "hs", "origin", "brand", "gtin")


@dataclass(frozen=True)
class Policy:
    """Which variants a market accepts. Weights in grams, quality from 0 to 1000, margins in millionths of the price without tax.

    A category entry covers the slug itself and everything below it (`weapons` covers `weapons-knives` and `weapons/knives`).
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

    @cached_property
    def digest(self) -> str:
        """sha256 over every field: equal digests choose equally."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
