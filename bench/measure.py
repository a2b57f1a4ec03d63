"""How a command is measured: wall and CPU seconds by the operating system, peak memory as the sum over its whole process tree."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """What one finished command cost."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: int
    output: str


class CommandFailed(RuntimeError):
    """A measured command ended with an error, so there is nothing to report."""


def measured(command: Sequence[str], *, env: dict[str, str] | None = None, quiet: bool = True) -> Measured:
    """Runs the command to its end and says what it cost; CommandFailed carries the end of its output."""
    # An installed command has its byte code: without it, compiling the sources would be most of a short command.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen(
        command, env={**inherited, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT if quiet else None, text=True
    )
    peak: list[int] = [0]
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, done))
    watcher.start()
    output, _ = process.communicate()
    done.set()
    watcher.join()
    wall, after = time.perf_counter() - started, os.times()
    if process.returncode not in (0, 3):
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{output[-4000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(wall, cpu, peak[0] // 2**20, output)


def _watch(pid: int, peak: list[int], done: threading.Event) -> None:
    while not done.wait(POLL_SECONDS):
        peak[0] = max(peak[0], _tree_bytes(pid))


def _tree_bytes(root: int) -> int:
    """Resident memory of the process and all its descendants, shared pages counted once for each (an upper bound)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    tree, frontier = {root}, [root]
    while frontier:
        parent = frontier.pop()
        children = [pid for pid, its_parent in parents.items() if its_parent == parent and pid not in tree]
        tree.update(children)
        frontier.extend(children)
    return sum(_resident(pid) for pid in tree)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0
