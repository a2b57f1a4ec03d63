"""Offers of a product as the catalog's rules read them, without a database."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "web"))

from web_builders import an_offer

from tradewind.markets import load_market, load_seller
from tradewind.offers import Offer
from tradewind.offers.store import offer_from
from tradewind.ucp.disclosing import Disclosing
from tradewind.ucp.v2026_04_08.catalog import Shelf
from tradewind.web.speech import speech

TODAY = date(2026, 11, 23)
DEFAULTS: dict[str, Any] = dict.fromkeys(("band", "duty_low_amount", "hs_code", "battery", "list_price_minor", "sale_starts", "sale_ends"))


def a_variant(offer_id: str = "HX-1", market: str = "us", **given: Any) -> Offer:
    """A variant of the product HX."""
    return offer_from(DEFAULTS | an_offer(market, offer_id, product_id=given.pop("product_id", "HX"), **given))


def sizes_and_colors(**sold_out: bool) -> list[Offer]:
    """Red in S and M, blue in M and L; named ones are sold out, such as red_S=True."""
    pairs = (("red", "S"), ("red", "M"), ("blue", "M"), ("blue", "L"))
    return [
        a_variant(
            f"HX-{color}-{size}",
            color=color,
            size=size,
            availability="out_of_stock" if sold_out.get(f"{color}_{size}") else "in_stock",
            cost_amount=2000 + 100 * number,
        )
        for number, (color, size) in enumerate(pairs)
    ]


def a_shelf(market: str = "us", folder: Path | None = None) -> Shelf:
    """The shelf of a market with the package's own rules."""
    known = load_market(market)
    disclosing = Disclosing({market: known}, load_seller(folder), folder)
    return Shelf(
        known,
        speech(known.languages[0], known.country),
        "https://shop.example",
        "Nanyang Direct",
        ({"type": "privacy_policy", "url": "https://shop.example/p"},),
        disclosing,
        TODAY,
    )
