"""Layers of import duty, and the tables loaded from official exports that give them their codes and rates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from tradewind.markets.confidence import Confidence


class LayerMode(StrEnum):
    """How a tariff layer joins the others: its rate is added, or the layer it names is topped up to its rate."""

    ADD = "add"
    UP_TO = "up_to"


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A table that `tradewind tariff load` made from an official export: where it is, and who loaded which edition of it.

    `digest` is the fingerprint of its content; the path is no part of it, so that equal tables in two places are equal.
    """

    name: str
    file: Path
    digest: str
    source: str
    edition: date | None
    loaded_by: str
    loaded_on: date
    rows: int
    changes: tuple[date, ...] = ()

    def __str__(self) -> str:
        return self.digest


@dataclass(frozen=True, slots=True)
class TariffLayer:
    """One dated layer of import duty: rates by tariff prefix, in millionths.

    `chapters` are conservative defaults for codes that no rate covers; `top_of_range` names codes whose finer lines differ.
    Empty `origins` means every origin but `except_origins`. A layer with `unlisted` is owed by goods on a list that nobody gave us:
    between nothing and its rate. A loaded table brings codes: `lists` are the rates of its lists (empty: it has rates of its own).
    """

    id: str
    mode: LayerMode
    valid_from: date
    valid_to: date | None
    source: str
    confidence: Confidence
    origins: tuple[str, ...] = ()
    except_origins: tuple[str, ...] = ()
    rates: tuple[tuple[str, int], ...] = ()
    chapters: tuple[tuple[str, int], ...] = ()
    every_code_ppm: int | None = None
    top_of_range: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    excluded_by: tuple[str, ...] = ()
    tops_up: str | None = None
    succeeded_by: str | None = None
    unlisted: bool = False
    currency: str = ""
    table: str = ""
    lists: tuple[tuple[str, int], ...] = ()
    exempt_table: str = ""
    origin_table: str = ""
    tier: str = ""
    tariff: str = ""
    loaded: LoadedTable | None = None
    loaded_exempt: LoadedTable | None = None

    def touches(self, origin: str | None) -> bool:
        """Whether goods of this origin fall under the layer; None stands for an origin that no layer names."""
        if self.origins:
            return origin in self.origins
        return origin not in self.except_origins

    @property
    def is_base(self) -> bool:
        """Whether the layer is a tariff of its own (every code has a rate in it), and no duty on top of one."""
        return bool(self.chapters) and self.mode is LayerMode.ADD and not self.lists
