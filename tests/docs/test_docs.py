"""The written pages hold to the code: commands exist, links lead somewhere, generated pages are fresh, tutorials run."""

import os
import re
import shlex
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from tradewind.checks.docs_reference import commands, pages
from tradewind.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
TUTORIALS = sorted((DOCS / "tutorial").glob("*.md"))
README_LINES = 120
_BLOCK = re.compile(r"^```(\w+)(?: ([\w.-]+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(page: Path, kind: str) -> list[tuple[str, str]]:
    """(file name or "", text) of each fenced block of a kind."""
    return [(name, text) for found, name, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if found == kind]


def console_lines(page: Path) -> list[str]:
    return [line[2:] for _, text in blocks(page, "console") for line in text.splitlines() if line.startswith("$ ")]


def tradewind_calls(page: Path) -> list[list[str]]:
    """The words after `tradewind` of each call, up to a pipe, a redirection or a comment."""
    calls = [shlex.split(line, comments=True)[1:] for line in console_lines(page) if line.startswith("tradewind ")]
    return [list(takewhile(lambda word: word not in {"|", ">", "&&", "&"}, call)) for call in calls]


def problem_of(words: list[str]) -> str:
    """Why the command line would not be understood; empty when it would be."""
    known = commands()
    name = next((" ".join(words[:depth]) for depth in (3, 2, 1) if " ".join(words[:depth]) in known), "")
    if not name:
        return f"no such command: {' '.join(words)}"
    options = {option for parameter in known[name].params for option in [*parameter.opts, *parameter.secondary_opts]}
    unknown = [word for word in words if word.startswith("--") and word.split("=")[0] not in options | {"--help"}]
    return f"{name} has no {', '.join(unknown)}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_on_a_page_exists(page: Path) -> None:
    assert [problem for words in tradewind_calls(page) if (problem := problem_of(words))] == []


def test_an_invented_command_would_be_found() -> None:
    assert problem_of(["catalog", "imprt"]) != ""
    assert problem_of(["run", "--markts", "us"]) == "run has no --markts"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_internal_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.split("#")[0] for target in _LINK.findall(text) if "://" not in target and not target.startswith(("#", "mailto:"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_is_reachable_from_the_index() -> None:
    index = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "README.md", DOCS / "adr" / "README.md"))
    assert [named(page) for page in DOCS.rglob("*.md") if page.name != "README.md" and page.name not in index] == []


@pytest.mark.parametrize("name", ["settings.md", "cli.md", "errors.md", "states.md"])
def test_generated_pages_are_fresh(name: str) -> None:
    written = DOCS / "reference" / name
    assert written.exists(), "make docs"
    assert written.read_text(encoding="utf-8") == pages()[name], "run: make docs"


def test_every_setting_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`TRADEWIND_{name.upper()}`" not in text] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_python_on_a_page_runs(page: Path) -> None:
    for _, code in blocks(page, "python"):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=named)
def test_the_commands_of_a_tutorial_run(page: Path, open_folder: Path) -> None:
    for name, text in blocks(page, "csv") + blocks(page, "toml"):
        (open_folder / name).write_text(text, encoding="utf-8")
    lines = [line for line in console_lines(page) if not line.startswith(("make ", "source "))]
    script = "\n".join(f"{line} || [ $? -eq 3 ] || exit 9" for line in lines)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TRADEWIND_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=open_folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
