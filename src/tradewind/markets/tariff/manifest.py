"""What is loaded: one manifest.json beside the tables of a tariff."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from tradewind.markets.errors import TariffIsInvalid

MANIFEST = "manifest.json"
_FORM = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a tariff: from which file, of which edition, who loaded it when, and what became of its rows.

    `changes` are the days on which some row begins or has ended; `tiers` the origins and the rate of each tier of a list of countries.
    """

    file: str
    kind: str
    source: str
    sha256: str
    digest: str
    edition: date | None
    loaded_by: str
    loaded_on: date
    rows: int
    taken: int
    refused: int
    lines: int
    changes: tuple[date, ...]
    tiers: tuple[tuple[str, tuple[int, tuple[str, ...]]], ...]
    currency: str

    def of_table(self, file: str, digest: str, lines: int, changes: tuple[date, ...]) -> "Entry":
        """The same loading, for one of its tables."""
        return replace(self, file=file, digest=digest, lines=lines, changes=changes)

    def with_digest(self, content: str) -> "Entry":
        return replace(self, digest=hashlib.sha256(content.encode()).hexdigest())


def read_manifest(place: Path) -> dict[str, Entry]:
    """The tables of a tariff's folder by name; empty when nothing was loaded."""
    path = place / MANIFEST
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
        return {name: _entry(row) for name, row in found["tables"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "remove the folder and load the exports again: tradewind tariff load FILE"
        raise TariffIsInvalid(f"{path} is damaged: {error}", hint=hint) from None


def write_manifest(place: Path, tables: Mapping[str, Entry]) -> None:
    """Take the place of the manifest at once."""
    part = place / f"{MANIFEST}.part"
    content = {"form": _FORM, "tables": {name: asdict(entry) for name, entry in sorted(tables.items())}}
    part.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    part.replace(place / MANIFEST)


def _entry(row: Mapping[str, Any]) -> Entry:
    days = {"edition": _day(row["edition"]), "loaded_on": date.fromisoformat(row["loaded_on"])}
    changes = tuple(date.fromisoformat(day) for day in row["changes"])
    tiers = tuple((str(tier), (int(ppm), tuple(origins))) for tier, (ppm, origins) in row["tiers"])
    return Entry(**(dict(row) | days | {"changes": changes, "tiers": tiers}))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
