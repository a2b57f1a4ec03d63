"""Promotions in real purchases: what a code takes off, the last use that only one session gets, and uses that come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.checkout.counter import Counter, open_counter

from tradewind.bootstrap.discounting import PromotionDiscounts
from tradewind.checkout import CheckoutSession, CheckoutStatus
from tradewind.promotions import PromotionBook
from tradewind.settings import Settings

FILE = """
[[promotion]]
id = "last"
title = "10 % off"
kind = "percent"
percent = 10
code = "TEN"
limit_total = 1
"""


@pytest.fixture
def counter(workspace: Settings, tmp_path: Path) -> Iterator[Counter]:
    (tmp_path / "promotions.toml").write_text(FILE, "utf-8")
    discounts = PromotionDiscounts(PromotionBook(tmp_path), lambda text: f"<{text}>")
    with open_counter(workspace, discounts=discounts) as opened:
        yield opened


def totals(session: CheckoutSession) -> dict[str, int]:
    return {one.type: one.amount for one in session.totals}


def with_code(counter: Counter) -> CheckoutSession:
    return counter.update(counter.ready(), codes=("ten",))


def test_a_code_lowers_the_total_by_a_tenth_of_the_goods(counter: Counter) -> None:
    plain, reduced = counter.ready(), with_code(counter)
    goods = sum(line.listed - line.discount for line in plain.lines)
    (applied,) = reduced.applied
    assert (applied.code, applied.amount) == ("ten", -totals(reduced)["discount"])
    assert abs(applied.amount * 10 - goods) <= 5
    assert reduced.total < plain.total
    assert sum(part.amount for part in applied.allocations) == applied.amount


def test_the_last_use_goes_to_one_session_and_the_other_is_told_before_it_pays_more(counter: Counter) -> None:
    first, second = with_code(counter), with_code(counter)
    assert counter.complete(first).status is CheckoutStatus.COMPLETED
    refused = counter.complete(second)
    assert (refused.status, refused.order_id) == (CheckoutStatus.INCOMPLETE, None)
    assert "discount_used_up" in [one.code for one in refused.messages]
    assert len(counter.fake.bank.charges()) == 1
    again = counter.update(second, codes=("ten",))
    assert (again.applied, [one.code for one in again.messages][:1]) == ((), ["discount_rejected"])


def test_a_declined_payment_gives_the_use_back(counter: Counter) -> None:
    first, second = with_code(counter), with_code(counter)
    assert counter.complete(first, "tok_decline").status is not CheckoutStatus.COMPLETED
    assert counter.complete(second).status is CheckoutStatus.COMPLETED
