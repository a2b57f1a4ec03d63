"""Margins, the currency buffer and the age limit of exchange rates, read from TOML; the package's own are invented and say so."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from tradewind.kit import PPM
from tradewind.pricing.errors import MarginIsInvalid
from tradewind.pricing.model import EVERY

MARGIN_FILE = "margins.toml"
_OWN = resources.files("tradewind.pricing").joinpath("data", MARGIN_FILE)
_KEYS = {"invented", "signed_by", "source", "fx_buffer_ppm", "fx_max_age_days", "fx_threshold_ppm", "margin"}
_ROW_KEYS = {"market", "category", "target_ppm", "floor_ppm"}
# Above this the price is more than twenty times its cost: surely a slip of the pen, and the duty inside the price stops converging.
_MAX_MARGIN_PPM = 950_000


@dataclass(frozen=True, slots=True)
class MarginRow:
    """The wanted and the lowest share of the net price for a category (or every one) in a market (or every one), in millionths."""

    market: str
    category: str
    target_ppm: int
    floor_ppm: int


@dataclass(frozen=True, slots=True)
class MarginTable:
    """A retailer's margins, and how exchange rates are treated."""

    rows: tuple[MarginRow, ...]
    fx_buffer_ppm: int
    fx_max_age_days: int
    invented: bool
    signed_by: str
    source: str
    fx_threshold_ppm: int = 0  # a rate that moves by at most this share does not change prices


def load_margins(folder: Path | None = None) -> MarginTable:
    """The margins of the retailer's `folder` (its margins.toml), else the invented ones of the package."""
    own = folder / MARGIN_FILE if folder is not None else None
    return parse_margins(own.read_text("utf-8") if own is not None and own.is_file() else _OWN.read_text("utf-8"))


def parse_margins(text: str) -> MarginTable:
    """The margins that a TOML text describes; MarginIsInvalid names what is wrong."""
    try:
        table = tomllib.loads(text)
        _refuse_unknown(table, _KEYS)
        found = MarginTable(
            rows=tuple(_row(row) for row in table["margin"]),
            fx_buffer_ppm=_share(table["fx_buffer_ppm"]),
            fx_max_age_days=int(table["fx_max_age_days"]),
            invented=bool(table["invented"]),
            signed_by=str(table["signed_by"]),
            source=str(table["source"]),
            fx_threshold_ppm=_share(table.get("fx_threshold_ppm", 0)),
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as error:
        raise MarginIsInvalid(f"{MARGIN_FILE}: {error} is missing or wrong", hint="compare it with docs/how-to/add-a-market.md") from None
    if not any(row.market == EVERY and row.category == EVERY for row in found.rows):
        raise MarginIsInvalid(f"{MARGIN_FILE} has no row for every market and category", hint='add market = "*", category = "*"')
    return found


def _row(row: Mapping[str, Any]) -> MarginRow:
    _refuse_unknown(row, _ROW_KEYS)
    found = MarginRow(str(row["market"]), str(row["category"]), _share(row["target_ppm"]), _share(row["floor_ppm"]))
    if found.floor_ppm > found.target_ppm:
        raise MarginIsInvalid(
            f"{MARGIN_FILE}: {found.market}/{found.category} wants {found.target_ppm} and has a floor of {found.floor_ppm}",
            hint="the floor is the lowest margin that a price may ever have: write it below the target",
        )
    return found


def _share(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_MARGIN_PPM:
        raise ValueError(f"the share {value!r} (whole millionths from 0 to {_MAX_MARGIN_PPM:,}, {PPM:,} is all of it)")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise MarginIsInvalid(f'{MARGIN_FILE}: unknown key "{unknown[0]}"', hint=f"known keys: {', '.join(sorted(known))}")
