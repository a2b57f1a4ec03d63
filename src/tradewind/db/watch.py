"""Stops the embedded server when its last user is gone, also when that user was killed. Run as a program by path, so it imports nothing of ours.

The truths are locks, which the kernel releases when their holder dies, however it dies:
`users.lock` is held shared by every process that uses the server; `server.lock` is inherited by every process of the server itself,
so it is free only when no zombie, no reused process id and no orphan can matter; `start.lock` is held while starting or stopping.
The order is always start.lock, then users.lock.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

START_LOCK, USERS_LOCK, SERVER_LOCK, WATCH_LOCK = "start.lock", "users.lock", "server.lock", "watch.lock"
STATE_FILE = "server.json"
FAST_STOP_SECONDS, IMMEDIATE_STOP_SECONDS, STUCK_STOP_SECONDS = 60.0, 10.0, 1.0
_POLL_SECONDS = 0.01


def open_lock(path: Path, *, create: bool = True) -> int:
    """A file description of its own; locks on it are independent of every other one, also inside one process."""
    return os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600)


def try_lock(descriptor: int) -> bool:
    """Whether the exclusive lock could be taken at once."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def locked(path: Path, *, create: bool = True) -> Iterator[None]:
    """Holds the exclusive lock of a file, waiting for it."""
    descriptor = open_lock(path, create=create)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def server_is_alive(folder: Path) -> bool:
    """Whether any process of this folder's server lives."""
    try:
        descriptor = open_lock(folder / SERVER_LOCK, create=False)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def read_state(folder: Path) -> dict[str, str]:
    """The name and the socket folder of the server that was started last; empty when unknown."""
    try:
        state = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
        return {str(key): str(value) for key, value in state.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def server_processes(name: str) -> list[int]:
    """The processes whose command line carries the server's name: the postmaster first. Empty where they cannot be seen."""
    mark = f"cluster_name={name}"
    title = f"postgres: {name}: "
    found: list[tuple[bool, int]] = []
    for pid, command in _commands():
        is_postmaster = mark in command
        if is_postmaster or command.startswith(title):
            found.append((not is_postmaster, pid))
    return [pid for _, pid in sorted(found)]


def _commands() -> Iterator[tuple[int, str]]:
    proc = Path("/proc")
    if (proc / "self" / "cmdline").exists():
        for entry in proc.iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    yield int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        return
    listing = subprocess.run(["/bin/ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False)
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command.strip()


def stop_server(folder: Path, *, is_stuck: bool = False) -> bool:
    """Stops the folder's server: fast first, then at once, then by force. Whether nothing of it lives afterwards."""
    name = read_state(folder).get("name", "")
    for number, seconds, everybody in (
        (signal.SIGINT, STUCK_STOP_SECONDS if is_stuck else FAST_STOP_SECONDS, False),
        (signal.SIGQUIT, STUCK_STOP_SECONDS if is_stuck else IMMEDIATE_STOP_SECONDS, True),
        (signal.SIGKILL, IMMEDIATE_STOP_SECONDS, True),
    ):
        if not server_is_alive(folder):
            break
        pids = server_processes(name) if name else []
        for pid in pids if everybody else pids[:1]:
            with contextlib.suppress(OSError):
                os.kill(pid, number)
        _wait_until_gone(folder, seconds if pids else 0.0)
    if server_is_alive(folder):
        return False
    _remove_socket_folder(folder)
    return True


def _wait_until_gone(folder: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while server_is_alive(folder) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _remove_socket_folder(folder: Path) -> None:
    socket_folder = read_state(folder).get("socket")
    if socket_folder:
        # Only an empty folder goes: what is not ours stays.
        with contextlib.suppress(OSError):
            Path(socket_folder).rmdir()


def main(folder: Path) -> None:
    """Waits for the moment without users, then stops the server, unless a new user was faster."""
    users = open_lock(folder / USERS_LOCK, create=False)
    name = read_state(folder).get("name", "")
    while True:
        fcntl.flock(users, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_UN)
        try:
            with locked(folder / START_LOCK, create=False):
                if not server_is_alive(folder):
                    return
                if try_lock(users):
                    stop_server(folder)
                    return
        except FileNotFoundError:
            # Somebody deleted the workspace under the running server.
            for pid in server_processes(name) if name else []:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGQUIT)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
