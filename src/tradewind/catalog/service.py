"""The catalog's main use case: a home catalog file becomes an immutable snapshot."""

import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tradewind.catalog.defaults import Defaults, load_defaults
from tradewind.catalog.errors import ImportIsRunning, MappingIsInvalid, NothingWasAccepted
from tradewind.catalog.importing import MAX_SHARDS, Step, Work, first_reject, write_snapshot
from tradewind.catalog.mapping import known_shape, load_mapping
from tradewind.catalog.model import SCHEMA_VERSION, CatalogMapping, ImportOutcome, Snapshot, SourceFile, TableRule
from tradewind.catalog.ports import ReadOptions, StagedTable, Staging
from tradewind.catalog.shapes import mapping_for
from tradewind.catalog.snapshots import list_snapshots, point_latest, snapshots_folder, write_manifest
from tradewind.kit import Clock, system_clock

_TEMPORARY = ".importing-"
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import, into which workspace, and with how many resources."""

    path: Path
    home: Path
    mapping: Path | None = None
    facts: Path | None = None
    salvage: bool = False
    shard_rows: int = 50_000
    threads: int = 2
    memory_limit_mb: int = 1024


@dataclass(frozen=True, slots=True)
class _Reading:
    """How this import reads files, where it puts the rows, and whom it tells."""

    stage: Staging
    folder: Path
    step: Step


def no_steps(_phase: str, _done: int, _total: int) -> None:
    """The progress of a caller that shows none."""


def import_catalog(request: ImportRequest, stage: Staging, *, clock: Clock = system_clock, step: Step = no_steps) -> ImportOutcome:
    """Reads the file (or folder) into a new snapshot and makes it the latest; the same input again changes nothing."""
    if not request.path.exists():
        raise MappingIsInvalid(
            f"{request.path} does not exist", hint="give the path of a catalog file, or of the folder that holds its files"
        )
    started = time.monotonic()
    mapping = load_mapping(request.mapping) if request.mapping else None
    with _only_importer(request.home) as temporary:
        known = _known_before(request, mapping)
        if known is not None:
            point_latest(request.home, known.snapshot_id)
            return ImportOutcome(known, already_known=True)
        target = temporary / "snapshot"
        (target / "source").mkdir(parents=True)
        mapping, staged = _stage_all(request, mapping, _Reading(stage, target / "source", step))
        defaults = load_defaults(mapping.defaults) if mapping.defaults else None
        facts = request.facts or mapping.facts
        snapshot_id = _snapshot_id(
            mapping, defaults, facts, request.salvage, {table.name: table.source_sha256 for table in staged.values()}
        )
        finished = next((snapshot for snapshot in list_snapshots(request.home) if snapshot.snapshot_id == snapshot_id), None)
        if finished is not None:
            point_latest(request.home, snapshot_id)
            return ImportOutcome(finished, already_known=True)
        primary = staged[mapping.primary.name]
        if not primary.rows:
            raise NothingWasAccepted(
                f"{request.path.name} holds no readable rows",
                hint="open it and look; a wrong `items` or sheet in the mapping can hide them",
            )
        shards = _shard_count(request, primary.rows)
        work = Work(mapping, staged, defaults, facts, target, temporary, shards, request.threads, request.memory_limit_mb)
        counts = write_snapshot(work, step)
        snapshot = Snapshot(
            snapshot_id=snapshot_id,
            folder=snapshots_folder(request.home) / snapshot_id,
            created_at=clock(),
            mapping=mapping.name,
            language=mapping.language,
            sources=tuple(_source(request.path, rule, staged[rule.name]) for rule in mapping.tables if rule.of is None),
            counts=counts,
            shard_count=shards,
            seconds=round(time.monotonic() - started),
        )
        _finish(request.home, target, snapshot)
    return ImportOutcome(snapshot, already_known=False)


def _finish(home: Path, target: Path, snapshot: Snapshot) -> None:
    """The manifest comes last, then one rename: a killed import leaves nothing that looks like a snapshot."""
    write_manifest(snapshot, target)
    snapshot.folder.parent.mkdir(parents=True, exist_ok=True)
    if snapshot.folder.exists():
        shutil.rmtree(snapshot.folder)
    target.rename(snapshot.folder)
    point_latest(home, snapshot.snapshot_id)


@contextmanager
def _only_importer(home: Path) -> Iterator[Path]:
    """A temporary folder of this import; the lock dies with the process, and what a killed import left is removed."""
    folder = home / "catalog"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportIsRunning(f"another import is running in {home}", hint="wait until it ends, then try again") from None
        for left in folder.glob(_TEMPORARY + "*"):
            shutil.rmtree(left, ignore_errors=True)
        temporary = folder / f"{_TEMPORARY}{time.time_ns()}"
        temporary.mkdir()
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _stage_all(
    request: ImportRequest, mapping: CatalogMapping | None, reading: _Reading
) -> tuple[CatalogMapping, Mapping[str, StagedTable]]:
    """Stages every table of the mapping; without a mapping, the one file, whose shape then chooses the mapping."""
    if mapping is None:
        staged = _stage(request, TableRule("products", primary=True), request.path, reading)
        fitting = mapping_for(staged, request.path)
        return fitting, {rule.name: replace(staged, name=rule.name) for rule in fitting.tables}
    tables = {rule.name: _stage(request, rule, _file_of(request.path, rule), reading) for rule in mapping.tables if rule.of is None}
    return mapping, {rule.name: replace(tables[rule.of or rule.name], name=rule.name) for rule in mapping.tables}


def _stage(request: ImportRequest, rule: TableRule, path: Path, reading: _Reading) -> StagedTable:
    options = ReadOptions(
        table=rule.name,
        format=rule.format,
        encoding=rule.encoding,
        delimiter=rule.delimiter,
        sheet=rule.sheet,
        items=rule.items,
        salvage=request.salvage,
        threads=request.threads,
        memory_limit_mb=request.memory_limit_mb,
    )
    staged = reading.stage(path, reading.folder, options, lambda done, total, _rows: reading.step("read", done, total))
    if rule.primary and not staged.rows:
        told = f": {staged.rejected_rows:,} were rejected, the first because {first_reject(staged)}" if staged.rejected_rows else ""
        raise NothingWasAccepted(
            f"{path.name} holds no readable rows{told}", hint="repair the file; a wrong `items` or `sheet` in the mapping can hide rows too"
        )
    return replace(staged, name=rule.name)


def _file_of(path: Path, rule: TableRule) -> Path:
    if rule.file is None:
        return path
    if path.is_file():
        return path if rule.primary else path.parent / rule.file
    found = path / rule.file
    if not found.is_file() and (path / (rule.file + ".gz")).is_file():
        return path / (rule.file + ".gz")
    if not found.is_file():
        there = ", ".join(sorted(entry.name for entry in path.iterdir())[:20])
        raise MappingIsInvalid(f'tables.{rule.name}.file: "{rule.file}" is not in {path}', hint=f"it holds: {there}")
    return found


def _shard_count(request: ImportRequest, rows: int) -> int:
    """As many shards as the rows need; the previous snapshot's number while that is within a factor of two, so that shards stay comparable."""
    wanted = max(1, -(-rows // request.shard_rows))
    before = next(iter(list_snapshots(request.home)), None)
    if before is not None and before.shard_count <= wanted * 2 and wanted <= before.shard_count * 2:
        return before.shard_count
    return min(wanted, MAX_SHARDS)


def _known_before(request: ImportRequest, mapping: CatalogMapping | None) -> Snapshot | None:
    """A finished snapshot of exactly this input. Files are only hashed when a snapshot has files of the same sizes."""
    snapshots = list_snapshots(request.home)
    if mapping is not None:
        defaults = load_defaults(mapping.defaults) if mapping.defaults else None
        candidates = [mapping]
        files = {rule.name: _file_of(request.path, rule) for rule in mapping.tables if rule.of is None}
    else:
        defaults, files = None, {"products": request.path}
        candidates = [known_shape(name) for name in ("google", "shopify")]
    if any(not path.is_file() for path in files.values()):
        return None
    sizes = sorted(path.stat().st_size for path in files.values())
    if not any(sorted(source.size for source in snapshot.sources) == sizes for snapshot in snapshots):
        return None
    digests = {name: file_digest(path) for name, path in files.items()}
    ids = {_snapshot_id(candidate, defaults, request.facts or candidate.facts, request.salvage, digests) for candidate in candidates}
    return next((snapshot for snapshot in snapshots if snapshot.snapshot_id in ids), None)


def file_digest(path: Path) -> str:
    """The sha256 of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _snapshot_id(mapping: CatalogMapping, defaults: Defaults | None, facts: Path | None, salvage: bool, sources: Mapping[str, str]) -> str:
    parts = [
        f"schema {SCHEMA_VERSION}",
        mapping.digest,
        defaults.digest if defaults else "",
        file_digest(facts) if facts else "",
        str(salvage),
    ]
    parts += [f"{name} {sources[name]}" for name in sorted(sources)]
    return "snap_" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _digests(mapping: CatalogMapping, staged: Mapping[str, StagedTable]) -> dict[str, str]:
    return {rule.name: staged[rule.name].source_sha256 for rule in mapping.tables if rule.of is None}


def _source(path: Path, rule: TableRule, table: StagedTable) -> SourceFile:
    name = _file_of(path, rule).name
    return SourceFile(
        table.name, name, table.source_sha256, table.source_bytes, table.rows, table.rejected_rows, table.format, table.encoding
    )
