"""Snapshots on disk: their manifests, and which one is the newest."""

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from tradewind.catalog.errors import SnapshotNotFound
from tradewind.catalog.model import Counts, Snapshot, SourceFile

MANIFEST = "manifest.json"


def snapshots_folder(home: Path) -> Path:
    """Where a workspace keeps its snapshots."""
    return home / "catalog" / "snapshots"


def list_snapshots(home: Path) -> list[Snapshot]:
    """Every finished snapshot, the newest first."""
    found = [_read(manifest.parent) for manifest in snapshots_folder(home).glob(f"*/{MANIFEST}")]
    return sorted(found, key=lambda snapshot: (snapshot.created_at, snapshot.snapshot_id), reverse=True)


def load_snapshot(home: Path, snapshot_id: str | None = None) -> Snapshot:
    """The snapshot with this id, or the one that `catalog/latest` names."""
    if snapshot_id is None:
        pointer = home / "catalog" / "latest"
        if not pointer.is_file():
            raise SnapshotNotFound(f"no catalog has been imported into {home}", hint="tradewind catalog import PATH")
        snapshot_id = pointer.read_text(encoding="utf-8").strip()
    folder = snapshots_folder(home) / snapshot_id
    if "/" in snapshot_id or not (folder / MANIFEST).is_file():
        raise SnapshotNotFound(f'there is no snapshot "{snapshot_id}" in {home}', hint="tradewind catalog snapshots")
    return _read(folder)


def write_manifest(snapshot: Snapshot, folder: Path) -> None:
    """Writes the manifest into `folder`: with it the snapshot exists."""
    body = asdict(snapshot)
    body["folder"] = None
    body["created_at"] = snapshot.created_at.isoformat()
    body["files"] = sorted(path.name for path in folder.glob("*.parquet"))
    (folder / MANIFEST).write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def point_latest(home: Path, snapshot_id: str) -> None:
    """Makes the snapshot the newest one, in one step that a crash cannot tear."""
    pointer = home / "catalog" / "latest"
    beside = pointer.with_name(f"latest.{os.getpid()}")
    beside.write_text(snapshot_id + "\n", encoding="utf-8")
    beside.replace(pointer)


def _read(folder: Path) -> Snapshot:
    raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Snapshot(
        snapshot_id=raw["snapshot_id"],
        folder=folder,
        created_at=datetime.fromisoformat(raw["created_at"]),
        mapping=raw["mapping"],
        language=raw["language"],
        sources=tuple(SourceFile(**source) for source in raw["sources"]),
        counts=Counts(**raw["counts"]),
        shard_count=raw["shard_count"],
        seconds=raw["seconds"],
    )
