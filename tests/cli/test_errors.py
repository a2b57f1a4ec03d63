"""The command line from outside: every failure is two lines, what happened and what to do, and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def tradewind(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {f"TRADEWIND_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "tradewind", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def is_two_lines(done: subprocess.CompletedProcess[str]) -> bool:
    lines = done.stderr.splitlines()
    return done.returncode == 1 and len(lines) == 2 and lines[0].startswith("error: ") and lines[1].startswith("next:  ")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["demo", "--no-serve"], ["run", "--markets", "us"], ["serve", "--port", "0"]])
def test_a_home_that_is_a_file_is_said_in_two_lines(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    assert is_two_lines(done := tradewind(*arguments, home=str(tmp_path / "home"))), done.stderr


@pytest.mark.slow
def test_serving_without_its_database_announces_no_address(tmp_path: Path) -> None:
    done = tradewind("serve", "--port", "0", home=str(tmp_path), database_url="postgresql://nobody@127.0.0.1:9/nothing")
    assert is_two_lines(done), done.stderr
    assert done.stdout == ""
    assert "127.0.0.1:9" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("noun", ["order", "payment", "webhook"])
def test_a_state_that_does_not_exist_is_refused_with_those_that_do(noun: str, tmp_path: Path) -> None:
    done = tradewind(noun, "list", "--status", "sent", home=str(tmp_path), database_url="postgresql://nobody@127.0.0.1:9/nothing")
    assert done.returncode == 2
    assert '"sent" is none of' in done.stderr
