"""Every layer of a tariff added up, once per group of origins and tariff prefix. Pure.

A prefix that is finer than its parent takes from it what it does not say itself (10 → 8 → 6 digits). A prefix that is coarser than
the lines of a loaded tariff gets their range: its top is what a price holds, its bottom is told beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import NamedTuple

from tradewind.markets import LayerMode, TariffLayer
from tradewind.pricing.duties import NO_RATE, PREFIX_LENGTHS, DutyTable, empty_cells
from tradewind.pricing.layers import Part, Source, effective, worst
from tradewind.pricing.model import EVERY, DutyRate

_CHAPTERS = tuple(f"{chapter:02d}" for chapter in range(1, 98))
_HEADING_DIGITS = 4
_LINE_DIGITS = 8
DOMESTIC = "domestic"
_PART = attrgetter("ppm", "low_ppm", "certainty", "per_kg_micro", "per_item_micro", "needs_person", "is_default")
_Row = tuple[int, ...]  # for each layer the number of its part, then for each layer what exempts from it
_NOTHING, _SPARED, _PERHAPS = 0, 1, 2


class _Sum(NamedTuple):
    """The duty of a prefix while it is being added up; cheap to compare, and few of them stay."""

    ppm: int
    low_ppm: int
    per_kg_micro: int
    per_item_micro: int
    needs_person: bool
    rule_ids: tuple[str, ...]
    certainty: str


_FREE = _Sum(0, 0, 0, 0, False, (), "certain")


class Resolution:
    """Walks every prefix once: down to inherit, up to gather ranges; what is equal is computed once."""

    def __init__(self, sources: Sequence[Source], groups: Mapping[tuple[str, ...], str]) -> None:
        self.sources, self.groups = sources, groups
        _leave_out_repeated_lines(sources)
        self.has_tariff = any(source.is_base for source in sources)
        self.numbers: dict[_Sum, int] = {}
        self.sums: list[_Sum] = []
        self.parts: list[Part | None] = [None]
        self.lines: dict[int, list[bool]] = {}
        self.prefixes = _prefixes(sources)
        self.rows, self.row_at = self._walk_down()
        self.touching = [[at for at, source in enumerate(sources) if source.layer.id in signature] for signature in groups]
        self.bases = [next((at for at in touching if sources[at].is_base), None) for touching in self.touching]
        self.columns = [self._column(touching, base) for touching, base in zip(self.touching, self.bases, strict=True)]

    def table(self) -> DutyTable:
        """The table, without the prefixes that say what the shorter prefix above them says."""
        columns, names = list(self.columns), list(self.groups.values())
        if self.has_tariff:
            columns.append([self._number(_FREE)] * len(self.prefixes))
            names.append(DOMESTIC)
        nothing, said = (NO_RATE,) * len(names), dict[str, tuple[int, ...]]()
        kept, cells, rates = list[str](), empty_cells(0), dict[int, int]()
        for prefix, numbers in zip(self.prefixes, zip(*columns, strict=True), strict=True):
            said[prefix] = numbers
            if numbers != said.get(prefix[:-2], nothing):
                kept.append(prefix)
                cells.extend(NO_RATE if number == NO_RATE else rates.setdefault(number, len(rates)) for number in numbers)
        return DutyTable(names, kept, [_rate(self.sums[number]) for number in rates], cells)

    def dearest(self) -> str:
        """The group that surely owes most under the general tariff: what an unknown origin is taken for, to be on the safe side."""
        sums = {
            name: sum(self.sums[number].low_ppm for number in column if number != NO_RATE)
            for name, column, base in zip(self.groups.values(), self.columns, self.bases, strict=True)
            if base == self.bases[0]
        }
        return max(sums, key=lambda name: (sums[name], name), default=EVERY)

    def _walk_down(self) -> tuple[list[_Row], list[int]]:
        """The rows that differ, and for each prefix which of them it has: its parent's, changed by what stands at the prefix."""
        known: dict[tuple[object, ...], int] = {}
        columns = [{prefix: self._part_number(part, known) for prefix, part in _named(source)} for source in self.sources]
        spared = [{prefix: _SPARED if sure else _PERHAPS for prefix, sure in source.exempt.items()} for source in self.sources]
        start = tuple(self._part_number(source.everywhere, known) for source in self.sources) + (_NOTHING,) * len(self.sources)
        numbers: dict[_Row, int] = {start: 0}
        at_prefix, width = dict[str, int](), len(self.sources)
        rows = [start]
        for prefix in self.prefixes:
            above = at_prefix.get(prefix[:-2], 0)
            changes = [(at, column[prefix]) for at, column in enumerate(columns) if prefix in column]
            changes += [(at + width, one[prefix]) for at, one in enumerate(spared) if prefix in one and not rows[above][at + width]]
            at_prefix[prefix] = _changed(above, changes, rows, numbers)
        return rows, [at_prefix[prefix] for prefix in self.prefixes]

    def _part_number(self, part: Part | None, known: dict[tuple[object, ...], int]) -> int:
        if part is None:
            return 0
        number = known.setdefault(_PART(part), len(self.parts))
        if number == len(self.parts):
            self.parts.append(part)
        return number

    def _column(self, touching: Sequence[int], base: int | None) -> list[int]:
        """Every prefix's own rate where it can be owed, else the range of the finer ones."""
        if base is None:
            return [self._number(_FREE) if self.has_tariff else NO_RATE] * len(self.prefixes)
        is_complete, gathered = self.sources[base].is_complete, dict[str, int]()
        is_line = self._is_line(base)
        owns, unions = self._owns(touching, base), dict[tuple[int, int], int]()
        column = [NO_RATE] * len(self.prefixes)
        for at in range(len(self.prefixes) - 1, -1, -1):
            prefix = self.prefixes[at]
            # A sample does not hold every line of a heading: only a whole tariff makes a range from its lines.
            counts = is_complete or is_line[at]
            number = gathered.get(prefix, NO_RATE) if counts else NO_RATE
            if number == NO_RATE or is_line[at]:
                number = self._union(owns[self.row_at[at]], number, unions)
            elif len(prefix) <= _HEADING_DIGITS:
                number = self._number(self.sums[number]._replace(certainty="estimate"))
            column[at] = number
            if counts:
                parent = prefix[:-2]
                gathered[parent] = self._union(number, gathered.get(parent, NO_RATE), unions)
        return column

    def _is_line(self, base: int) -> list[bool]:
        """For every prefix, whether goods can be entered under it: it has a rate of its own, and no finer line stands below it."""
        if base not in self.lines:
            source = self.sources[base]
            below = _ancestors(source.parts) if source.is_complete else frozenset[str]()
            parts = [self.parts[row[base]] for row in self.rows]
            is_own = [part is not None and not part.is_default for part in parts]
            self.lines[base] = [is_own[row] and prefix not in below for prefix, row in zip(self.prefixes, self.row_at, strict=True)]
        return self.lines[base]

    def _owns(self, touching: Sequence[int], base: int) -> list[int]:
        """The own rate of every row; rows that differ only in layers that do not touch the group owe the same."""
        wanted = itemgetter(*touching, *(at + len(self.sources) for at in touching))
        memo, found = dict[_Row, int](), list[int]()
        for row in self.rows:
            key = wanted(row)
            if key not in memo:
                memo[key] = self._own(row, touching, base)
            found.append(memo[key])
        return found

    def _own(self, row: _Row, touching: Sequence[int], base: int) -> int:
        if not row[base]:
            return NO_RATE
        width, said = len(self.sources), dict[str, Part]()
        for at in touching:
            exempt = row[at + width]
            part = effective(self.parts[row[at]], None if exempt == _NOTHING else exempt == _SPARED)
            if part is not None:
                said[self.sources[at].layer.id] = part
        return self._number(_sum([self.sources[at].layer for at in touching], said, self.sources[base].layer.id))

    def _union(self, one: int, other: int, known: dict[tuple[int, int], int]) -> int:
        if one == other or NO_RATE in (one, other):
            return other if one == NO_RATE else one
        found = known.get((one, other))
        if found is None:
            found = known[one, other] = self._number(_range(self.sums[one], self.sums[other]))
        return found

    def _number(self, one: _Sum) -> int:
        number = self.numbers.setdefault(one, len(self.sums))
        if number == len(self.sums):
            self.sums.append(one)
        return number


def _sum(layers: Iterable[TariffLayer], said: Mapping[str, Part], base: str) -> _Sum:
    """The layers of one code added up: a layer is not owed where one that excludes it is, or tops another one up to its rate."""
    top = low = kg = item = 0
    needs_person, rule_ids, certainties = False, list[str](), list[str]()
    for layer in layers:
        part = said.get(layer.id)
        if part is None:
            continue
        over = said.get(layer.tops_up or "") if layer.mode is LayerMode.UP_TO else None
        excluding = [said[one] for one in layer.excluded_by if one in said]
        owed_top = 0 if any(one.ppm for one in excluding) else max(part.ppm - (over.ppm if over else 0), 0)
        owed_low = 0 if any(one.low_ppm for one in excluding) else max(part.low_ppm - (over.low_ppm if over else 0), 0)
        top, low, kg, item = top + owed_top, low + owed_low, kg + part.per_kg_micro, item + part.per_item_micro
        needs_person = needs_person or part.needs_person
        if owed_top or owed_low or layer.id == base:
            certainties.append(part.certainty)
            rule_ids.append(layer.id)
    certainty = worst((*certainties, "likely" if top != low else "certain"))
    return _Sum(max(top, low), min(top, low), kg, item, needs_person, tuple(rule_ids), certainty)


def _range(one: _Sum, other: _Sum) -> _Sum:
    rule_ids = one.rule_ids
    if rule_ids != other.rule_ids:
        rule_ids += tuple(rule for rule in other.rule_ids if rule not in rule_ids)
    return _Sum(
        max(one.ppm, other.ppm),
        min(one.low_ppm, other.low_ppm),
        max(one.per_kg_micro, other.per_kg_micro),
        max(one.per_item_micro, other.per_item_micro),
        one.needs_person or other.needs_person,
        rule_ids,
        worst((one.certainty, other.certainty, "certain" if one[:4] == other[:4] else "likely")),
    )


def _rate(one: _Sum) -> DutyRate:
    return DutyRate(
        "",
        "",
        one.ppm,
        one.rule_ids,
        one.certainty,
        low_ppm=one.low_ppm,
        per_kg_micro=one.per_kg_micro,
        per_item_micro=one.per_item_micro,
        needs_person=one.needs_person,
    )


def _changed(above: int, changes: Sequence[tuple[int, int]], rows: list[_Row], numbers: dict[_Row, int]) -> int:
    if not changes:
        return above
    row = list(rows[above])
    for at, value in changes:
        row[at] = value
    changed = tuple(row)
    number = numbers.setdefault(changed, len(rows))
    if number == len(rows):
        rows.append(changed)
    return number


def _leave_out_repeated_lines(sources: Sequence[Source]) -> None:
    """Ten-digit lines that say what their eight digits say count only where some other layer tells ten-digit lines apart."""
    told_apart = {
        code[:_LINE_DIGITS]
        for source in sources
        if not source.is_complete
        for code in (*source.parts, *source.exempt)
        if len(code) > _LINE_DIGITS
    }
    for source in sources:
        if source.is_complete:
            source.parts = {
                code: part
                for code, part in source.parts.items()
                if len(code) <= _LINE_DIGITS or code[:_LINE_DIGITS] in told_apart or not _same(part, source.parts.get(code[:_LINE_DIGITS]))
            }


def _same(one: Part, other: Part | None) -> bool:
    return other is not None and _PART(one) == _PART(other)


def _named(source: Source) -> list[tuple[str, Part]]:
    defaults = [(chapter, part) for chapter, part in source.chapters.items() if chapter not in source.parts]
    return [*source.parts.items(), *defaults]


def _prefixes(sources: Sequence[Source]) -> list[str]:
    """Every prefix that some layer names, and every shorter one above it; parents come before their children."""
    named = {prefix for source in sources for prefix in (*source.parts, *source.chapters, *source.exempt)}
    if any(source.is_base for source in sources):
        named.update(_CHAPTERS)
    return sorted(named | _ancestors(named))


def _ancestors(prefixes: Iterable[str]) -> frozenset[str]:
    return frozenset(prefix[:length] for prefix in prefixes for length in PREFIX_LENGTHS if length < len(prefix))
