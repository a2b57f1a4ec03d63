"""Calls the command line in this process: what it printed, and its exit code."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tradewind.cli.app import main


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def is_two_lines(self) -> bool:
        """An error of ours: what happened, and what to do next."""
        lines = self.err.splitlines()
        return self.code == 1 and lines[0].startswith("error: ") and any(line.startswith("next:  ") for line in lines[1:])


class Tradewind:
    """The command, in a workspace of its own."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home, self._capture = home, capture

    def __call__(self, *arguments: object) -> Said:
        code, words = 0, [str(one) for one in arguments]
        before, sys.argv = sys.argv, ["tradewind", *words]  # a worker of pytest-xdist has none of its own, which reads as a plea for help
        try:
            main(words)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        finally:
            sys.argv = before
        printed = self._capture.readouterr()
        return Said(code, printed.out, printed.err)
