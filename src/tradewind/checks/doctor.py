"""`tradewind doctor`: looks at everything an installation stands on, and says what to do about what it finds."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from pydantic import SecretStr

from tradewind.adapters.papers import find_fonts
from tradewind.adapters.registry import load_adapter, third_party_adapters
from tradewind.db import Transaction, migration_level, open_address, outbox
from tradewind.db.database import connect, place
from tradewind.db.programs import make_home, orphaned_folders
from tradewind.kit import Clock, TradewindError, system_clock
from tradewind.settings import Settings

DISK_PROBLEM_BYTES = 200 * 1024 * 1024
DISK_WARNING_BYTES = 2 * 1024 * 1024 * 1024
OUTBOX_WARNING = timedelta(minutes=5)
CLOCK_SKEW_WARNING = timedelta(seconds=5)
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)  # a clock before this is wrong
FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
_PYTHON = (3, 11)
_FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("~/.local/share/fonts"),
    Path("~/.fonts"),
    Path("/Library/Fonts"),
)
_FONTS = {
    "Thai": ("th", r"thai|loma|garuda|norasi|tlwg|laksaman"),
    "Chinese": ("zh-cn", r"cjk|wqy|droid.*fallback|songti|pingfang|sourcehan"),
}
_FONT_LIST_SECONDS = 20
# What a connection's failure says, and what to do about it; the first that fits. Doctor cannot send anyone to doctor.
_DATABASE_HINTS = (
    ("cannot be read", "write it like postgresql://user:password@host:5432/name"),
    ("resolve", "correct the host's name"),
    ("refused", "start the server, or correct host and port"),
    ("timeout|timed out", "look whether the server runs and a firewall lets this machine in"),
    ("authentication|password|role .* does not exist", "correct user and password"),
    ("database .* does not exist", "create it (createdb), or correct the name at the end"),
)
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?(?P<limits>[^;]*)(?P<marker>;.*)?$")


class Status(StrEnum):
    """How bad a finding is. Only a problem keeps Tradewind from working."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it (empty when nothing)."""

    subject: str
    status: Status
    message: str
    next_step: str = ""


def examine(settings: Settings, *, clock: Clock = system_clock) -> list[Finding]:
    """Every finding, in the order in which things depend on each other. Never raises: what fails is a finding."""
    examinations: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("python", _python),
        ("workspace", lambda: _workspace(settings)),
        ("disk", lambda: _disk(settings)),
        ("clock", lambda: _clock(clock())),
        ("database", lambda: _database(settings, clock())),
        ("rules", lambda: _rules(settings, clock())),
        ("fonts", _fonts),
        ("papers", lambda: _papers(settings)),
        ("secrets", lambda: _secrets(settings)),
        ("adapters", _adapters),
    ]
    found: list[Finding] = []
    for subject, examination in examinations:
        try:
            found.extend(examination())
        except TradewindError as error:
            found.append(Finding(subject, Status.PROBLEM, error.message, error.hint))
    return found


def _python() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < _PYTHON:
        yield Finding("python", Status.PROBLEM, f"Python {version} is too old", "use Python 3.11 or newer")
        return
    bad = [text for requirement in metadata.requires("tradewind") or [] if (text := dependency_problem(requirement))]
    if bad:
        yield Finding("dependencies", Status.PROBLEM, "; ".join(bad), "install Tradewind again: make setup")
    yield Finding("python", Status.OK, f"Python {version}, Tradewind {metadata.version('tradewind')}")


def dependency_problem(requirement: str) -> str:
    """What is wrong with an installed dependency, such as `duckdb>=2.0,<2.1`; empty when nothing is, or when it is optional."""
    parts = _REQUIREMENT.match(requirement)
    if parts is None or "extra" in (parts["marker"] or ""):
        return ""
    try:
        installed = metadata.version(parts["name"])
    except metadata.PackageNotFoundError:
        return f"{parts['name']} is not installed"
    for limit in filter(None, (text.strip() for text in parts["limits"].split(","))):
        if not _is_within(installed, limit):
            return f"{parts['name']} {installed} is installed, {parts['limits'].strip()} is needed"
    return ""


def _is_within(installed: str, limit: str) -> bool:
    have, wanted = _numbers(installed), _numbers(limit)
    if limit.startswith(">="):
        return have >= wanted
    if limit.startswith("<"):
        return have < wanted
    return True


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _workspace(settings: Settings) -> Iterator[Finding]:
    home = make_home(settings.home)
    try:
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"tradewind")
    except OSError as error:
        yield Finding(
            "workspace", Status.PROBLEM, f"{home} cannot be written: {error.strerror}", "set TRADEWIND_HOME to a folder that you may write"
        )
        return
    yield Finding("workspace", Status.OK, f"{home} can be written")
    for folder in orphaned_folders():
        yield Finding(
            "workspace",
            Status.WARNING,
            f"{folder} holds the database of a workspace that is gone",
            f"rm -r {folder}, if you do not miss it",
        )


def _disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(make_home(settings.home)).free
    text = f"{free // 1024 // 1024:,} MB free at {settings.home}"
    if free < DISK_PROBLEM_BYTES:
        yield Finding("disk", Status.PROBLEM, text, "free some space: the database stops when the disk is full")
    elif free < DISK_WARNING_BYTES:
        yield Finding(
            "disk", Status.WARNING, text, "a run of 1,000,000 products writes some 2 GB: lower TRADEWIND_KEEP_RUNS or free some space"
        )
    else:
        yield Finding("disk", Status.OK, text)


def _clock(now: datetime) -> Iterator[Finding]:
    if RELEASED <= now < FAR_FUTURE:
        yield Finding("clock", Status.OK, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    else:
        yield Finding(
            "clock",
            Status.PROBLEM,
            f"the clock shows {now:%Y-%m-%d %H:%M}: rules and prices depend on the day",
            "set the clock, or start a time service such as chrony",
        )


def _database(settings: Settings, now: datetime) -> Iterator[Finding]:
    with ExitStack() as stack:
        address = stack.enter_context(open_address(settings))()
        try:
            connection = stack.enter_context(connect(address))
        except TradewindError as error:
            yield Finding("database", Status.PROBLEM, error.message, database_hint(error.message) if settings.database_url else error.hint)
            return
        row = connection.execute("SELECT current_setting('server_version') AS version, clock_timestamp() AS now").fetchone() or {}
        where = place(address) if settings.database_url else f"embedded in {settings.home}"
        yield Finding("database", Status.OK, f"PostgreSQL {row['version']}, {where}")
        skew = abs(row["now"] - now)
        if settings.database_url and skew > CLOCK_SKEW_WARNING:
            yield Finding(
                "clock",
                Status.WARNING,
                f"the database server's clock differs by {int(skew.total_seconds())} s",
                "start a time service on both machines",
            )
        level = migration_level(connection)
        if not level.is_enough:
            # The embedded server is migrated when it is next used; only a new workspace is seen like this.
            status = Status.PROBLEM if settings.database_url else Status.WARNING
            yield Finding("migrations", status, f"at {level.current or 'nothing'}, {level.needed} is needed", "tradewind db upgrade")
            return
        yield Finding("migrations", Status.OK, f"at {level.current}")
        yield from _queue(connection)


def database_hint(message: str) -> str:
    """What to do about a connection that failed, by what its error says."""
    way = next((hint for pattern, hint in _DATABASE_HINTS if re.search(pattern, message)), "see what the server's log says")
    return f"{way}; the setting is TRADEWIND_DATABASE_URL, and without it a database in the workspace is used"


def _queue(connection: Transaction) -> Iterator[Finding]:
    count, oldest = outbox.waiting(connection)
    row = connection.execute("SELECT clock_timestamp() AS now").fetchone() or {}
    if oldest is not None and row["now"] - oldest > OUTBOX_WARNING:
        yield Finding("jobs", Status.WARNING, f"{count} wait since {oldest:%Y-%m-%d %H:%M} UTC: no worker runs", "tradewind worker")
    else:
        yield Finding("jobs", Status.OK, f"{count} wait")


def _rules(settings: Settings, now: datetime) -> Iterator[Finding]:
    from tradewind.markets import check, load_confirmations, load_markets

    markets = load_markets(settings.own_rules)
    confirmations = load_confirmations(settings.home / "confirmations")
    open_findings = [finding for market in markets.values() for finding in check(market, now.date(), confirmations)]
    if open_findings:
        names = ", ".join(sorted({finding.market for finding in open_findings}))
        yield Finding("rules", Status.WARNING, f"{len(open_findings)} rules need a person's eye: {names}", "tradewind market check")
    else:
        yield Finding("rules", Status.OK, f"{len(markets)} markets load and are in force: {', '.join(sorted(markets))}")


def _fonts() -> Iterator[Finding]:
    for script, (language, pattern) in _FONTS.items():
        if _font_for(language, pattern):
            yield Finding("fonts", Status.OK, f"a {script} font is installed")
        else:
            yield Finding(
                "fonts",
                Status.WARNING,
                f"no {script} font is installed: papers and pictures show boxes",
                "install fonts-noto-cjk and fonts-thai-tlwg (Debian names)",
            )


def _papers(settings: Settings) -> Iterator[Finding]:
    missing = find_fonts(settings.font_folder).missing()
    for script, package in missing:
        yield Finding("papers", Status.WARNING, f"no TrueType font for {script}: invoices in it cannot be written", f"install {package}")
    if not missing:
        yield Finding("papers", Status.OK, "invoices can be written in every language")


def _font_for(language: str, pattern: str) -> bool:
    program = shutil.which("fc-list")
    if program:
        try:
            done = subprocess.run(
                [program, f":lang={language}", "family"], capture_output=True, text=True, timeout=_FONT_LIST_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return bool(done.stdout.strip())
    names = (path.name for folder in _FONT_FOLDERS for path in folder.expanduser().rglob("*.?t?"))
    return any(re.search(pattern, name, re.IGNORECASE) for name in names)


def _secrets(settings: Settings) -> Iterator[Finding]:
    secrets = [
        name
        for name, field in type(settings).model_fields.items()
        if SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ()))
    ]
    given = [name for name in secrets if getattr(settings, name) is not None]
    absent = [name for name in secrets if name not in given]
    text = "; ".join(
        filter(None, (f"set: {', '.join(given)}" if given else "", f"not set, and not needed: {', '.join(absent)}" if absent else ""))
    )
    yield Finding("secrets", Status.OK, text)


def _adapters() -> Iterator[Finding]:
    found = third_party_adapters()
    for adapter in found:
        try:
            load_adapter(adapter.port, adapter.name)
        except TradewindError as error:
            yield Finding("adapters", Status.PROBLEM, error.message, error.hint)
        else:
            yield Finding("adapters", Status.OK, f"{adapter.port}.{adapter.name} of {adapter.package} {adapter.version} loads")
    if not found:
        yield Finding("adapters", Status.OK, "no third-party adapters are installed")
