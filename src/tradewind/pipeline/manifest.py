"""A run's manifest: what it was planned from, what came out, and where each market stands. One JSON file, replaced atomically."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.pipeline.errors import ManifestIsBroken, MarketNotInRun, RunNotFound
from tradewind.pipeline.rows import Rows
from tradewind.pipeline.rules import MARKET_RUN, Finding, Sample

MANIFEST = "manifest.json"
RESULT = "result.json"
FORMAT = 1
SAMPLES_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate said: with which run it compared, and why the market waits (no findings: it passed)."""

    compared_with: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class MarketRun:
    """One market in one run. `state` is a state of MARKET_RUN, or None while shards are missing."""

    market: str
    plan_digest: str
    currency: str
    state: str | None = None
    considered: int = 0
    chosen: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    computed: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    gate: Gate | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    published_at: datetime | None = None
    previous_run_id: str | None = None
    notes: tuple[str, ...] = ()
    feeds: dict[str, int] = field(default_factory=dict)
    """The bytes of each feed file when the run was computed, nothing left out; none in runs of earlier releases."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a run is: equal `plan_digest` means that the same inputs and rules would be used again."""

    run_id: str
    snapshot_id: str
    as_of: str
    created_at: datetime
    created_by: str
    plan_digest: str
    code_digest: str
    shard_count: int
    placement: str
    markets: tuple[MarketRun, ...]
    stock_sha256: tuple[str, ...] = ()
    prices_sha256: str | None = None
    shards: tuple[dict[str, Any], ...] = ()
    computed_at: datetime | None = None
    superseded: bool = False
    seconds: float = 0.0
    format: int = FORMAT

    @property
    def is_computed(self) -> bool:
        return self.computed_at is not None

    def market(self, market: str) -> MarketRun:
        """The market's part; MarketNotInRun when the run does not cover it."""
        for part in self.markets:
            if part.market == market:
                return part
        raise MarketNotInRun(
            f'the run {self.run_id} has no market "{market}"',
            hint=f"it covers {', '.join(part.market for part in self.markets)}",
        )

    def with_market(self, part: MarketRun) -> "Manifest":
        """The manifest with this market's part replaced."""
        return replace(self, markets=tuple(part if old.market == part.market else old for old in self.markets))

    def fired(self, market: str, transition: str, **changes: Any) -> "Manifest":
        """The manifest after a step of the market's state machine; TransitionNotAllowed when there is no such step."""
        part = self.market(market)
        state = MARKET_RUN.fire(part.state or "computing", transition, part)
        return self.with_market(replace(part, state=state, **changes))


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the files of the batch stream lie (docs/reference/batch-contract.md)."""

    home: Path

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    def run(self, run_id: str) -> Path:
        return self.runs / run_id

    def stock(self, run_id: str, shard: int) -> Path:
        return self.run(run_id) / f"stock-{shard:05d}.parquet"

    def prices(self, run_id: str) -> Path:
        """What its dated offers were published at when the run began."""
        return self.run(run_id) / "prices.parquet"

    def shards(self, run_id: str) -> Path:
        return self.run(run_id) / "shards"

    def shard(self, run_id: str, shard: int) -> Path:
        return self.shards(run_id) / f"{shard:05d}"

    def rows(self, run_id: str, market: str, name: str) -> Rows:
        """The table in the files `name` of a run's market, shard by shard; false when there is none."""
        return Rows.of(sorted(self.shards(run_id).glob(f"[0-9]*/{market}")), name)

    def run_feeds(self, run_id: str, market: str) -> Path:
        return self.run(run_id) / "feeds" / market

    def feeds_link(self, market: str) -> Path:
        return self.home / "feeds" / market

    def snapshot(self, snapshot_id: str) -> Path:
        return self.home / "catalog" / "snapshots" / snapshot_id

    def products(self, snapshot_id: str) -> list[Path]:
        return sorted(self.snapshot(snapshot_id).glob("products-*.parquet"))


def write_atomically(path: Path, text: str) -> None:
    """Readers see the old file or the new one, also after a power cut."""
    write_bytes_atomically(path, text.encode())


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """The same for bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with scratch.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    scratch.replace(path)


def sync(folder: Path) -> None:
    """The files of the folder, and their names, are on the disk when this returns."""
    for path in (*sorted(path for path in folder.iterdir() if path.is_file()), folder):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def to_json(value: Any) -> str:
    """Any of the pipeline's values as JSON; times as ISO 8601, names as they are written."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def save(workspace: Workspace, manifest: Manifest) -> None:
    """The manifest on disk, replaced atomically."""
    write_atomically(workspace.run(manifest.run_id) / MANIFEST, to_json(asdict(manifest)))


def load(workspace: Workspace, run_id: str) -> Manifest:
    """A run's manifest; RunNotFound or ManifestIsBroken."""
    path = workspace.run(run_id) / MANIFEST
    try:
        return _manifest(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        raise RunNotFound(f'there is no run "{run_id}" in {workspace.runs}', hint="list them with: tradewind run list") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestIsBroken(
            f"the manifest {path} cannot be read: {error}", hint=f"remove the folder {path.parent} and run again: tradewind run"
        ) from None


def every(workspace: Workspace) -> Iterator[Manifest]:
    """Every readable run, newest first. A folder whose manifest was never written is no run."""
    folders = sorted((path for path in workspace.runs.glob("run_*") if path.is_dir()), reverse=True)
    for folder in folders:
        with suppress(RunNotFound):
            yield load(workspace, folder.name)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return str(value)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _manifest(data: dict[str, Any]) -> Manifest:
    return Manifest(
        **data
        | {
            "created_at": datetime.fromisoformat(data["created_at"]),
            "computed_at": _moment(data["computed_at"]),
            "markets": tuple(_market(part) for part in data["markets"]),
            "shards": tuple(data["shards"]),
            "stock_sha256": tuple(data["stock_sha256"]),
        }
    )


def _market(data: dict[str, Any]) -> MarketRun:
    gate = data["gate"]
    return MarketRun(
        **data
        | {
            "decided_at": _moment(data["decided_at"]),
            "published_at": _moment(data["published_at"]),
            "notes": tuple(data["notes"]),
            "gate": gate and Gate(gate["compared_with"], tuple(_finding(found) for found in gate["findings"])),
        }
    )


def _finding(data: dict[str, Any]) -> Finding:
    return Finding(**data | {"samples": tuple(Sample(**sample) for sample in data["samples"])})
