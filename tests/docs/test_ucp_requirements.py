"""The table of what the Universal Commerce Protocol asks of a business: every row names a test that is there, or says why there is none."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "reference" / "ucp-requirements.md"
REASONS = ("not tested: ", "not offered: ")


def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith(("| What ", "| ---"))]


def names_of_tests() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found |= {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}
    return found


def test_every_requirement_is_held_by_a_test_or_by_a_reason() -> None:
    there = names_of_tests()
    assert len(rows()) > 80
    for what, _, held in rows():
        named = re.findall(r"`(test_\w+)`", held)
        assert named or held.startswith(REASONS), f"{what}: neither a test nor a reason"
        assert not set(named) - there, f"{what}: {set(named) - there} is gone"


def test_every_row_says_what_and_where() -> None:
    assert all(len(row) == 3 and all(row) for row in rows())
    assert len({row[0] for row in rows()}) == len(rows())
