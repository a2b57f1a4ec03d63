"""The embedded PostgreSQL 18 of a workspace: created and started when first used, stopped with its last user. No port, no password, no Docker.

How processes agree on what is true (locks, and who waits for whom) is told in watch.py; who the server runs as, in programs.py.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import conninfo, errors, pq, sql

from tradewind.db import watch
from tradewind.db.database import connect
from tradewind.db.errors import EmbeddedDatabaseDidNotStart, EmbeddedDatabaseIsUnreachable
from tradewind.db.programs import Runner, private_programs, server_folder

DATABASE = "tradewind"
USER = "tradewind"
_PORT = 5432  # only the name of the socket file: nothing listens on TCP
_SOCKET_PATH_BYTES = 107  # what the kernel accepts
NEEDED_BYTES = 200 * 1024 * 1024  # an empty cluster is 40 MB, its write-ahead log grows by 16 MB files
_START_SECONDS = 300
SILENT_SECONDS = 10.0
_PING_SECONDS = 2
_INITDB = (
    "--auth=trust", "-U", USER, "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
    "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "jit=off", "-c", "timezone=UTC", "-c", "log_timezone=UTC",
)  # fmt: skip


@dataclass(slots=True)
class EmbeddedServer:
    """The server of one folder, as one of its users sees it."""

    home: Path
    folder: Path
    runner: Runner
    options: tuple[str, ...] = ()
    needed_bytes: int = NEEDED_BYTES
    silent_seconds: float = SILENT_SECONDS
    _users: int = field(default=-1)

    @property
    def name(self) -> str:
        """A short name made from the workspace's path; the server's processes carry it."""
        return "tradewind-" + hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]

    def address(self, database: str = DATABASE) -> str:
        """The connection string. It names a socket that only the server's own user (and root) can reach, so it holds no secret."""
        return conninfo.make_conninfo(
            host=watch.read_state(self.folder).get("socket", ""),
            port=_PORT,
            user=USER,
            dbname=database,
            sslmode="disable",
            gssencmode="disable",
        )

    def ping(self) -> pq.Ping:
        """OK when it answers, REJECT while it starts or stops, otherwise NO_RESPONSE."""
        if not watch.read_state(self.folder):
            return pq.Ping.NO_RESPONSE
        address = conninfo.make_conninfo(self.address("postgres"), connect_timeout=_PING_SECONDS)
        return pq.Ping(pq.PGconn.ping(address.encode()))

    def enter(self) -> None:
        """Becomes a user of the server, starting it when it does not answer."""
        with watch.locked(self.folder / watch.START_LOCK):
            self._users = watch.open_lock(self.folder / watch.USERS_LOCK)
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._ensure_running()

    def ensure_running(self) -> None:
        """Starts the server again when it died under its users. Cheap when it answers."""
        if self.ping() is pq.Ping.OK:
            return
        with watch.locked(self.folder / watch.START_LOCK):
            self._ensure_running()

    def leave(self) -> None:
        """Stops being a user; the last one stops the server."""
        if self._users < 0:
            return
        users, self._users = self._users, -1
        try:
            with watch.locked(self.folder / watch.START_LOCK):
                if watch.try_lock(users):
                    watch.stop_server(self.folder)
        finally:
            os.close(users)

    def ensure_database(self, name: str) -> None:
        """Creates the database when it does not exist; two processes may try at once."""
        with connect(self.address("postgres")) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                with contextlib.suppress(errors.DuplicateDatabase, errors.UniqueViolation):
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _ensure_running(self) -> None:
        if self._answers_or_is_gone():
            self._start_watch()
            return
        alive = watch.open_lock(self.folder / watch.SERVER_LOCK)
        try:
            if not watch.try_lock(alive):
                raise EmbeddedDatabaseIsUnreachable(
                    f"a server that does not answer holds {self.folder}, and its processes cannot be seen from here",
                    hint="is the workspace used from another container? stop that one, or set TRADEWIND_HOME to another folder",
                )
            self._start(alive)
        finally:
            os.close(alive)  # the server's processes inherited the lock and keep it as long as one of them lives
        self._start_watch()

    def _answers_or_is_gone(self) -> bool:
        """True when it answers. False when nothing of it lives; a silent one is stopped first."""
        started = silent_since = time.monotonic()
        while True:
            answer = self.ping()
            if answer is pq.Ping.OK:
                return True
            if not watch.server_is_alive(self.folder):
                return False
            now = time.monotonic()
            if answer is pq.Ping.REJECT:
                silent_since = now
            if now - silent_since > self.silent_seconds or now - started > _START_SECONDS:
                watch.stop_server(self.folder, is_stuck=True)
                return False
            time.sleep(0.05)

    def _start(self, alive: int) -> None:
        programs = private_programs(self.folder, self.runner)
        data = self.folder / "data"
        if not (data / "PG_VERSION").is_file():
            self._create(programs, data)
        # The lock says that no process of this server lives, so whatever the file names is a zombie, a stranger or cut short.
        (data / "postmaster.pid").unlink(missing_ok=True)
        socket_folder = self._socket_folder()
        for leftover in socket_folder.glob(".s.PGSQL.*"):
            leftover.unlink()
        self._write_state({"name": self.name, "socket": str(socket_folder)})
        settings = {"cluster_name": self.name, **dict(option.split("=", 1) for option in self.options)}
        options = " ".join([f"-k {socket_folder}", f"-p {_PORT}", *(f"-c {key}={value}" for key, value in settings.items())])
        # The folder reaches pg_ctl as PGDATA and as working directory, never through the shell line that it builds.
        command = [str(programs / "pg_ctl"), "start", "-s", "-w", "-t", str(_START_SECONDS), "-l", "server.log", "-o", options]
        done = self.runner.run(command, cwd=self.folder, data=data, keep=(alive,))
        if done.returncode != 0:
            raise self._did_not_start("start", done.stderr, self._end_of_log())

    def _create(self, programs: Path, data: Path) -> None:
        for leftover in self.folder.glob("data-new-*"):
            shutil.rmtree(leftover)
        free = shutil.disk_usage(self.folder).free
        if free < self.needed_bytes:
            raise EmbeddedDatabaseDidNotStart(
                f"the disk of {self.folder} has {free // 1024 // 1024} MB left; a database needs {self.needed_bytes // 1024 // 1024} MB",
                hint="free some space, or set TRADEWIND_HOME to a folder on a larger disk",
            )
        fresh = data.with_name(f"data-new-{os.getpid()}")
        unsafe = ["--no-sync"] if "fsync=off" in self.options else []
        done = self.runner.run([str(programs / "initdb"), *_INITDB, *unsafe], cwd=self.folder, data=fresh)
        if done.returncode != 0:
            raise self._did_not_start("initdb", done.stderr, done.stdout)
        fresh.rename(data)

    def _socket_folder(self) -> Path:
        """A 0700 folder of the server's user with a path short enough for the kernel."""
        for base in dict.fromkeys((Path("/tmp"), Path(tempfile.gettempdir()), Path("/var/tmp"))):  # noqa: S108 - made 0700 and checked
            wanted = base / self.name
            if len(os.fsencode(wanted / f".s.PGSQL.{_PORT}")) > _SOCKET_PATH_BYTES - len("-12345678"):
                continue
            with contextlib.suppress(OSError):
                return self._own_folder(wanted)
        raise EmbeddedDatabaseDidNotStart(
            "there is no temporary folder for the socket: /tmp, TMPDIR and /var/tmp cannot be written", hint="make /tmp writable"
        )

    def _own_folder(self, wanted: Path) -> Path:
        try:
            wanted.mkdir(mode=0o700)
        except FileExistsError:
            held = wanted.lstat()
            if held.st_mode == 0o40700 and held.st_uid == self.runner.uid:
                return wanted
            wanted = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=wanted.parent))
        if self.runner.user is not None:
            os.chown(wanted, self.runner.user.pw_uid, self.runner.user.pw_gid)
        return wanted

    def _write_state(self, state: dict[str, str]) -> None:
        fresh = self.folder / f"{watch.STATE_FILE}.new"
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.folder / watch.STATE_FILE)

    def _start_watch(self) -> None:
        held = watch.open_lock(self.folder / watch.WATCH_LOCK)
        try:
            if watch.try_lock(held):
                # Through a shell that ends at once: the watcher is nobody's child, so it leaves no zombie behind.
                command = ["/bin/sh", "-c", '"$@" &', "sh", sys.executable, "-I", "-S", watch.__file__, str(self.folder)]
                subprocess.run(
                    command, pass_fds=(held,), start_new_session=True, check=True, cwd="/",
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
        finally:
            os.close(held)

    def _end_of_log(self) -> str:
        try:
            return (self.folder / "server.log").read_bytes()[-2000:].decode("utf-8", "replace")
        except OSError:
            return ""

    def _did_not_start(self, step: str, *texts: str) -> EmbeddedDatabaseDidNotStart:
        lines = [
            line for text in texts for line in text.splitlines() if "No space left" in line or "FATAL" in line or "error" in line.lower()
        ]
        if any("No space left" in line for line in lines):
            return EmbeddedDatabaseDidNotStart(f"the disk of {self.folder} is full", hint="free some space and run the command again")
        reason = lines[-1].strip() if lines else "it gave no reason"
        return EmbeddedDatabaseDidNotStart(
            f"the embedded PostgreSQL in {self.folder} failed at {step}: {reason}",
            hint=f"read {self.folder / 'server.log'}; `tradewind doctor` checks disk and permissions",
        )


@contextmanager
def running_server(
    home: Path, *, options: tuple[str, ...] = (), needed_bytes: int = NEEDED_BYTES, silent_seconds: float = SILENT_SECONDS
) -> Iterator[EmbeddedServer]:
    """The workspace's server, running while the block runs. `options` are server settings such as `fsync=off`, for tests."""
    folder, runner = server_folder(home)
    server = EmbeddedServer(home.resolve(), folder, runner, options, needed_bytes, silent_seconds)
    try:
        server.enter()
        yield server
    finally:
        server.leave()
