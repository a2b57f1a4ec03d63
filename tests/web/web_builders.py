"""A published window to look at: offers with every field, in three markets, and pictures drawn here."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from tradewind.pipeline.manifest import Gate, Manifest, MarketRun, Workspace, save
from tradewind.pipeline.rules import Finding, Sample

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RUN = "run_2"
TERMS: dict[str, dict[str, Any]] = {
    "us": {"currency": "USD", "language": "en", "tax_included": False, "tax_amount": 0, "tax_ppm": 0, "return_days": 30},
    "de": {"currency": "EUR", "language": "de", "tax_included": True, "tax_amount": 1070, "tax_ppm": 190_000, "return_days": 14},
    "th": {"currency": "THB", "language": "th", "tax_included": True, "tax_amount": 700, "tax_ppm": 70_000, "return_days": 7},
}
TITLES = {
    "en": "Nanyang wireless headphones with active noise canceling, {color}",
    "de": "Nanyang Funk-Kopfhörer mit aktiver Geräuschunterdrückung, {color}",
    "th": "หูฟังไร้สาย Nanyang ตัดเสียงรบกวน สี{color}",
}
THINGS = (
    ("headphones", "Headphones", "#2f5d62", "ellipse"),
    ("lighting", "Paper lantern", "#d98e04", "round"),
    ("backpacks", "Canvas backpack", "#6b705c", "tall"),
    ("kitchen-appliances", "Tea kettle", "#9c6644", "round"),
    ("jackets", "Rain jacket", "#1d3557", "tall"),
    ("toys", "Wooden train", "#bc4749", "wide"),
    ("skin-care", "Rice cream", "#cdb4db", "round"),
    ("office", "Desk clock", "#344e41", "ellipse"),
)

SPECS = {
    "lighting": {"Energy class": "b", "EPREL": "https://eprel.ec.europa.eu/screen/product/lightsources/1234567"},
    "skin-care": {"Net content": "3 x 50 ml"},
    "toys": {"Warning": "Not for children below three years: small parts."},
}


def an_offer(market: str = "us", offer_id: str = "HX-4411-BLK", **given: Any) -> dict[str, Any]:
    """A row of offers_offer whose price is the sum of its parts."""
    terms = TERMS[market]
    color = given.get("color", "black")
    row: dict[str, Any] = {
        "market": market, "offer_id": offer_id, "sku": offer_id, "product_id": "HX-4411", "run_id": "run_1", "text_from": "supplier",
        "title": TITLES[terms["language"]].format(color=color),
        "description": "Forty hours on one charge.\nFolds flat, weighs as much as two apples.",
        "brand": "Nanyang", "gtin": "4006381333931", "mpn": "HX4411B", "category": "headphones", "home_category": "数码 > 耳机",
        "color": color, "size": None, "material": None, "pattern": None, "gender": None, "age_group": None,
        "options": {"color": color}, "specs": {"Bluetooth": "5.4", "Battery": "600 mAh"}, "images": (), "condition": "new",
        "availability": "in_stock", "quantity": 12, "location_id": "SZX-1", "lane_id": "szx-direct", "ships_from": "CN", "min_days": 4,
        "max_days": 9, "weight_g": 420, "rating_milli": 4600, "rating_count": 212, "defaulted": (), "cost_amount": 2753,
        "freight_amount": 610, "customs_value_amount": 3363, "duty_amount": 300, "fee_amount": 0, "margin_amount": 1887, "ending_amount": 94,
        "duty_ppm": 0, "margin_ppm": 340_000, "fx_numerator": 12731, "fx_denominator": 100_000, "rate_card_id": "demo-2026-05",
        "rule_ids": ("EU.duty.flat_per_line",), "certainty": "certain", "verdict": "ok", "content_hash": "0" * 64, **terms,
    }  # fmt: skip
    row |= given
    parts = ("cost", "freight", "duty", "fee", "margin", "tax", "ending")
    return row | {"price_minor": sum(row[f"{part}_amount"] for part in parts)}


def a_window(public_url: str, markets: Sequence[str] = ("us", "de", "th")) -> list[dict[str, Any]]:
    """Headphones in two colors and seven other things, in every market."""
    rows = []
    for market in markets:
        for color, offer_id in (("black", "HX-4411-BLK"), ("sand", "HX-4411-SND")):
            images = tuple(f"{public_url}/media/headphones{number}.jpg" for number in ("", "-2"))
            rows.append(an_offer(market, offer_id, color=color, options={"color": color}, images=images))
        for number, (category, title, _, _) in enumerate(THINGS[1:], start=1):
            images = (f"{public_url}/media/{category}.jpg",)
            # Its category has no code that stands for it: what the page must show follows from its own.
            own: dict[str, Any] = {"hs_code": "854370", "battery": "contained"} if category == "office" else {}
            own |= {"hs_code": "853952"} if category == "lighting" else {}
            own |= {"specs": SPECS[category]} if category in SPECS else {}
            common = {"category": category, "title": title, "product_id": f"P-{number}", "gtin": None, "options": {}, "color": None}
            rows.append(
                an_offer(
                    market, f"P-{number}", images=images, cost_amount=1900 + 700 * number, rating_milli=4000 + 90 * number, **common, **own
                )
            )
        on_sale(rows[-len(THINGS) + 1])
    return rows


def on_sale(row: dict[str, Any]) -> None:
    """Announces a reduction of 20.00 that runs for as long as the tests are run."""
    row |= {"list_price_minor": row["price_minor"] + 2000, "sale_starts": date(2026, 11, 20), "sale_ends": date(2099, 12, 31)}


def insert(connection: Any, rows: Sequence[dict[str, Any]], run_id: str = "run_1") -> None:
    """Publishes the rows: what publishing would have written, by hand."""
    for row in rows:
        values = {
            key: json.dumps(value) if isinstance(value, dict) else list(value) if isinstance(value, tuple) else value
            for key, value in row.items()
        }
        names = ", ".join(values)
        connection.execute(f"INSERT INTO offers_offer ({names}) VALUES ({', '.join(f'%({name})s' for name in values)})", values)
    for market in sorted({row["market"] for row in rows}):
        connection.execute(
            "INSERT INTO offers_publication (market, run_id, published_at, approved_by, offers_count, previous_run_id)"
            " VALUES (%s, %s, %s, NULL, %s, NULL) ON CONFLICT (market) DO UPDATE SET run_id = EXCLUDED.run_id",
            (market, run_id, NOW, sum(row["market"] == market for row in rows)),
        )


def draw_pictures(folder: Path) -> None:
    """A plain product picture for each thing, on white like a studio's."""
    folder.mkdir(parents=True, exist_ok=True)
    boxes = {"ellipse": (150, 220, 650, 600), "round": (180, 180, 620, 620), "tall": (250, 120, 550, 680), "wide": (100, 280, 700, 540)}
    for name, _, color, shape in (*THINGS, ("headphones-2", "", "#7a9e9f", "wide")):
        picture = Image.new("RGB", (800, 800), "white")
        pen = ImageDraw.Draw(picture)
        draw = pen.ellipse if shape in {"ellipse", "round"} else pen.rectangle
        draw(boxes[shape], fill=color)
        pen.ellipse((330, 330, 470, 470), fill="white")
        picture.save(folder / f"{name}.jpg", quality=85)


JUMP = Finding("single_price", "212 prices move by more than 30 %", 990_000, 300_000, 212, (Sample("HX-4411-BLK", "56.44", "5644.00"),))


def a_waiting_run(home: Path, *findings: Finding, run_id: str = RUN) -> None:
    """A computed run whose US market the gate holds."""
    part = MarketRun(
        "us", "0" * 64, "USD", state="waiting", considered=474, chosen=439, left_out={"no_picture": 35}, new=0, changed=212, gone=3,
        unchanged=224, gate=Gate("run_1", findings or (JUMP,)),
    )  # fmt: skip
    save(Workspace(home), Manifest(run_id, "snap_1", "2026-11-23", NOW, "mei", "0" * 64, "0" * 64, 1, "local", (part,), computed_at=NOW))


def a_troubled_channel(tx: Any) -> None:
    """A feed with something waiting, refused and reported, a stopped account, and a withdrawn article."""
    held = [("a", None, "succeeded", None), ("b", 1, None, None), ("c", 6, "failed", "quota/daily_limit_exceeded")]
    for offer_id, urgency, result, reason in held:
        tx.execute(
            "INSERT INTO listings_held (feed, offer_id, wanted_hash, wanted_price, wanted_available, wanted_at, urgency, held_hash, held_price,"
            " held_available, held_version, held_at, result, reason) VALUES ('us-en', %s, 'h', 1, true, %s, %s, 'h', 1, true, 1, %s, %s, %s)",
            (offer_id, NOW, urgency, NOW, result, reason),
        )
    tx.execute(
        "INSERT INTO listings_issue (feed, offer_id, code, attribute, severity, countries, detail, seen_at)"
        " VALUES ('us-en', 'a', 'missing_shipping', 'shipping', 'disapproved', '{US}', 'Missing shipping', %s)",
        (NOW,),
    )
    tx.execute(
        "INSERT INTO listings_account (account, frozen_reason, frozen_at) VALUES ('accounts/1001', 'Misrepresentation <of self>', %s)",
        (NOW,),
    )
    tx.execute(
        "INSERT INTO offers_withdrawn (sku, market, reason, withdrawn_by, withdrawn_at) VALUES ('HX-1', '*', 'recall 7', 'Ann', %s)", (NOW,)
    )
