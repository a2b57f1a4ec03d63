"""An offer that is told alone has the notice that its feed has."""

import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "listings"))

from test_attributes import a_book, a_folder, shown
from ucp_offers import a_variant

from tradewind.listings import consumer_notice

TODAY = date(2026, 11, 23)
CONDITIONS = (
    'categories = ["electronics"]\nskus = ["another"]',
    'categories = ["electronics"]\nbrands = ["nanyang"]',
    'categories = ["electronics"]\nprice_below = "1.00 USD"',
    "margin_percent_at_least = 90",
    'ships_from = ["DE"]',
    'categories = ["electronics"]',
)
REVIEWED = '[checkout]\nnotices_reviewed_by = "Ann Lee"\nnotices_reviewed_on = 2026-11-01\n'
RULES = "".join(
    f'[[set]]\nattribute = "consumer_notice"\nvalue = "safety_warning:{number}"\n{condition}\n'
    for number, condition in enumerate(CONDITIONS)
)


@pytest.mark.parametrize("entry", ["Prop 65", "Prop 65_en", "google:consumer_notice", "Warranty"])
@pytest.mark.parametrize("value", ["This can expose you to lead.", "legal_disclaimer:Adults only.", ""])
@pytest.mark.parametrize("category", ["headphones", "tops"])
@pytest.mark.parametrize("brand", ["Nanyang", "Larkwave"])
def test_one_offer_has_the_notice_that_its_feed_has(tmp_path: Path, entry: str, value: str, category: str, brand: str) -> None:
    book = a_book("us", a_folder(tmp_path, RULES + REVIEWED))
    facts = {"category": category, "brand": brand, "language": "en"}
    offer = a_variant(specs={entry: value}, margin_ppm=340_000, **facts)
    feed = shown({entry: value}, "us", home_language="en", book=book, margin_ppm=340_000, **facts)
    assert feed["native_commerce"] == "true"
    assert consumer_notice(book, offer) == (feed["consumer_notice"] or "")
