"""Regions with another price or availability, read from regions.toml of the retailer's folder: what Google calls regional inventories."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.listings.errors import TopologyIsInvalid

FILE = "regions.toml"
MAX_ROWS = 100_000
_REGION_KEYS = {"id", "name", "country", "postcodes"}
_OFFER_KEYS = {"market", "language", "offer_id", "region", "price_minor", "available"}
_ID = re.compile(r"[a-z0-9_]{1,40}")
_POSTCODE = re.compile(r"[A-Z0-9 -]{1,12}\*?")
_HINT = "compare it with docs/how-to/go-live-on-google-shopping.md"


@dataclass(frozen=True, slots=True)
class Region:
    """Places by postal code; a `*` at the end stands for any ending."""

    region_id: str
    name: str
    country: str
    postcodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionalOffer:
    """An offer that costs something else in a region (minor units of the market's currency), or is not to be had there."""

    market: str
    language: str
    offer_id: str
    region_id: str
    price_minor: int | None
    available: bool | None


@dataclass(frozen=True, slots=True)
class RegionBook:
    """Every region, and every offer that differs in one."""

    regions: tuple[Region, ...] = ()
    offers: tuple[RegionalOffer, ...] = ()


def load_regions(folder: Path) -> RegionBook:
    """The retailer's regions.toml; an empty book without one. TopologyIsInvalid."""
    path = folder / FILE
    try:
        return parse_regions(path.read_text("utf-8"))
    except FileNotFoundError:
        return RegionBook()
    except UnicodeDecodeError:
        raise TopologyIsInvalid(f"{path} is not UTF-8 text", hint="save it as UTF-8") from None


def parse_regions(text: str) -> RegionBook:
    """The book that a TOML text describes; TopologyIsInvalid names the entry and its value."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TopologyIsInvalid(f"{FILE}: {error}", hint=_HINT) from None
    regions = tuple(_region(row) for row in table.get("region", []))
    known = {one.region_id for one in regions}
    offers = tuple(_offer(row, known) for row in table.get("offer", []))
    if len(known) != len(regions) or len({(one.market, one.language, one.offer_id, one.region_id) for one in offers}) != len(offers):
        raise TopologyIsInvalid(f"{FILE}: a region or an offer in a region stands there twice", hint="keep one of them")
    if len(offers) > MAX_ROWS:
        raise TopologyIsInvalid(
            f"{FILE}: {len(offers):,} offers differ by region, at most {MAX_ROWS:,} may", hint="use shipping zones instead"
        )
    return RegionBook(regions, offers)


def _region(row: Mapping[str, Any]) -> Region:
    _refuse_unknown(row, _REGION_KEYS)
    postcodes = tuple(str(one) for one in row.get("postcodes", ()))
    wrong = next((one for one in postcodes if not _POSTCODE.fullmatch(one)), None)
    if not _ID.fullmatch(str(row.get("id", ""))) or len(str(row.get("country", ""))) != 2 or not postcodes or wrong is not None:
        shown = wrong if wrong is not None else row.get("id")
        raise TopologyIsInvalid(
            f'{FILE}: the region "{shown}" cannot be', hint='id = "us_hawaii", country = "US", postcodes = ["967*", "968*"]'
        )
    return Region(str(row["id"]), str(row.get("name", row["id"])), str(row["country"]), postcodes)


def _offer(row: Mapping[str, Any], known: set[str]) -> RegionalOffer:
    _refuse_unknown(row, _OFFER_KEYS)
    price, available, name = row.get("price_minor"), row.get("available"), row.get("offer_id")
    if not name or row.get("region") not in known:
        raise TopologyIsInvalid(
            f'{FILE}: the offer "{name}" is in the region "{row.get("region")}"', hint=f"regions: {', '.join(sorted(known))}"
        )
    priced = type(price) is int and price > 0
    if not (priced or price is None) or not (available is None or isinstance(available, bool)) or (price, available) == (None, None):
        raise TopologyIsInvalid(
            f'{FILE}: the offer "{name}" costs {price!r}, available {available!r}', hint="price_minor = 1999, or available = false"
        )
    return RegionalOffer(str(row.get("market", "")), str(row.get("language", "")), str(name), str(row["region"]), price, available)


def _refuse_unknown(row: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise TopologyIsInvalid(f'{FILE}: unknown key "{unknown[0]}"', hint=f"known: {', '.join(sorted(known))}")
