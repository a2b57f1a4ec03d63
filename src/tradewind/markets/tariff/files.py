"""Reads the layers of a tariff from TOML; the rates of a loaded table take the place of those that the file gives."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tradewind.markets.confidence import Confidence
from tradewind.markets.errors import MarketIsInvalid
from tradewind.markets.tariff.manifest import Entry, read_manifest
from tradewind.markets.tariff.model import LayerMode, LoadedTable, TariffLayer
from tradewind.markets.values import MAX_RATE_PPM, Row

TARIFF_SUFFIX = ".tariff"
LOADED_FOLDER = "tariffs"
_LAYER_KEYS = {
    "id", "mode", "valid_from", "valid_to", "source", "confidence", "origins", "except_origins", "rates", "chapters", "every_code_ppm",
    "top_of_range", "exempt", "excluded_by", "tops_up", "succeeded_by", "unlisted", "currency", "table", "lists", "exempt_table",
    "origin_table", "tier",
}  # fmt: skip


def layers_of(name: str, table: Mapping[str, Any], folder: Path | None = None, loaded_as: str = "") -> tuple[TariffLayer, ...]:
    """The layers of one tariff file, with what was loaded into `folder`/tariffs/<loaded_as>; MarketIsInvalid names layer and key."""
    file = f"{name}{TARIFF_SUFFIX}.toml"
    Row(table, file).refuse_unknown({"market", "layer"})
    rows = table.get("layer", [])
    if not isinstance(rows, list):
        raise MarketIsInvalid(f"{file}: layer is {rows!r}", hint="write each one under its own [[layer]]")
    layers = tuple(replace(_layer(one, file), tariff=loaded_as or name) for one in rows)
    place = folder / LOADED_FOLDER / (loaded_as or name) if folder is not None else None
    entries = read_manifest(place) if place is not None else {}
    return tuple(_with_loaded(layer, entries, place) for layer in layers) if place is not None and entries else layers


def loaded_table(folder: Path, tariff: str, name: str) -> LoadedTable | None:
    """A table that was loaded into a tariff, by its name; None when it was not."""
    place = folder / LOADED_FOLDER / tariff
    return _table(name, read_manifest(place), place)


def _with_loaded(layer: TariffLayer, entries: Mapping[str, Entry], place: Path) -> TariffLayer:
    """The loaded tables that the layer asks for, in place of what its file says."""
    tiers = dict(entries[layer.origin_table].tiers) if layer.origin_table in entries else {}
    if layer.tier in tiers:
        ppm, origins = tiers[layer.tier]
        layer = replace(layer, origins=origins, every_code_ppm=ppm)
    entry = entries.get(layer.table)
    return replace(
        layer,
        currency=entry.currency if entry is not None else layer.currency,
        loaded=_table(layer.table, entries, place),
        loaded_exempt=_table(layer.exempt_table, entries, place),
    )


def _table(name: str, entries: Mapping[str, Entry], place: Path) -> LoadedTable | None:
    entry = entries.get(name)
    if entry is None:
        return None
    return LoadedTable(
        name, place / entry.file, entry.digest, entry.source, entry.edition, entry.loaded_by, entry.loaded_on, entry.lines, entry.changes
    )


def _layer(table: Mapping[str, Any], file: str) -> TariffLayer:
    row = Row(table, f"{file}, layer {table.get('id', '?') if isinstance(table, Mapping) else '?'}")
    row.refuse_unknown(_LAYER_KEYS)
    return TariffLayer(
        id=row.text("id"),
        mode=row.choice("mode", LayerMode),
        valid_from=row.day("valid_from"),
        valid_to=row.optional_day("valid_to"),
        source=row.text("source"),
        confidence=row.choice("confidence", Confidence),
        origins=row.countries("origins"),
        except_origins=row.countries("except_origins"),
        rates=row.rates("rates"),
        chapters=row.rates("chapters"),
        every_code_ppm=row.rate("every_code_ppm") if "every_code_ppm" in row else None,
        top_of_range=row.prefixes("top_of_range"),
        exempt=row.prefixes("exempt"),
        excluded_by=row.listed("excluded_by"),
        tops_up=row.optional_text("tops_up"),
        succeeded_by=row.optional_text("succeeded_by"),
        unlisted=row.flag("unlisted", False),
        currency=row.currency("currency", row.text("currency")).code if "currency" in row else "",
        table=row.optional_text("table") or "",
        lists=_list_rates(row),
        exempt_table=row.optional_text("exempt_table") or "",
        origin_table=row.optional_text("origin_table") or "",
        tier=row.optional_text("tier") or "",
    )


def _list_rates(row: Row) -> tuple[tuple[str, int], ...]:
    """The rate of each list of a loaded table, written { "4A" = 75000 }."""
    table = row.table.get("lists", {})
    if not isinstance(table, Mapping):
        raise row.wrong("lists", 'the rate in whole millionths by list: lists = { "4A" = 75000 }')
    for rate in table.values():
        if not isinstance(rate, int) or isinstance(rate, bool) or not 0 <= rate <= MAX_RATE_PPM:
            raise row.wrong("lists", f"whole millionths from 0 to {MAX_RATE_PPM:,}")
    return tuple(sorted((str(name), rate) for name, rate in table.items()))
