"""The catalog: what is published in each market, and the facts behind it with where each comes from."""

from dataclasses import asdict
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tradewind import catalog
from tradewind.offers import OfferUnknown, store
from tradewind.offers.model import Offer
from tradewind.pipeline.story import FACTS
from tradewind.web.api import paging
from tradewind.web.api.door import needs, told
from tradewind.web.api.keys import CATALOG_READ, Caller
from tradewind.web.api.stock import PLAIN
from tradewind.web.house import House

# A look into the snapshot is a query over its files: more at once would only take memory from each other.
SNAPSHOT_READERS = 2
MARKET = r"^[a-z]{2,10}$"

routes = APIRouter(tags=["catalog"])
Reader = Annotated[Caller, Depends(needs(CATALOG_READ))]
Market = Annotated[str, Query(pattern=MARKET, description="The market's code, such as us.", examples=["us"])]
Name = Annotated[str, Query(min_length=1, max_length=200, pattern=PLAIN)]


class Publication(BaseModel):
    """Which run a market shows, and since when."""

    market: str
    run_id: str
    published_at: AwareDatetime
    offers_count: int
    currency: str | None


class Publications(BaseModel):
    """Every published market."""

    items: list[Publication]


class PriceLines(BaseModel):
    """How the price was built, in minor units; cost, freight, duty, fee, margin, tax and ending add up to it. Rates are millionths."""

    cost: int
    freight: int
    duty: int
    fee: int
    margin: int
    tax: int
    ending: int
    duty_ppm: int
    tax_ppm: int
    margin_ppm: int
    customs_value: int
    rate_card_id: str
    rule_ids: list[str]
    certainty: str


class PublishedOffer(BaseModel):
    """A variant in a market, as the page, the feed and the order line say it. Amounts are minor units of `currency`."""

    model_config = ConfigDict(from_attributes=True)

    market: str
    offer_id: str
    sku: str
    product_id: str
    run_id: str
    language: str
    title: str
    description: str
    brand: str | None
    gtin: str | None
    mpn: str | None
    category: str
    color: str | None
    size: str | None
    material: str | None
    options: dict[str, str]
    specs: dict[str, str]
    images: list[str]
    condition: str
    price_minor: Annotated[int, Field(examples=[5644])]
    list_price_minor: Annotated[int | None, Field(description="The price before a reduction that is announced, else null.")]
    currency: Annotated[str, Field(examples=["USD"])]
    tax_included: bool
    availability: Annotated[str, Field(description="in_stock or out_of_stock.")]
    quantity: int
    location_id: str
    lane_id: str
    ships_from: str
    min_days: Annotated[int, Field(description="Business days after the order, the earliest.")]
    max_days: int
    return_days: int
    weight_g: int
    hs_code: str | None
    defaulted: Annotated[list[str], Field(description="Facts that stand on a default of the category.")]
    price_lines: PriceLines
    content_hash: str


class PublishedOffers(BaseModel):
    """A page of offers, by id."""

    items: list[PublishedOffer]
    next: str | None


class Variant(BaseModel):
    """A variant of the home catalog in short. Equal `row_hash`, equal facts."""

    sku: str
    product_id: str
    language: str | None
    titles: dict[str, str]
    brand: str | None
    category: str | None
    row_hash: str


class Variants(BaseModel):
    """A page of the newest snapshot's variants, by SKU."""

    snapshot_id: str
    items: list[Variant]
    next: str | None


class Fact(BaseModel):
    """A fact by its columns, and where it comes from: measured, supplier, person, derived, category_default or missing."""

    name: str
    values: dict[str, str | int | None]
    provenance: str


class VariantFacts(BaseModel):
    """Everything that is known of a variant."""

    snapshot_id: str
    sku: str
    product_id: str
    language: str | None
    titles: dict[str, str]
    descriptions: dict[str, str]
    options: dict[str, str]
    specs: dict[str, str]
    images: list[str]
    facts: list[Fact]
    flags: Annotated[list[str], Field(description="What cleaning did.")]
    source_row: Annotated[int, Field(description="The row of the imported table.")]


@routes.get("/catalog/markets", response_model=Publications, summary="List published markets", **told(CATALOG_READ))
async def list_markets(request: Request, caller: Reader) -> dict[str, Any]:
    """Which run each market shows."""
    del caller
    house: House = request.app.state.house
    async with house.database.statements() as tx:
        found = await store.publications(tx)
    names = ("market", "run_id", "published_at", "offers_count")
    return {
        "items": [{name: getattr(one, name) for name in names} | {"currency": house.market(one.market).currency or None} for one in found]
    }


@routes.get("/catalog/offers", response_model=PublishedOffers, summary="List a market's offers", **told(CATALOG_READ))
async def list_offers(
    *,
    request: Request,
    caller: Reader,
    market: Market,
    product_id: Name | None = None,
    category: Name | None = None,
    limit: paging.Limit = paging.PAGE,
    cursor: paging.Cursor = None,
) -> dict[str, Any]:
    """What is for sale in a market now, by offer id, page by page; withdrawn offers are not among them."""
    del caller
    house: House = request.app.state.house
    asked = ("offers", market, product_id, category)
    (after,) = paging.behind(cursor, (str,), *asked) or [""]
    async with house.database.statements() as tx:
        found = await store.offers_page(tx, market, product_id=product_id, category=category, after=after, limit=limit + 1)
    follows = paging.cursor((found[limit - 1].offer_id,), *asked) if len(found) > limit else None
    return {"items": [_offer(one) for one in found[:limit]], "next": follows}


@routes.get("/catalog/offers/{market}/{offer_id}", response_model=PublishedOffer, summary="Show an offer", **told(CATALOG_READ, 404))
async def show_offer(
    request: Request,
    caller: Reader,
    market: Annotated[str, Path(pattern=MARKET)],
    offer_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,50}$")],
) -> dict[str, Any]:
    """One offer as it is for sale now."""
    del caller
    house: House = request.app.state.house
    async with house.database.statements() as tx:
        found = await store.offer(tx, market, offer_id)
    if found is None:
        raise OfferUnknown(f'no offer "{offer_id}" is for sale in {market}', hint="list the market's offers")
    return _offer(found)


@routes.get("/catalog/variants", response_model=Variants, summary="List the catalog's variants", **told(CATALOG_READ, 404))
async def list_variants(
    request: Request, caller: Reader, limit: paging.Limit = paging.PAGE, cursor: paging.Cursor = None
) -> dict[str, Any]:
    """The variants of the newest snapshot, by SKU. A newer snapshot makes a cursor begin anew."""
    del caller
    house: House = request.app.state.house
    snapshot = await to_thread.run_sync(catalog.load_snapshot, house.settings.home)
    (after,) = paging.behind(cursor, (str,), "variants", snapshot.snapshot_id) or [""]
    found = await to_thread.run_sync(catalog.variants_page, snapshot, after, limit + 1, limiter=_limiter(request))
    follows = paging.cursor((found[limit - 1]["sku"],), "variants", snapshot.snapshot_id) if len(found) > limit else None
    items = [one | {"titles": _texts(one["titles"])} for one in found[:limit]]
    return {"snapshot_id": snapshot.snapshot_id, "items": items, "next": follows}


@routes.get("/catalog/variants/{sku}", response_model=VariantFacts, summary="A variant's facts", **told(CATALOG_READ, 404))
async def show_variant(
    request: Request, caller: Reader, sku: Annotated[str, Path(min_length=1, max_length=200, pattern=PLAIN)]
) -> dict[str, Any]:
    """Every fact of the newest snapshot about a variant, each with where it comes from."""
    del caller
    house: House = request.app.state.house
    snapshot = await to_thread.run_sync(catalog.load_snapshot, house.settings.home)
    found: dict[str, Any] = await to_thread.run_sync(lambda: catalog.show_variant(snapshot, sku, guess=False), limiter=_limiter(request))
    return {
        "snapshot_id": snapshot.snapshot_id,
        **{name: found[name] for name in ("sku", "product_id", "language", "source_row")},
        **{name: _texts(found[name]) for name in ("titles", "descriptions", "options", "specs")},
        "images": list(found["images"] or ()),
        "flags": list(found["flags"] or ()),
        "facts": [
            {"name": name, "values": {column: found[column] for column in columns}, "provenance": found[origin]}
            for name, columns, origin in FACTS
        ],
    }


def _limiter(request: Request) -> CapacityLimiter:
    limiter: CapacityLimiter = request.app.state.snapshot_readers
    return limiter


def _offer(offer: Offer) -> dict[str, Any]:
    told_price = {name: value for name, value in asdict(offer.price_lines).items() if name in PriceLines.model_fields}
    plain = {name: getattr(offer, name) for name in PublishedOffer.model_fields if name != "price_lines"}
    return plain | {"price_lines": told_price, "images": list(offer.images), "defaulted": list(offer.defaulted)}


def _texts(given: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in (given or {}).items() if text is not None}
