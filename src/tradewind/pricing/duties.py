"""Every duty of a market on a day, compactly: a loaded tariff has tens of thousands of prefixes, and few rates that differ.

One table of rates, and one small number for each prefix and group of origins. It is picklable, its digest is computed once, and
a prefix that has the rates of the shorter prefix above it is not kept.
"""

import hashlib
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, overload

from tradewind.pricing.model import DutyRate

PREFIX_LENGTHS = (10, 8, 6, 4, 2)
"""The longest prefix of a code that has a rate decides."""
NO_RATE = 0xFFFFFFFF
_CELL = "I"


class DutyTable(Sequence[DutyRate]):
    """Duty rates by group of origins and tariff prefix; as a sequence it is every rate of every group.

    `rates` are the rates that differ (without group and prefix); `number_of` finds one, which is what the SQL form asks for each
    distinct code of a shard. Two tables are equal when their digests are.
    """

    __slots__ = ("_columns", "_rows", "cells", "digest", "groups", "prefixes", "rates")

    def __init__(
        self, groups: Sequence[str], prefixes: Sequence[str], rates: Sequence[DutyRate], cells: "array[int]", *, digest: str = ""
    ) -> None:
        self.groups, self.prefixes, self.rates, self.cells = tuple(groups), tuple(prefixes), tuple(rates), cells
        self.digest = digest or hashlib.sha256(self.packed()).hexdigest()
        self._rows = {prefix: at * len(self.groups) for at, prefix in enumerate(self.prefixes)}
        self._columns = {group: at for at, group in enumerate(self.groups)}

    def number_of(self, group: str, hs_code: str) -> int | None:
        """Which of `rates` a code owes for goods of a group of origins: that of the longest known prefix."""
        column = self._columns.get(group)
        if column is None:
            return None
        for length in PREFIX_LENGTHS:
            row = self._rows.get(hs_code[:length]) if len(hs_code) >= length else None
            number = NO_RATE if row is None else self.cells[row + column]
            if number != NO_RATE:
                return number
        return None

    def find(self, group: str, hs_code: str) -> DutyRate | None:
        """The rate that a code owes for goods of a group of origins; None when no prefix of it is known."""
        number = self.number_of(group, hs_code)
        return None if number is None else self.rates[number]

    def __iter__(self) -> Iterator[DutyRate]:
        at = 0
        for prefix in self.prefixes:
            for group in self.groups:
                number = self.cells[at]
                at += 1
                if number != NO_RATE:
                    yield replace(self.rates[number], group=group, prefix=prefix)

    def __len__(self) -> int:
        return sum(number != NO_RATE for number in self.cells)

    @overload
    def __getitem__(self, at: int) -> DutyRate: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[DutyRate]: ...
    def __getitem__(self, at: int | slice) -> DutyRate | Sequence[DutyRate]:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DutyTable) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __str__(self) -> str:
        return self.digest

    def __repr__(self) -> str:
        return f"DutyTable({len(self.groups)} groups, {len(self.prefixes)} prefixes, {len(self.rates)} rates, {self.digest[:12]})"

    def __reduce__(self) -> tuple[object, ...]:
        return _unpacked, (self.packed(),)

    def packed(self) -> bytes:
        """The whole table as bytes, for the disk and for other processes."""
        return _head(self.groups, self.prefixes, self.rates) + b"\n" + self.cells.tobytes()


def unpacked(data: bytes) -> DutyTable:
    """The table of `packed`; ValueError when the bytes are not one."""
    head, _, body = data.partition(b"\n")
    groups, prefixes, sets, rows = json.loads(head)
    rule_sets = [tuple(one) for one in sets]
    cells: array[int] = array(_CELL)
    cells.frombytes(body)
    names = prefixes.split()
    if len(cells) != len(groups) * len(names):
        raise ValueError("the table of duties is cut off")
    return DutyTable(groups, names, [_rate(row, rule_sets) for row in rows], cells, digest=hashlib.sha256(data).hexdigest())


_unpacked = unpacked


def duty_table(rates: Sequence[DutyRate]) -> DutyTable:
    """A table from single rates; a table is given back as it is."""
    if isinstance(rates, DutyTable):
        return rates
    groups = sorted({rate.group for rate in rates})
    prefixes = sorted({rate.prefix for rate in rates})
    columns, rows = {group: at for at, group in enumerate(groups)}, {prefix: at for at, prefix in enumerate(prefixes)}
    cells, kept = empty_cells(len(groups) * len(prefixes)), dict[DutyRate, int]()
    for rate in rates:
        plain = replace(rate, group="", prefix="")
        cells[rows[rate.prefix] * len(groups) + columns[rate.group]] = kept.setdefault(plain, len(kept))
    return DutyTable(groups, prefixes, list(kept), cells)


def empty_cells(size: int) -> "array[int]":
    """Cells that hold no rate."""
    return array(_CELL, [NO_RATE]) * size


def _head(groups: Sequence[str], prefixes: Sequence[str], rates: Sequence[DutyRate]) -> bytes:
    sets = {rule_ids: at for at, rule_ids in enumerate(dict.fromkeys(rate.rule_ids for rate in rates))}
    rows = [
        (one.ppm, one.low_ppm, one.per_kg_micro, one.per_item_micro, int(one.needs_person), sets[one.rule_ids], one.certainty)
        for one in rates
    ]
    return json.dumps([groups, " ".join(prefixes), list(sets), rows], separators=(",", ":")).encode()


def _rate(row: Sequence[Any], sets: Sequence[tuple[str, ...]]) -> DutyRate:
    ppm, low, kg, item, needs_person, number, certainty = row
    return DutyRate("", "", ppm, sets[number], certainty, low, kg, item, bool(needs_person))
