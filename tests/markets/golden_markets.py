"""Writes what every market says on two days: `python -m tests.markets.golden_markets`. Read the difference before you commit it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from tests.markets.builders import resolved

from tradewind.markets import Market, load_markets

FOLDER = Path(__file__).parent / "golden"
TODAY = date(2026, 11, 23)
# A day before a rule changed, where one did.
EARLIER = {
    "us": "2025-06-01", "th": "2026-09-30", "vn": "2025-02-17", "ie": "2021-01-15", "ch": "2023-12-31", "sg": "2023-06-01",
    "gb": "2024-12-01", "ca": "2020-06-30", "nl": "2018-12-31",
}  # fmt: skip
BEFORE_THE_FLAT_DUTY = "2026-06-30"


def golden(market: Market) -> dict[str, Any]:
    days = [TODAY.isoformat(), EARLIER.get(market.code, BEFORE_THE_FLAT_DUTY)]
    head = {
        "level": market.level.value, "currency": market.currency.code, "languages": list(market.languages),
        "tax_included": market.tax_included, "ending": [market.ending_step, market.ending_last], "gaps": len(market.gaps),
        "unserved": [f"{one.kind}: {' '.join(one.postcodes)} {' '.join(one.regions)} {one.pattern or ''}".strip() for one in market.unserved],
        "zones": [zone.code for zone in market.zones],
    }  # fmt: skip
    return {**head, "days": {day: resolved(market, date.fromisoformat(day)) for day in days}}


def written(market: Market) -> str:
    return json.dumps(golden(market), ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"


if __name__ == "__main__":
    for code, market in load_markets().items():
        (FOLDER / f"{code}.json").write_text(written(market), encoding="utf-8")
