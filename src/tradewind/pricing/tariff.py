"""Import duty resolved for a day: every layer added up, once per group of origins and tariff prefix. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.markets import Confidence, LayerMode, TariffLayer
from tradewind.pricing.model import EVERY, DutyRate

CERTAINTIES = ("certain", "likely", "estimate")
_FROM_CONFIDENCE = {Confidence.CERTAIN: "certain", Confidence.LIKELY: "likely", Confidence.DISPUTED: "estimate"}
_CHAPTERS = tuple(f"{chapter:02d}" for chapter in range(1, 98))
DOMESTIC = "domestic"
PREFIX_LENGTHS = (10, 8, 6, 4, 2)
"""The longest prefix of a code that has a rate decides."""


@dataclass(frozen=True, slots=True)
class ResolvedTariff:
    """Which group each origin belongs to, the group that stands for an unknown origin, and the rates by group and prefix."""

    origins: tuple[tuple[str, str], ...]
    unknown_origin_group: str
    duties: tuple[DutyRate, ...]


@dataclass(frozen=True, slots=True)
class _LayerRate:
    ppm: int
    certainty: str


class _Table:
    """A layer with its rates as dictionaries, made once: the resolution asks it for every prefix and group."""

    def __init__(self, layer: TariffLayer) -> None:
        self.layer = layer
        self.rates = dict(layer.rates)
        self.chapters = dict(layer.chapters)
        self.top_of_range = frozenset(layer.top_of_range)


def worst(certainties: Sequence[str]) -> str:
    """The least sure of some certainties; certain when there are none."""
    return max(certainties, key=CERTAINTIES.index, default="certain")


def resolve_tariff(layers: Sequence[TariffLayer], home: str) -> ResolvedTariff:
    """The duty of every group of origins. Goods made in the market's own country owe none."""
    named = sorted({origin for layer in layers for origin in (*layer.origins, *layer.except_origins)} - {home})
    groups: dict[tuple[str, ...], str] = {_signature(layers, None): EVERY}
    origins: list[tuple[str, str]] = [(home, DOMESTIC)]
    for origin in named:
        signature = _signature(layers, origin)
        groups.setdefault(signature, f"like {origin}")
        origins.append((origin, groups[signature]))
    prefixes = sorted({prefix for layer in layers for prefix in (*dict(layer.rates), *dict(layer.chapters), *layer.exempt)})
    tables = [_Table(layer) for layer in layers]
    duties = [rate for signature, group in groups.items() for rate in _group_rates(tables, signature, group, prefixes)]
    if any(layer.chapters for layer in layers):
        duties += _free(DOMESTIC)
    return ResolvedTariff(tuple(origins), _dearest(duties), tuple(duties))


def _signature(layers: Sequence[TariffLayer], origin: str | None) -> tuple[str, ...]:
    return tuple(layer.id for layer in layers if layer.touches(origin))


def _group_rates(tables: Sequence[_Table], signature: tuple[str, ...], group: str, prefixes: Sequence[str]) -> list[DutyRate]:
    touching = [table for table in tables if table.layer.id in signature]
    if not any(table.chapters for table in touching):
        return _free(group) if any(table.chapters for table in tables) else []
    found = (_added_up(touching, group, prefix) for prefix in prefixes)
    return [rate for rate in found if rate is not None]


def _free(group: str) -> list[DutyRate]:
    return [DutyRate(group, chapter, 0, (), "certain") for chapter in _CHAPTERS]


def _added_up(tables: Sequence[_Table], group: str, prefix: str) -> DutyRate | None:
    rates: dict[str, _LayerRate] = {}
    for table in tables:
        rate = _layer_rate(table, prefix)
        if rate is None and table.chapters:
            return None
        rates[table.layer.id] = rate or _LayerRate(0, "certain")
    total, rule_ids, certainties = 0, list[str](), list[str]()
    for table in tables:
        if any(rates[one].ppm > 0 for one in table.layer.excluded_by if one in rates):
            continue
        rate = rates[table.layer.id]
        topped_up = rates.get(table.layer.tops_up or "") if table.layer.mode is LayerMode.UP_TO else None
        ppm = max(rate.ppm - topped_up.ppm, 0) if topped_up else rate.ppm
        total += ppm
        if ppm or table.chapters:
            certainties.append(rate.certainty)
        if ppm or table is tables[0]:
            rule_ids.append(table.layer.id)
    return DutyRate(group, prefix, total, tuple(rule_ids), worst(certainties))


def _layer_rate(table: _Table, prefix: str) -> _LayerRate | None:
    layer, sure = table.layer, _FROM_CONFIDENCE[table.layer.confidence]
    if any(prefix.startswith(exempt) for exempt in layer.exempt):
        return _LayerRate(0, sure)
    if layer.every_code_ppm is not None:
        return _LayerRate(layer.every_code_ppm, sure)
    for length in PREFIX_LENGTHS:
        key = prefix[:length]
        if len(prefix) >= length and key in table.rates:
            return _LayerRate(table.rates[key], worst((sure, "likely")) if key in table.top_of_range else sure)
    default = table.chapters.get(prefix[:2])
    return None if default is None else _LayerRate(default, "estimate")


def _dearest(duties: Sequence[DutyRate]) -> str:
    """The group whose rates are highest: what an unknown origin is taken for, so that the price is on the safe side."""
    sums: dict[str, int] = {}
    for duty in duties:
        sums[duty.group] = sums.get(duty.group, 0) + duty.ppm
    return max(sums, key=lambda group: (sums[group], group), default=EVERY)
