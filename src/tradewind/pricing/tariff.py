"""Import duty resolved for a day, kept once it is: in the process, and on disk beside the tables that were loaded."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from tradewind.kit import Rounding, divide
from tradewind.markets import LoadedTable, TariffLayer, digest_of
from tradewind.pricing.duties import PREFIX_LENGTHS, DutyTable, unpacked
from tradewind.pricing.layers import CERTAINTIES, Part, Source, parts_of, sureness, worst
from tradewind.pricing.model import EVERY, DutyRate
from tradewind.pricing.resolution import DOMESTIC, Resolution

__all__ = ["CERTAINTIES", "DOMESTIC", "PREFIX_LENGTHS", "Part", "ResolvedTariff", "duty_of", "parts_of", "resolve_tariff", "worst"]

Ratio = tuple[int, int]
CACHE_FOLDER = "resolved"
_FORM = "1"
"""Raised when the same tables would resolve to something else: older files on disk are then not read."""
_KEPT_IN_PROCESS = 64
_KEPT_ON_DISK = 40


@dataclass(frozen=True, slots=True)
class ResolvedTariff:
    """Which group each origin belongs to, the group that stands for an unknown origin, and the rates by group and prefix."""

    origins: tuple[tuple[str, str], ...]
    unknown_origin_group: str
    duties: DutyTable


def resolve_tariff(
    layers: Sequence[TariffLayer], home: str, day: date | None = None, ratios: Mapping[str, Ratio] | None = None
) -> ResolvedTariff:
    """The duty of every group of origins. Goods made in the market's own country owe none.

    `day` chooses among the dated rows of loaded tables. `ratios` turn minor units of a tariff's currency into those of the market;
    a specific duty in a currency without one needs a person.
    """
    found = _resolved(tuple(layers), home, _period(layers, day or date.max))
    return replace(found, duties=_converted(found.duties, layers, ratios))


def duty_of(
    layers: Sequence[TariffLayer], home: str, origin: str | None, hs_code: str, day: date
) -> tuple[DutyRate | None, list[tuple[TariffLayer, Part | None]]]:
    """What goods of an origin owe for a code on a day, and what each layer that touches them says; specific parts in its currency."""
    resolved = resolve_tariff(layers, home, day)
    group = resolved.unknown_origin_group if origin is None else dict(resolved.origins).get(origin, EVERY)
    return resolved.duties.find(group, hs_code), parts_of(layers, origin, hs_code, day)


def _period(layers: Sequence[TariffLayer], day: date) -> date:
    """The first day from which the loaded tables say what they say on this day, as surely: all days of a period share a resolution."""
    tables = [table for layer in layers for table in (layer.loaded, layer.loaded_exempt) if table is not None]
    begins = [change for table in tables for change in table.changes if change <= day]
    period = max(begins, default=date.min)
    same = all(sureness(layer, period) == sureness(layer, day) for layer in layers)
    return period if same else day


@lru_cache(maxsize=_KEPT_IN_PROCESS)
def _resolved(layers: tuple[TariffLayer, ...], home: str, day: date) -> ResolvedTariff:
    table = next((one for layer in layers for one in (layer.loaded, layer.loaded_exempt) if one is not None), None)
    if table is None:
        return _resolve(layers, home, day)
    file = _cache_file(table, layers, home, day)
    found = _read(file)
    if found is None:
        found = _resolve(layers, home, day)
        _write(file, found)
    return found


def _resolve(layers: Sequence[TariffLayer], home: str, day: date) -> ResolvedTariff:
    named = sorted({origin for layer in layers for origin in (*layer.origins, *layer.except_origins)} - {home})
    groups: dict[tuple[str, ...], str] = {_signature(layers, None): EVERY}
    origins: list[tuple[str, str]] = [(home, DOMESTIC)]
    for origin in named:
        signature = _signature(layers, origin)
        groups.setdefault(signature, f"like {origin}")
        origins.append((origin, groups[signature]))
    resolution = Resolution([Source(layer, day) for layer in layers], groups)
    return ResolvedTariff(tuple(origins), resolution.dearest(), resolution.table())


def _signature(layers: Sequence[TariffLayer], origin: str | None) -> tuple[str, ...]:
    return tuple(layer.id for layer in layers if layer.touches(origin))


def _cache_file(table: LoadedTable, layers: tuple[TariffLayer, ...], home: str, day: date) -> Path:
    return table.file.parent / CACHE_FOLDER / f"{digest_of((_FORM, layers, home, str(day)))}.bin"


def _read(file: Path) -> ResolvedTariff | None:
    try:
        head, _, body = file.read_bytes().partition(b"\n")
        origins, unknown = json.loads(head)
        return ResolvedTariff(tuple((origin, group) for origin, group in origins), unknown, unpacked(body))
    except (OSError, ValueError):
        return None  # not resolved yet, or cut off: it is made again


def _write(file: Path, resolved: ResolvedTariff) -> None:
    """Keep it when the folder may be written; a price never fails because its shortcut could not be kept."""
    try:
        file.parent.mkdir(exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(json.dumps([resolved.origins, resolved.unknown_origin_group]).encode() + b"\n" + resolved.duties.packed())
        part.replace(file)
        kept = sorted(file.parent.glob("*.bin"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in kept[_KEPT_ON_DISK:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _converted(table: DutyTable, layers: Sequence[TariffLayer], ratios: Mapping[str, Ratio] | None) -> DutyTable:
    """Specific duties in the market's currency, rounded up: a tariff is never understated by its exchange rate."""
    if ratios is None or not any(rate.per_kg_micro or rate.per_item_micro for rate in table.rates):
        return table
    ratio = ratios.get(next((layer.currency for layer in layers if layer.currency), ""))
    return (
        table
        if ratio == (1, 1)
        else DutyTable(table.groups, table.prefixes, [_in_market(rate, ratio) for rate in table.rates], table.cells)
    )


def _in_market(rate: DutyRate, ratio: Ratio | None) -> DutyRate:
    if not (rate.per_kg_micro or rate.per_item_micro):
        return rate
    if ratio is None:
        return replace(rate, per_kg_micro=0, per_item_micro=0, needs_person=True)
    kg, item = (divide(amount * ratio[0], ratio[1], Rounding.UP) for amount in (rate.per_kg_micro, rate.per_item_micro))
    return replace(rate, per_kg_micro=kg, per_item_micro=item)
