"""Reads the network from TOML: the package's invented one, or the retailer's own."""

import tomllib
from collections.abc import Mapping
from datetime import date, time, timedelta
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tradewind.kit import Currency
from tradewind.network.errors import NetworkIsInvalid
from tradewind.network.model import BAND_STEP_G, Lane, Location, Network, RateCard, StockAuthority

NETWORK_FILE = "network.toml"
_OWN = resources.files("tradewind.network").joinpath("data", NETWORK_FILE)
_LOCATION_KEYS = {"id", "name", "country", "subdivision", "timezone", "stock_authority", "buffer", "max_age_hours", "invented"}
_CARD_KEYS = {"id", "currency", "bands", "volumetric_divisor", "valid_from", "valid_to", "invented", "signed_by", "source"}
_LANE_KEYS = {
    "id", "location", "market", "imported", "preference", "min_quantity", "takes_batteries", "transit_days", "handling_days", "cut_off",
    "inbound_per_kg", "rate_cards",
}  # fmt: skip
_MAX_BAND_G = 100_000
_MAX_DAYS = 120
_MAX_BUFFER = 1_000_000
_MAX_AGE_HOURS = 24 * 366
# A retailer's system that has been silent for two days is taken to be cut off, not to sell nothing.
RETAILER_MAX_AGE_HOURS = 48


def load_network(folder: Path | None = None) -> Network:
    """The network of the retailer's `folder` (its network.toml), else the invented one of the package."""
    own = folder / NETWORK_FILE if folder is not None else None
    text = own.read_text("utf-8") if own is not None and own.is_file() else _OWN.read_text("utf-8")
    return parse_network(text)


def parse_network(text: str) -> Network:
    """The network that a TOML text describes; NetworkIsInvalid names what is wrong."""
    try:
        table = tomllib.loads(text)
        _refuse_unknown(table, {"location", "rate_card", "lane"}, NETWORK_FILE)
        locations = tuple(_location(row) for row in table.get("location", []))
        cards = {row["id"]: _card(row) for row in table.get("rate_card", [])}
        lanes = tuple(_lane(row, {one.location_id for one in locations}, cards) for row in table.get("lane", []))
    except tomllib.TOMLDecodeError as error:
        raise NetworkIsInvalid(f"{NETWORK_FILE} is not TOML: {error}", hint="compare it with docs/how-to/add-a-market.md") from None
    except KeyError as error:
        raise NetworkIsInvalid(f"{NETWORK_FILE}: {error} is missing", hint="compare it with docs/how-to/add-a-market.md") from None
    except (ValueError, TypeError) as error:
        raise NetworkIsInvalid(f"{NETWORK_FILE}: {error}", hint="compare it with docs/how-to/add-a-market.md") from None
    if len({lane.lane_id for lane in lanes}) != len(lanes):
        raise NetworkIsInvalid(f"{NETWORK_FILE}: two lanes have the same id", hint="give each lane its own id")
    return Network(locations, lanes)


def _location(row: Mapping[str, Any]) -> Location:
    _refuse_unknown(row, _LOCATION_KEYS, f"location {row.get('id', '?')}")
    ZoneInfo(str(row["timezone"]))
    authority = StockAuthority(str(row.get("stock_authority", StockAuthority.OURS)))
    hours = row.get("max_age_hours", RETAILER_MAX_AGE_HOURS if authority is StockAuthority.RETAILER else None)
    buffer = row.get("buffer", 0)
    for key, value, most in (("buffer", buffer, _MAX_BUFFER), ("max_age_hours", 1 if hours is None else hours, _MAX_AGE_HOURS)):
        if type(value) is not int or not (key == "max_age_hours") <= value <= most:
            raise NetworkIsInvalid(
                f"location {row['id']}: {key} is {value!r}", hint=f"write a whole number from {int(key == 'max_age_hours')} to {most:,}"
            )
    return Location(
        str(row["id"]),
        str(row["name"]),
        str(row["country"]),
        row.get("subdivision"),
        str(row["timezone"]),
        authority,
        buffer,
        None if hours is None else timedelta(hours=hours),
    )


def _card(row: Mapping[str, Any]) -> RateCard:
    name = f"rate card {row.get('id', '?')}"
    _refuse_unknown(row, _CARD_KEYS, name)
    bands = tuple((int(up_to), int(amount)) for up_to, amount in row["bands"])
    ascending = all(left[0] < right[0] and left[1] <= right[1] for left, right in pairwise(bands))
    if not bands or not ascending or any(up_to % BAND_STEP_G or not 0 < up_to <= _MAX_BAND_G or amount < 0 for up_to, amount in bands):
        raise NetworkIsInvalid(
            f"{name}: its bands must rise in weight and price and end at multiples of {BAND_STEP_G} g up to {_MAX_BAND_G:,} g",
            hint="write bands = [[100, 450], [250, 560], …]: up to grams, minor units",
        )
    return RateCard(
        rate_card_id=str(row["id"]),
        currency=Currency(str(row["currency"])),
        bands=bands,
        volumetric_divisor=int(row["volumetric_divisor"]),
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]) if "valid_to" in row else None,
        invented=bool(row["invented"]),
        signed_by=str(row["signed_by"]),
        source=str(row["source"]),
    )


def _lane(row: Mapping[str, Any], locations: set[str], cards: Mapping[str, RateCard]) -> Lane:
    name = f"lane {row.get('id', '?')}"
    _refuse_unknown(row, _LANE_KEYS, name)
    if row["location"] not in locations:
        raise NetworkIsInvalid(f"{name} starts at {row['location']}, which is no location", hint="add a [[location]] with this id")
    unknown = [one for one in row["rate_cards"] if one not in cards]
    if unknown:
        raise NetworkIsInvalid(f"{name} names the rate card {unknown[0]}, which does not exist", hint="add a [[rate_card]] with this id")
    if not isinstance(row["cut_off"], time):
        raise NetworkIsInvalid(f"{name}: cut_off is {row['cut_off']!r}", hint="write cut_off = 14:00:00")
    return Lane(
        lane_id=str(row["id"]),
        location_id=str(row["location"]),
        market=str(row["market"]),
        imported=bool(row["imported"]),
        preference=int(row["preference"]),
        min_quantity=int(row.get("min_quantity", 1)),
        takes_batteries=bool(row["takes_batteries"]),
        transit_days=_days(row["transit_days"], name),
        handling_days=_days(row["handling_days"], name),
        cut_off=row["cut_off"],
        inbound_per_kg=int(row.get("inbound_per_kg", 0)),
        rate_cards=tuple(cards[one] for one in row["rate_cards"]),
    )


def _days(value: list[int], name: str) -> tuple[int, int]:
    first, last = (int(one) for one in value)
    if not 0 <= first <= last <= _MAX_DAYS:
        raise NetworkIsInvalid(f"{name}: {value} are not days from the shortest to the longest", hint="write transit_days = [6, 10]")
    return first, last


def _day(value: object) -> date:
    if type(value) is not date:
        raise NetworkIsInvalid(f"{value!r} is not a day", hint="write 2026-05-01")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str], name: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise NetworkIsInvalid(f'{name}: unknown key "{unknown[0]}"', hint=f"known keys: {', '.join(sorted(known))}")
