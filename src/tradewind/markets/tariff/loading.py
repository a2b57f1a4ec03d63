"""Loads an official export into the folder of a market's tariff: reads, checks, writes beside, and then takes its place at once."""

import csv
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from tradewind.db import duck
from tradewind.markets.errors import TariffIsInvalid
from tradewind.markets.tariff import lists, schedules
from tradewind.markets.tariff.lines import Line, Loaded
from tradewind.markets.tariff.manifest import Entry, read_manifest, write_manifest
from tradewind.markets.tariff.source import Record, records_of

_MEMORY_MB = 256
_TYPES = {"row": "INTEGER", "ppm": "BIGINT", "low_ppm": "BIGINT", "per_kg_micro": "BIGINT", "per_item_micro": "BIGINT",
          "is_sure": "BOOLEAN", "valid_from": "DATE", "valid_to": "DATE"}  # fmt: skip
_EDITION = re.compile(r"(20\d\d)-(\d\d)(?:-(\d\d))?")
_UNKNOWN_HINT = "docs/how-to/load-a-tariff.md lists every kind with its columns; a table of your own has code and rate"
_UNUSED = {
    frozenset({"hts_prefix", "ch99_code", "derivative_type"}): "the lists of metal derivatives were replaced by the annexes on 2026-04-06",
    frozenset({"hts10", "ch99_code", "heading"}): "the semiconductor list holds only under conditions of use that no code tells",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of export: the columns that tell it, the tariff it belongs to, and its reader."""

    name: str
    columns: tuple[frozenset[str], ...]
    tariffs: tuple[str, ...]
    read: Callable[[Sequence[Record], str, str], Loaded]


KINDS: tuple[Kind, ...] = (
    Kind("us-301-lists", (frozenset({"hts8", "list", "ch99_code"}),), ("us",), lambda rows, _c, _t: lists.read_301_lists(rows)),
    Kind("us-232-annexes", (frozenset({"hts_prefix", "annex", "metal_type", "effective_date"}),), ("us",),
         lambda rows, _c, _t: lists.read_232_annexes(rows)),
    Kind("us-301fl-rates", (frozenset({"census_code", "tier", "rate_pct"}),), ("us",), lambda rows, _c, _t: lists.read_fl_rates(rows)),
    Kind("us-301fl-exemptions", (frozenset({"hts", "condition"}),), ("us",), lambda rows, _c, _t: lists.read_fl_exemptions(rows)),
    Kind("us-pga-flags", (frozenset({"tariff number", "effective date", "pga 1"}),), ("us",),
         lambda rows, _c, _t: lists.read_pga_flags(rows)),
    Kind("hts", (frozenset({"htsno", "general"}), frozenset({"hts number", "general rate of duty"}), frozenset({"hts8", "general"}),
                 frozenset({"digits", "general"})), ("us",), lambda rows, currency, _t: schedules.read_hts(rows, currency)),
    Kind("us-122-exemptions", (frozenset({"hts8"}),), ("us",), lambda rows, _c, _t: lists.read_122_exemptions(rows)),
    Kind("uk-eu", (frozenset({"commodity", "cet_duty_rate", "ukgt_duty_rate"}),), ("eu", "gb"),
         lambda rows, currency, tariff: schedules.read_uk_eu(rows, currency, is_uk=tariff == "gb")),
    Kind("au", (frozenset({"code", "description", "general_rate"}),), ("au",),
         lambda rows, currency, _t: schedules.read_australian(rows, currency)),
    Kind("plain", (frozenset({"code", "rate"}),), (), lambda rows, currency, _t: schedules.read_plain(rows, currency)),
)  # fmt: skip
"""In the order in which they are tried: the particular before the general."""


@dataclass(frozen=True, slots=True)
class TariffOrder:
    """What a person asks to be loaded, and into which tariff."""

    file: Path
    tariff: str
    currency: str
    by: str
    today: date
    kind: str = ""
    edition: date | None = None


@dataclass(frozen=True, slots=True)
class TariffReport:
    """What loading a file came to: its kind, edition and tables, and where the refused rows are listed."""

    kind: str
    tariff: str
    edition: date | None
    loaded: Loaded
    refused_file: Path | None


def load_tariff(folder: Path, order: TariffOrder) -> TariffReport:
    """Load a file into `folder`/<tariff>/. Nothing changes unless the whole file was read; the tables then change at once."""
    data = order.file.read_bytes()
    records = records_of(data, order.file.name)
    kind = _kind(records, order)
    loaded = kind.read(records, order.currency, order.tariff)
    if not loaded.lines and not loaded.tiers:
        reasons = "; ".join(f"{count} × {reason}" for reason, count in loaded.reasons()[:3]) or "it has no rows"
        raise TariffIsInvalid(f"{order.file.name} holds no line of a tariff: {reasons}", hint="is it the right file?")
    place = folder / order.tariff
    place.mkdir(parents=True, exist_ok=True)
    edition = order.edition or edition_in(order.file.name)
    base = Entry(
        file="", kind=kind.name, source=order.file.name, sha256=hashlib.sha256(data).hexdigest(), digest="", edition=edition,
        loaded_by=order.by, loaded_on=order.today, rows=loaded.rows, taken=loaded.taken, refused=len(loaded.refused), lines=0,
        changes=(), tiers=tuple(sorted(loaded.tiers.items())), currency=order.currency,
    )  # fmt: skip
    entries = {name: _write(place, name, rows, base) for name, rows in loaded.tables.items() if rows}
    if loaded.tiers:
        entries["s301fl"] = base.with_digest(str(base.tiers))
    refused = _write_refused(place, kind.name, loaded)
    _swap(place, entries)
    return TariffReport(kind.name, order.tariff, edition, loaded, refused)


def edition_in(name: str) -> date | None:
    """The day in a file's name, such as 2026-04 (its first day) or 2026-07-24."""
    found = _EDITION.search(name)
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None
    except ValueError:
        return None


def _kind(records: Sequence[Record], order: TariffOrder) -> Kind:
    if not records:
        raise TariffIsInvalid(f"{order.file.name} has a header and no rows", hint="download the export again")
    present = set().union(*(record.keys() for record in records[:1]))
    fitting = [kind for kind in KINDS if any(columns <= present for columns in kind.columns)]
    named = [kind for kind in KINDS if kind.name == order.kind] if order.kind else fitting[:1]
    if order.kind and not named:
        raise TariffIsInvalid(f'there is no kind "{order.kind}"', hint=f"kinds: {', '.join(kind.name for kind in KINDS)}")
    unused = next((why for columns, why in _UNUSED.items() if columns <= present), None)
    if unused and not order.kind:
        raise TariffIsInvalid(f"{order.file.name} is known and not used: {unused}", hint="docs/how-to/load-a-tariff.md tells what is")
    if not named or named[0] not in fitting:
        wanted = " or ".join(", ".join(sorted(columns)) for columns in named[0].columns) if named else ""
        has = ", ".join(sorted(str(name) for name in present)[:12])
        hint = f"needed: {wanted} (name another kind with --kind)" if named else _UNKNOWN_HINT
        raise TariffIsInvalid(f"{order.file.name} has the columns {has}", hint=hint)
    if named[0].tariffs and order.tariff not in named[0].tariffs:
        hint = f"load it with --market {named[0].tariffs[0]}"
        raise TariffIsInvalid(f"{order.file.name} is of the kind {named[0].name}, and no tariff of {order.tariff}", hint=hint)
    return named[0]


def _write(place: Path, name: str, lines: Sequence[Line], base: Entry) -> Entry:
    """One table as Parquet under a name that holds its digest: a reader sees the old table or the new one, never a part."""
    columns = [field.name for field in fields(Line)]
    values = [[getattr(line, column) for line in lines] for column in columns]
    digest = hashlib.sha256(repr(values).encode()).hexdigest()
    changes = sorted({day for line in lines for day in (line.valid_from, _after(line.valid_to)) if day is not None})
    file = place / f"{name}-{digest[:16]}.parquet"
    if not file.exists():
        part = file.with_suffix(".part")
        chosen = ", ".join(f"unnest(?::{_TYPES.get(column, 'VARCHAR')}[]) AS {column}" for column in columns)
        connection = duck.connect(threads=1, memory_limit_mb=_MEMORY_MB)
        try:
            connection.execute(f"CREATE TEMP TABLE lines AS SELECT {chosen}", values)
            connection.execute(f"COPY (SELECT * FROM lines ORDER BY code, list, row) TO '{_quoted(part)}' (FORMAT parquet)")
        finally:
            connection.close()
        part.replace(file)
    return base.of_table(file.name, digest, len(lines), tuple(changes))


def _after(day: date | None) -> date | None:
    return date.fromordinal(day.toordinal() + 1) if day is not None and day < date.max else None


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _write_refused(place: Path, kind: str, loaded: Loaded) -> Path | None:
    path = place / f"{kind}.refused.csv"
    if not loaded.refused:
        path.unlink(missing_ok=True)
        return None
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "code", "text", "reason"))
        writer.writerows((one.row, one.code, one.text, one.reason) for one in loaded.refused)
    part.replace(path)
    return path


def _swap(place: Path, entries: dict[str, Entry]) -> None:
    kept = read_manifest(place) | entries
    write_manifest(place, kept)
    named = {entry.file for entry in kept.values()}
    for path in place.glob("*.parquet"):
        if path.name not in named:
            path.unlink(missing_ok=True)
