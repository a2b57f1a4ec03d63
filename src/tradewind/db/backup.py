"""One file that holds a whole workspace: a dump of the database, the snapshots, the runs, the published feeds and the pictures.

The dump comes first: snapshots and runs never change once written, so the files copied after it hold everything that it speaks of.
The list with the checksums comes last: a file that was cut short has none, and is refused.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from psycopg import conninfo, sql

from tradewind import __version__
from tradewind.db.database import Transaction, connect
from tradewind.db.errors import BackupFailed, BackupIsDamaged, RestoreWouldOverwrite
from tradewind.db.migrate import migration_level, upgrade
from tradewind.db.programs import installed_programs, make_home
from tradewind.kit import Clock, system_clock

FOLDERS = ("catalog", "confirmations", "runs", "feeds", "media")
FORMAT = 1
MAX_LIST_BYTES = 64 * 1024 * 1024
DUMP_TRIES = 5
_TABLE_WENT = re.compile(r"relation .* does not exist|could not open relation|could not obtain lock on relation|cache lookup failed")
_DUMP, _SCRIPT, _LIST = "database.dump", "database.sql", "tradewind-backup.json"
_ENVIRONMENT = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "gssencmode": "PGGSSENCMODE",
    "options": "PGOPTIONS", "passfile": "PGPASSFILE", "service": "PGSERVICE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds."""

    path: str
    created_at: str
    tradewind: str
    migration_level: str | None
    file_count: int
    total_bytes: int


def back_up(address: str, home: Path, target: Path, *, clock: Clock = system_clock) -> BackupSummary:
    """Writes a backup to `target`, a file or an existing folder. The file appears only when it is complete. BackupFailed."""
    created_at = clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    if target.is_dir():
        target /= f"tradewind-{created_at.replace(':', '').replace('-', '')}.tar"
    with connect(address) as connection:
        level = migration_level(connection).current
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with (
            _readable(target.parent, "write the backup"),
            tempfile.TemporaryDirectory(dir=target.parent) as scratch,
            tarfile.open(part, "x") as archive,
        ):
            dump = Path(scratch) / _DUMP
            _dump(address, dump)
            entries = {_DUMP: _add(archive, dump, _DUMP)}
            for path in _workspace_files(home):
                name = path.relative_to(home).as_posix()
                entries[name] = _add_link(archive, path, name, home) if path.is_symlink() else _add(archive, path, name)
            summary = {"format": FORMAT, "tradewind": __version__, "created_at": created_at, "migration_level": level, "entries": entries}
            _add_text(archive, _LIST, json.dumps(summary, indent=1, ensure_ascii=False))
        with open(part, "rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return BackupSummary(str(target), created_at, __version__, level, len(entries), target.stat().st_size)


def restore(address: str, home: Path, source: Path, *, force: bool = False) -> BackupSummary:
    """Brings a workspace back from a backup, checked completely before anything changes. RestoreWouldOverwrite unless empty or `force`."""
    home = make_home(home)
    if not force:
        _require_empty(address, home)
    with _readable(source, "read the backup"), tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as scratch:
        unpacked = Path(scratch)
        summary = _unpack(source, unpacked)
        dump = unpacked / _DUMP
        _replace_database(address, dump, unpacked / _SCRIPT)
        for folder in FOLDERS:
            _exchange(unpacked / folder, home / folder, unpacked / f"old-{folder}")
    upgrade(address)
    return summary


def _replace_database(address: str, dump: Path, script: Path) -> None:
    """Everything in one transaction: the database is either the old one or the new one."""
    _run("pg_restore", address, ["--no-owner", "--no-privileges", "--clean", "--if-exists", f"--file={script}", str(dump)])
    with connect(address) as connection:
        parted = connection.execute("SELECT partrelid::regclass::text AS name FROM pg_partitioned_table ORDER BY 1").fetchall()
    # What --clean takes away piece by piece cannot be taken from a partition: its keys are its parent's.
    drops = [f"--command=DROP TABLE {row['name']} CASCADE" for row in parted]
    options = ["--single-transaction", "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
    name = str(conninfo.conninfo_to_dict(address).get("dbname") or "")
    _run("psql", address, [*options, f"--dbname={name}", *drops, f"--file={script}"])


def _dump(address: str, dump: Path) -> None:
    """The database in one file. A publication may take a table away between pg_dump's list and its lock: then it is asked again."""
    for left in reversed(range(DUMP_TRIES)):
        try:
            _run("pg_dump", address, ["--format=custom", "--no-owner", "--no-privileges", f"--file={dump}"])
        except BackupFailed as error:
            if not left or not _TABLE_WENT.search(error.message):
                raise
        else:
            return


def _workspace_files(home: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_symlink() or path.is_file():
                yield path


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    digest = _digest(path)
    archive.add(path, name, recursive=False)
    return digest


def _add_link(archive: tarfile.TarFile, path: Path, name: str, home: Path) -> str:
    # Links are kept relative, so that a backup may be restored into another folder.
    goal = path.readlink()
    relative = os.path.relpath(goal, path.parent) if goal.is_absolute() else str(goal)
    inside = Path(os.path.normpath(path.parent / relative)).is_relative_to(home)
    if not inside:
        raise BackupFailed(f"{name} is a link to {goal}, which lies outside the workspace", hint="replace the link by the folder itself")
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, relative
    archive.addfile(entry)
    return f"link {relative}"


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _unpack(source: Path, target: Path) -> BackupSummary:
    try:
        with tarfile.open(source, "r:") as archive:
            archive.extractall(target, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise BackupIsDamaged(f"{source} is not a complete backup: {error}", hint="use another backup; nothing was changed") from error
    listing = target / _LIST
    if not listing.is_file() or listing.stat().st_size > MAX_LIST_BYTES:
        raise BackupIsDamaged(
            f"{source} is not a complete backup: it has no list of contents", hint="use another backup; nothing was changed"
        )
    told = json.loads(listing.read_text(encoding="utf-8"))
    if told.get("format") != FORMAT:
        raise BackupIsDamaged(
            f"{source} has the format {told.get('format')}, this version reads {FORMAT}", hint="restore it with the version that wrote it"
        )
    for name, digest in told["entries"].items():
        path = target / name
        found = f"link {path.readlink()}" if path.is_symlink() else _digest(path) if path.is_file() else "nothing"
        if found != digest:
            raise BackupIsDamaged(f"{source}: {name} does not have its checksum", hint="use another backup; nothing was changed")
    return BackupSummary(
        str(source), told["created_at"], told["tradewind"], told["migration_level"], len(told["entries"]), source.stat().st_size
    )


def _require_empty(address: str, home: Path) -> None:
    full = [folder for folder in FOLDERS if any((home / folder).glob("*"))]
    with connect(address) as connection:
        full += [name for name in _tables(connection) if _has_rows(connection, name)]
    if full:
        raise RestoreWouldOverwrite(
            f"this workspace already holds data: {', '.join(full[:5])}",
            hint="back it up first, then restore with --force, or set TRADEWIND_HOME to a new folder",
        )


def _tables(connection: Transaction) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        " AND tablename NOT LIKE 'procrastinate%' ORDER BY 1"
    )
    return [row["tablename"] for row in rows]


def _has_rows(connection: Transaction, table: str) -> bool:
    return connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone() is not None


def _exchange(new: Path, current: Path, old: Path) -> None:
    if current.exists():
        current.rename(old)
    if new.exists():
        new.rename(current)


def _run(program: str, address: str, options: list[str]) -> None:
    parts = conninfo.conninfo_to_dict(address)
    # The password travels in the environment: a command line can be read by everybody on the machine.
    environment = {variable: str(parts[key]) for key, variable in _ENVIRONMENT.items() if parts.get(key)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        [str(installed_programs() / program), "--no-password", *options], env=kept | environment | {"LC_ALL": "C"},
        capture_output=True, encoding="utf-8", errors="replace", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise BackupFailed(
            f"{program} failed: {lines[0] if lines else 'it gave no reason'}", hint="`tradewind doctor` checks the database and the disk"
        )


@contextmanager
def _readable(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupFailed(
            f"cannot {what} at {path}: {error.strerror or error}", hint="check the path, its permissions and the space left"
        ) from error


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_json(summary: BackupSummary) -> dict[str, object]:
    """The summary for `--json`."""
    return asdict(summary)
