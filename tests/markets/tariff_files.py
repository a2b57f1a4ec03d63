"""Small exports in the shapes of the official ones, and loading them, for the tests of tariffs."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from tradewind.markets import TariffOrder, TariffReport, load_tariff

TODAY = date(2026, 11, 23)


def a_line(htsno: str, indent: int, general: str = "", **more: Any) -> dict[str, Any]:
    """A record of the USITC's JSON export."""
    record = {"htsno": htsno, "indent": str(indent), "description": "Goods", "superior": None, "units": [], "general": general,
              "special": "", "other": "", "footnotes": [], "quotaQuantity": None, "additionalDuties": None}  # fmt: skip
    return record | more


def an_hts(folder: Path, *lines: dict[str, Any], name: str = "hts_2026-09.json") -> Path:
    """An export of the USITC as a file."""
    path = folder / name
    path.write_text(json.dumps(list(lines)), encoding="utf-8")
    return path


def a_csv(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(rules: Path, file: Path, tariff: str = "us", currency: str = "USD", kind: str = "") -> TariffReport:
    """A file loaded into the tariffs of a rules folder."""
    return load_tariff(rules / "tariffs", TariffOrder(file, tariff, currency, "Mei", TODAY, kind))
