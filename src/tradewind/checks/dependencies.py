"""`python -m tradewind.checks.dependencies PYTHON LOCK…`: known weaknesses of the locked dependencies, by the pip-audit of that Python.

Exit code 1 for a finding. Without pip-audit, or without a way to its advisory service, a notice is printed and nothing is proven.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

AUDIT_SECONDS = 300
_NOTICE = "notice: 1 check did not run (dependency audit of {lock}: {reason})"


@dataclass(frozen=True, slots=True)
class Weakness:
    """A known weakness of a locked dependency, and the versions without it."""

    package: str
    version: str
    name: str
    fixed_in: tuple[str, ...]


def audit(lock: Path, program: Sequence[str]) -> list[Weakness] | str:
    """The weaknesses that the program finds in a lock file; or why it could not look."""
    command = [*program, "--requirement", str(lock), "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=AUDIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}"
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = done.stderr.strip().splitlines()
        return lines[-1][:200] if lines else f"it ended with {done.returncode} and said nothing"
    return [
        Weakness(one["name"], one["version"], found["id"], tuple(found.get("fix_versions", ())))
        for one in told
        for found in one.get("vulns", ())
    ]


def main(arguments: Sequence[str]) -> int:
    """Writes what was found, and gives the exit code."""
    python, *locks = arguments
    told, weak = [], False
    for lock in locks:
        found = audit(Path(lock), [python, "-m", "pip_audit"])
        if isinstance(found, str):
            told.append(_NOTICE.format(lock=lock, reason=found))
            continue
        weak = weak or bool(found)
        told += [
            f"error: {one.package} {one.version} has {one.name}\nnext:  {', '.join(one.fixed_in) or 'no fix is known'}" for one in found
        ]
        told += [] if found else [f"{lock}: no known weakness"]
    sys.stdout.write("\n".join(told) + "\n")
    return int(weak)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
