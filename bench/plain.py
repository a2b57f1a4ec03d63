"""The peer: the csv-and-loop way that feed plug-ins use. One dictionary a row, one market at a time, text built by hand.

It does less than a run does (no tariffs, no lanes, no quality, no diff, no resume) and is measured on a sample of the same rows.
"""

import csv
import html
import re
import time
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CENT = Decimal("0.01")
TAGS = re.compile(r"<[^>]+>")
SPACES = re.compile(r"\s+")
RATES = {
    "us": ("USD", Decimal("0.139"), Decimal(0)),
    "de": ("EUR", Decimal("0.127"), Decimal("0.19")),
    "th": ("THB", Decimal("4.6"), Decimal("0.10")),
}


@dataclass(frozen=True, slots=True)
class Plain:
    """How many rows of output the plain way wrote, and how long it took."""

    products: int
    rows: int
    seconds: float


def plain_way(source: Path, target: Path, limit: int) -> Plain:
    """Reads up to `limit` products of a catalog CSV and writes one TSV a market, as a plug-in does."""
    started, products, rows = time.perf_counter(), 0, 0
    for market, (currency, rate, tax) in RATES.items():
        with source.open(newline="", encoding="utf-8") as read, (target / f"{market}.tsv").open("w", newline="", encoding="utf-8") as write:
            feed = csv.writer(write, delimiter="\t")
            feed.writerow(["id", "title", "description", "link", "image_link", "availability", "price", "gtin", "brand"])
            for products, row in enumerate(csv.DictReader(read), start=1):
                rows += _item(feed, market, row, currency, rate, tax)
                if products >= limit:
                    break
    return Plain(products, rows, time.perf_counter() - started)


def _item(feed: "csv._writer", market: str, row: dict[str, str], currency: str, rate: Decimal, tax: Decimal) -> int:
    cost = row.get("cost") or row.get("cost_minor")
    weight = row.get("weight_g")
    if not cost or not weight:
        return 0
    landed = (Decimal(cost) * rate + Decimal(weight) * Decimal("0.008")) * Decimal("1.12")
    price = (landed / Decimal("0.66") * (1 + tax)).quantize(CENT, rounding=ROUND_HALF_UP)
    title = SPACES.sub(" ", html.unescape(TAGS.sub(" ", row.get("title_en") or row.get("title") or "")))[:150]
    text = SPACES.sub(" ", html.unescape(TAGS.sub(" ", row.get("description_en") or row.get("description") or "")))[:5000]
    sku = row["sku"]
    feed.writerow(
        [
            sku,
            title,
            text,
            f"https://shop.example/{market}/p/{sku}",
            row.get("images", ""),
            "in_stock",
            f"{price} {currency}",
            row.get("gtin", ""),
            row.get("brand", ""),
        ]
    )
    return 1
