"""What the documents say about the run is what the code does."""

from pathlib import Path

from tradewind.pipeline.rules import MARKET_RUN
from tradewind.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_diagram_is_the_table() -> None:
    assert MARKET_RUN.diagram() in (DOCS / "explanation" / "the-run.md").read_text(encoding="utf-8")


def test_every_limit_of_the_gate_is_explained() -> None:
    text = (DOCS / "explanation" / "the-run.md").read_text(encoding="utf-8")
    limits = [name for name in Settings.model_fields if name.startswith("gate_")]
    assert [name for name in limits if f"TRADEWIND_{name.upper()}" not in text] == []
