"""The checkout's port over promotions: codes as they were typed, limits by mailbox, and a met limit that lets the basket go on."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tradewind.bootstrap.discounting import PromotionDiscounts
from tradewind.checkout import DiscountQuestion
from tradewind.db import open_async_database
from tradewind.promotions import PromotionBook
from tradewind.settings import Settings

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
FILE = """
[[promotion]]
id = "once"
title = "Welcome"
kind = "fixed"
amount = { USD = 500 }
limit_per_buyer = 1

[[promotion]]
id = "ten"
title = "10 % off"
kind = "percent"
percent = 10
code = "TEN"
"""


def discounts(folder: Path) -> PromotionDiscounts:
    (folder / "promotions.toml").write_text(FILE, "utf-8")
    return PromotionDiscounts(PromotionBook(folder), lambda text: f"<{text}>")


def a_question(email: str = "anna@example.com", *, codes: tuple[str, ...] = (), at: datetime = NOW) -> DiscountQuestion:
    lines: Any = [SimpleNamespace(line_id="1", paid=10_000, sku="SKU-1", category="home")]
    return DiscountQuestion("us", "USD", lines, 700, codes, email, at)


def test_codes_come_back_as_they_were_typed(tmp_path: Path) -> None:
    answer = discounts(tmp_path).decide(a_question(codes=("Ten", "nine")))
    assert [(one.promotion_id, one.code, one.amount) for one in answer.applied] == [("once", None, 500), ("ten", "Ten", 950)]
    assert answer.rejected == (("nine", "unknown"),)


def test_a_mailbox_gets_its_welcome_once_and_its_next_basket_goes_on_without(workspace: Settings, tmp_path: Path) -> None:
    given = discounts(tmp_path)

    async def twice() -> list[tuple[str, ...]]:
        async with open_async_database(workspace) as database:
            refused = []
            for session, email in (("chk_1", "anna@example.com"), ("chk_2", "Anna+again@example.com"), ("chk_3", "ben@example.com")):
                async with database.transaction() as tx:
                    refused.append(tuple(await given.claim(tx, given.decide(a_question(email)).applied, email, session, NOW)))
            return refused

    assert asyncio.run(twice()) == [(), ("once",), ()]
    assert given.decide(a_question("anna@example.com")).applied == ()
    assert len(given.decide(a_question("ben@example.com")).applied) == 1
    assert len(given.decide(a_question("anna@example.com", at=NOW + timedelta(minutes=11))).applied) == 1
