"""Remembers the rates that prices were made with: one small JSON file in the workspace, replaced as a whole."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tradewind.pricing import DatedRate, RateIsInvalid, UsedRates

USED_FILE = "fx-used.json"
_KEYS = ("base", "quote", "numerator", "denominator", "day", "source")


def load_used(home: Path) -> UsedRates:
    """The rates used last; none before the first run. RateIsInvalid when the file is not ours."""
    path = home / USED_FILE
    if not path.is_file():
        return {}
    try:
        rows = json.loads(path.read_text("utf-8"))
        found = [
            DatedRate(
                row["base"], row["quote"], int(row["numerator"]), int(row["denominator"]), date.fromisoformat(row["day"]), row["source"]
            )
            for row in rows
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise RateIsInvalid(f"{path} cannot be read: {error}", hint="delete it: the next run prices with the newest rates") from None
    return {(one.base, one.quote): one for one in found if one.numerator > 0 and one.denominator > 0}


def save_used(home: Path, taken: Mapping[tuple[str, str], DatedRate]) -> Path:
    """Keeps the rates of a run, over those that it did not ask for. A look back at an earlier day does not take the place of a later rate."""
    held = load_used(home)
    merged = {**held, **{pair: one for pair, one in taken.items() if pair not in held or one.day >= held[pair].day}}
    rows = [{key: str(getattr(one, key)) if key == "day" else getattr(one, key) for key in _KEYS} for _, one in sorted(merged.items())]
    path = home / USED_FILE
    home.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    aside.replace(path)
    return path
