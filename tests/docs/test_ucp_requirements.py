"""The table of what the Universal Commerce Protocol asks of a business: every row names a test that is there, or says why there is none."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "reference" / "ucp-requirements.md"
REASONS = ("not tested: ", "not offered: ")

# What the table holds, part by part: whoever adds or takes a row says so here.
ROWS = {
    "Discovery": 10,
    "Negotiation": 15,
    "Checkout": 35,
    "Messages": 5,
    "Totals": 7,
    "Fulfillment": 9,
    "Discounts and consent": 10,
    "Payment": 11,
    "Idempotency": 7,
    "Signatures": 13,
    "Cart": 9,
    "Catalog": 12,
    "Order and webhooks": 11,
    "MCP": 8,
}
PAGES = {
    "ap2-mandates",
    "buyer-consent",
    "cart",
    "catalog",
    "catalog lookup",
    "catalog rest",
    "catalog search",
    "checkout",
    "checkout-a2a",
    "checkout-mcp",
    "checkout-rest",
    "discount",
    "embedded-checkout",
    "fulfillment",
    "identity-linking",
    "order",
    "overview",
    "signatures",
}
"""The pages of the specification 2026-04-08 that say MUST to a business; schemas and Google's own words are named beside them."""


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
    for what, _, held in rows():
        named = re.findall(r"`(test_\w+)`", held)
        assert named or held.startswith(REASONS), f"{what}: neither a test nor a reason"
        assert not set(named) - there, f"{what}: {set(named) - there} is gone"


def test_every_row_says_what_and_where() -> None:
    assert all(len(row) == 3 and all(row) for row in rows())
    assert len({row[0] for row in rows()}) == len(rows())


def test_the_table_has_every_row_of_every_part_and_a_row_goes_only_with_its_count() -> None:
    parts = re.split(r"^## (.+)$", TABLE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    counted = {
        name: sum(line.startswith("| ") for line in text.splitlines()) - 1 for name, text in zip(parts[::2], parts[1::2], strict=True)
    }
    assert counted == ROWS
    assert sum(ROWS.values()) == len(rows())


def test_every_page_of_the_specification_that_binds_a_business_is_met() -> None:
    assert {where for _, where, _ in rows()} >= PAGES
