"""Import duty resolved for a day: every layer added up, once per group of origins and tariff prefix.

A prefix that is finer than its parent takes from it what it does not say itself (10 → 8 → 6 digits). A prefix that is coarser than
the lines of a loaded tariff gets their range: its top is what a price holds, its bottom is told beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tradewind.kit import Rounding, divide
from tradewind.markets import Confidence, LayerMode, TableRow, TariffLayer, table_rows
from tradewind.pricing.duties import NO_RATE, PREFIX_LENGTHS, DutyTable, empty_cells
from tradewind.pricing.model import EVERY, DutyRate

__all__ = ["CERTAINTIES", "DOMESTIC", "PREFIX_LENGTHS", "Part", "ResolvedTariff", "parts_of", "resolve_tariff", "worst"]

CERTAINTIES = ("certain", "likely", "estimate")
_FROM_CONFIDENCE = {Confidence.CERTAIN: "certain", Confidence.LIKELY: "likely", Confidence.DISPUTED: "estimate"}
_CHAPTERS = tuple(f"{chapter:02d}" for chapter in range(1, 98))
_HEADING_DIGITS = 4
DOMESTIC = "domestic"
Ratio = tuple[int, int]
_Row = tuple[Any, ...]  # the parts of every layer, then what exempts from every layer


@dataclass(frozen=True, slots=True)
class ResolvedTariff:
    """Which group each origin belongs to, the group that stands for an unknown origin, and the rates by group and prefix."""

    origins: tuple[tuple[str, str], ...]
    unknown_origin_group: str
    duties: DutyTable


@dataclass(frozen=True, slots=True)
class Part:
    """What one layer says about a prefix: the top and the bottom of its rate, in millionths, and its specific parts."""

    ppm: int
    low_ppm: int
    certainty: str
    per_kg_micro: int = 0
    per_item_micro: int = 0
    needs_person: bool = False
    is_default: bool = False
    text: str = ""


class _Source:
    """One layer's parts by prefix, its exempt prefixes, and what it says of a code that it does not name."""

    def __init__(self, layer: TariffLayer, day: date) -> None:
        self.layer = layer
        self.sure = _FROM_CONFIDENCE[layer.confidence]
        self.is_complete = layer.loaded is not None and not layer.lists
        self.parts = _loaded_parts(layer, day, self.sure) if layer.loaded else _written_parts(layer, self.sure)
        self.chapters = {chapter: Part(ppm, 0, "estimate", is_default=True) for chapter, ppm in layer.chapters}
        exempt = [(row.code, row.is_sure) for row in table_rows(layer.loaded_exempt, day)] if layer.loaded_exempt else []
        self.exempt = dict(exempt) if layer.loaded_exempt else dict.fromkeys(layer.exempt, True)
        self.everywhere: Part | None = None
        if layer.every_code_ppm is not None:
            low = 0 if layer.unlisted else layer.every_code_ppm
            self.everywhere = Part(layer.every_code_ppm, low, "estimate" if layer.unlisted else self.sure)

    def says(self, prefix: str) -> Part | None:
        """What stands at this very prefix."""
        part = self.parts.get(prefix)
        return self.chapters.get(prefix) if part is None and len(prefix) == PREFIX_LENGTHS[-1] else part


def worst(certainties: Sequence[str]) -> str:
    """The least sure of some certainties; certain when there are none."""
    return max(certainties, key=CERTAINTIES.index, default="certain")


def resolve_tariff(
    layers: Sequence[TariffLayer], home: str, day: date | None = None, ratios: Mapping[str, Ratio] | None = None
) -> ResolvedTariff:
    """The duty of every group of origins. Goods made in the market's own country owe none.

    `day` chooses among the dated rows of loaded tables. `ratios` turn minor units of a tariff's currency into those of the market;
    a specific duty in a currency without one needs a person.
    """
    named = sorted({origin for layer in layers for origin in (*layer.origins, *layer.except_origins)} - {home})
    groups: dict[tuple[str, ...], str] = {_signature(layers, None): EVERY}
    origins: list[tuple[str, str]] = [(home, DOMESTIC)]
    for origin in named:
        signature = _signature(layers, origin)
        groups.setdefault(signature, f"like {origin}")
        origins.append((origin, groups[signature]))
    sources = [_Source(layer, day or date.max) for layer in layers]
    resolution = _Resolution(sources, groups)
    table = resolution.table()
    return ResolvedTariff(tuple(origins), resolution.dearest(), _converted(table, layers, ratios))


def parts_of(layers: Sequence[TariffLayer], origin: str | None, hs_code: str, day: date) -> list[tuple[TariffLayer, Part | None]]:
    """What each layer that touches the origin says about a code, for people: None where it does not name the code."""
    return [(layer, _said(_Source(layer, day), hs_code)) for layer in layers if layer.touches(origin)]


def _said(source: _Source, hs_code: str) -> Part | None:
    state: _Row = (None, None)
    for length in sorted(PREFIX_LENGTHS):
        if len(hs_code) >= length:
            state = _next_row(state, [source], hs_code[:length])
    return _effective(source, state, 0, 1)


def _signature(layers: Sequence[TariffLayer], origin: str | None) -> tuple[str, ...]:
    return tuple(layer.id for layer in layers if layer.touches(origin))


def _written_parts(layer: TariffLayer, sure: str) -> dict[str, Part]:
    ranged = frozenset(layer.top_of_range)
    return {
        prefix: Part(ppm, 0 if prefix in ranged else ppm, worst((sure, "likely")) if prefix in ranged else sure)
        for prefix, ppm in layer.rates
    }


def _loaded_parts(layer: TariffLayer, day: date, sure: str) -> dict[str, Part]:
    rows = table_rows(layer.loaded, day) if layer.loaded else ()
    if not layer.lists:
        return {row.code: _part(row, sure) for row in rows}
    rates, found = dict(layer.lists), dict[str, Part]()
    for row in rows:
        if row.list in rates:
            found[row.code] = _either(found.get(row.code), Part(rates[row.list], rates[row.list], sure, text=row.list))
    return found


def _part(row: TableRow, sure: str) -> Part:
    certainty = sure if row.is_sure else worst((sure, "likely"))
    return Part(row.ppm, row.low_ppm, certainty, row.per_kg_micro, row.per_item_micro, bool(row.problem), text=row.text)


def _either(one: Part | None, other: Part) -> Part:
    """A code on two lists is on one of them by its finer digits: a range."""
    if one is None:
        return other
    top, low = max(one.ppm, other.ppm), min(one.low_ppm, other.low_ppm)
    certainty = worst((one.certainty, other.certainty, "likely" if top != low else "certain"))
    return Part(top, low, certainty, text=", ".join(sorted({*one.text.split(", "), *other.text.split(", ")})))


class _Resolution:
    """Walks every prefix once: down to inherit, up to gather ranges; what is equal is computed once."""

    def __init__(self, sources: Sequence[_Source], groups: Mapping[tuple[str, ...], str]) -> None:
        self.sources, self.groups = sources, groups
        self.rates: dict[DutyRate, int] = {}
        self.numbered: list[DutyRate] = []
        self.prefixes = _prefixes(sources)
        self.rows = self._walk_down()
        self.columns = [self._column(signature) for signature in groups]

    def table(self) -> DutyTable:
        has_tariff = any(source.chapters or source.is_complete for source in self.sources)
        columns = list(self.columns)
        names = list(self.groups.values())
        if has_tariff:
            free = self._number(DutyRate("", "", 0, (), "certain"))
            columns.append([free] * len(self.prefixes))
            names.append(DOMESTIC)
        width, parents, kept = len(names), dict[str, tuple[int, ...]](), list[tuple[str, tuple[int, ...]]]()
        for at, prefix in enumerate(self.prefixes):
            numbers = tuple(column[at] for column in columns)
            parents[prefix] = numbers
            if numbers != parents.get(prefix[:-2], (NO_RATE,) * width):
                kept.append((prefix, numbers))
        cells = empty_cells(0)
        for _, numbers in kept:
            cells.extend(numbers)
        return DutyTable(names, [prefix for prefix, _ in kept], self.numbered, cells)

    def dearest(self) -> str:
        """The group that surely owes most: what an unknown origin is taken for, so that the price is on the safe side."""
        sums = {
            name: sum(self.numbered[number].low_ppm for number in column if number != NO_RATE)
            for name, column in zip(self.groups.values(), self.columns, strict=True)
        }
        return max(sums, key=lambda name: (sums[name], name), default=EVERY)

    def _walk_down(self) -> list[_Row]:
        rows = dict[str, _Row]()
        start = tuple(source.everywhere for source in self.sources) + (None,) * len(self.sources)
        for prefix in self.prefixes:
            rows[prefix] = _next_row(rows.get(prefix[:-2], start), self.sources, prefix)
        return [rows[prefix] for prefix in self.prefixes]

    def _column(self, signature: tuple[str, ...]) -> list[int]:
        touching = [at for at, source in enumerate(self.sources) if source.layer.id in signature]
        bases = [at for at in touching if self.sources[at].chapters or self.sources[at].is_complete]
        if not bases:
            has_tariff = any(source.chapters or source.is_complete for source in self.sources)
            free = self._number(DutyRate("", "", 0, (), "certain")) if has_tariff else NO_RATE
            return [free] * len(self.prefixes)
        return self._gather(touching, bases[0])

    def _gather(self, touching: Sequence[int], base: int) -> list[int]:
        """Every prefix's own rate where it can be owed, else the range of the finer ones."""
        source, width = self.sources[base], len(self.sources)
        below = _ancestors(source.parts) if source.is_complete else frozenset[str]()
        memo, unions = dict[_Row, int](), dict[tuple[int, int], int]()
        gathered = dict[str, int]()
        column = [NO_RATE] * len(self.prefixes)
        for at in range(len(self.prefixes) - 1, -1, -1):
            prefix, row = self.prefixes[at], self.rows[at]
            part = row[base]
            is_line = part is not None and not part.is_default and prefix not in below
            # A sample does not hold every line of a heading: only a whole tariff makes a range from its lines.
            number = gathered.get(prefix, NO_RATE) if is_line or source.is_complete else NO_RATE
            if is_line or number == NO_RATE:
                key = tuple(row[one] for one in touching) + tuple(row[one + width] for one in touching)
                own = memo.get(key)
                if own is None:
                    own = memo[key] = self._own(row, touching, base)
                number = own if number == NO_RATE else self._union(number, own, unions)
            if not is_line and source.is_complete and prefix in gathered and len(prefix) <= _HEADING_DIGITS:
                number = self._estimated(number)
            column[at] = number
            if (is_line or source.is_complete) and number != NO_RATE:
                parent = prefix[:-2]
                gathered[parent] = self._union(gathered[parent], number, unions) if parent in gathered else number
        return column

    def _own(self, row: _Row, touching: Sequence[int], base: int) -> int:
        if row[base] is None:
            return NO_RATE
        parts = {at: _effective(self.sources[at], row, at, at + len(self.sources)) for at in touching}
        by_id = {self.sources[at].layer.id: part for at, part in parts.items()}
        top, low, rule_ids, certainties = 0, 0, list[str](), list[str]()
        kg = item = 0
        needs_person = False
        for at in touching:
            layer, part = self.sources[at].layer, parts[at]
            if part is None:
                continue
            over = by_id.get(layer.tops_up or "") if layer.mode is LayerMode.UP_TO else None
            excluding = [by_id[one] for one in layer.excluded_by if by_id.get(one) is not None]
            owed_top = 0 if any(one.ppm > 0 for one in excluding if one) else max(part.ppm - (over.ppm if over else 0), 0)
            owed_low = 0 if any(one.low_ppm > 0 for one in excluding if one) else max(part.low_ppm - (over.low_ppm if over else 0), 0)
            top, low = top + owed_top, low + owed_low
            kg, item = kg + part.per_kg_micro, item + part.per_item_micro
            needs_person = needs_person or part.needs_person
            if owed_top or owed_low or at == base:
                certainties.append(part.certainty)
                rule_ids.append(layer.id)
        rate = DutyRate(
            "", "", max(top, low), tuple(rule_ids), worst(certainties), min(top, low),
            per_kg_micro=kg, per_item_micro=item, needs_person=needs_person,
        )  # fmt: skip
        return self._number(rate)

    def _union(self, one: int, other: int, known: dict[tuple[int, int], int]) -> int:
        if other in (one, NO_RATE):
            return one
        found = known.get((one, other))
        if found is None:
            found = known[one, other] = self._number(_range(self.numbered[one], self.numbered[other]))
        return found

    def _estimated(self, number: int) -> int:
        return number if number == NO_RATE else self._number(replace(self.numbered[number], certainty="estimate"))

    def _number(self, rate: DutyRate) -> int:
        number = self.rates.setdefault(rate, len(self.rates))
        if number == len(self.numbered):
            self.numbered.append(rate)
        return number


def _prefixes(sources: Sequence[_Source]) -> list[str]:
    """Every prefix that some layer names, and every shorter one above it; parents come before their children."""
    named = {prefix for source in sources for prefix in (*source.parts, *source.chapters, *source.exempt)}
    if any(source.chapters or source.is_complete for source in sources):
        named.update(_CHAPTERS)
    return sorted(named | _ancestors(named))


def _ancestors(prefixes: Mapping[str, Part] | set[str]) -> frozenset[str]:
    return frozenset(prefix[:length] for prefix in prefixes for length in PREFIX_LENGTHS if length < len(prefix))


def _next_row(above: _Row, sources: Sequence[_Source], prefix: str) -> _Row:
    """What holds at a prefix: what its parent has, replaced by what stands here; an exemption stays."""
    width, changed = len(sources), list(above)
    for at, source in enumerate(sources):
        part = source.says(prefix)
        if part is not None:
            changed[at] = part
        if above[at + width] is None and prefix in source.exempt:
            changed[at + width] = source.exempt[prefix]
    return tuple(changed)


def _effective(source: _Source, row: _Row, at: int, exempt_at: int) -> Part | None:
    part: Part | None = row[at] if row[at] is not None else source.everywhere
    exempt: bool | None = row[exempt_at]
    if part is None or exempt is None:
        return part
    return None if exempt else replace(part, low_ppm=0, certainty=worst((part.certainty, "likely")))


def _range(one: DutyRate, other: DutyRate) -> DutyRate:
    differs = (one.ppm, one.low_ppm, one.per_kg_micro, one.per_item_micro) != (
        other.ppm, other.low_ppm, other.per_kg_micro, other.per_item_micro,
    )  # fmt: skip
    return DutyRate(
        "",
        "",
        max(one.ppm, other.ppm),
        one.rule_ids + tuple(rule for rule in other.rule_ids if rule not in one.rule_ids),
        worst((one.certainty, other.certainty, "likely" if differs else "certain")),
        min(one.low_ppm, other.low_ppm),
        per_kg_micro=max(one.per_kg_micro, other.per_kg_micro),
        per_item_micro=max(one.per_item_micro, other.per_item_micro),
        needs_person=one.needs_person or other.needs_person,
    )


def _converted(table: DutyTable, layers: Sequence[TariffLayer], ratios: Mapping[str, Ratio] | None) -> DutyTable:
    """Specific duties in the market's currency, rounded up: a tariff is never understated by its exchange rate."""
    currency = next((layer.currency for layer in layers if layer.currency), "")
    if ratios is None or not any(rate.per_kg_micro or rate.per_item_micro for rate in table.rates):
        return table
    ratio = ratios.get(currency)
    return DutyTable(table.groups, table.prefixes, [_in_market(rate, ratio) for rate in table.rates], table.cells)


def _in_market(rate: DutyRate, ratio: Ratio | None) -> DutyRate:
    if not (rate.per_kg_micro or rate.per_item_micro) or ratio == (1, 1):
        return rate
    if ratio is None:
        return replace(rate, per_kg_micro=0, per_item_micro=0, needs_person=True)
    kg, item = (divide(amount * ratio[0], ratio[1], Rounding.UP) for amount in (rate.per_kg_micro, rate.per_item_micro))
    return replace(rate, per_kg_micro=kg, per_item_micro=item)
