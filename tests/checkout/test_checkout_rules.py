"""Totals, discounts and statuses: whatever a buyer puts together, the sums tie."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import product

import pytest
from bench.checkout_stage import a_desk
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tradewind.checkout import (
    CHECKOUT,
    Allocation,
    AppliedDiscount,
    Buyer,
    CheckoutSession,
    CheckoutStatus,
    CreateSession,
    Destination,
    DiscountAnswer,
    DiscountQuestion,
    MarketDesk,
    Message,
    NoDiscounts,
    WantedLine,
    as_json,
    session_from,
)
from tradewind.checkout.codec import dumped
from tradewind.checkout.rules import Surroundings, priced
from tradewind.checkout.service import _fresh
from tradewind.kit import Currency, Money, TransitionNotAllowed
from tradewind.offers.live import SellingOffer

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEW_YORK = Destination("US", "NY", "10001", "New York", ("350 5th Ave",), "Anna")
STATUSES = [status.value for status in CheckoutStatus]


@cache
def desk() -> MarketDesk:
    return a_desk("us", AT.date())


@dataclass
class PercentOff(NoDiscounts):
    """So many percent off everything, split by the lines' amounts, and the delivery free."""

    percent: int = 0

    def decide(self, question: DiscountQuestion) -> DiscountAnswer:
        paid = [line.paid for line in question.lines]
        amount = sum(paid) * self.percent // 100
        if not amount and not question.fulfillment:
            return DiscountAnswer()
        shares = Money(amount, Currency(question.currency)).split(paid)
        parts = tuple(Allocation(line.line_id, share.minor) for line, share in zip(question.lines, shares, strict=True))
        return DiscountAnswer((AppliedDiscount("p", "SALE", "Sale", amount + question.fulfillment, question.fulfillment, parts),))


def an_offer(number: int, price: int, grams: int) -> SellingOffer:
    return SellingOffer(
        f"S{number}", f"S{number}", f"S{number}", "Article", "en", None, "toys", price, "USD", False, 999, "SZX-1", "SZX-1.us", grams,
        "950300", "certain", 30,
    )  # fmt: skip


def a_session() -> CheckoutSession:
    wanted = CreateSession("us", (), buyer=Buyer("a@example.com"), destination=NEW_YORK)
    return _fresh(wanted, desk(), AT)


def around(offers: Sequence[SellingOffer], percent: int = 0) -> Surroundings:
    return Surroundings(desk(), {one.offer_id: one for one in offers}, {}, PercentOff(percent), None, AT)


GOODS = st.lists(st.tuples(st.integers(1, 50_000), st.integers(20, 3_000), st.integers(1, 20)), min_size=1, max_size=6)


@given(GOODS, st.integers(0, 100))
def test_all_totals_but_the_last_add_up_to_it_and_so_do_the_lines(goods: list[tuple[int, int, int]], percent: int) -> None:
    offers = [an_offer(number, price, grams) for number, (price, grams, _) in enumerate(goods)]
    wanted = [WantedLine(f"S{number}", quantity) for number, (_, _, quantity) in enumerate(goods)]
    session = priced(a_session(), a_session(), wanted, around(offers, percent))
    assert sum(one.amount for one in session.totals if one.type != "total") == session.total
    assert all(line.listed - line.discount - line.promotion == line.paid >= 0 for line in session.lines)
    assert sum(line.paid for line in session.lines) == session.total
    assert [one.amount <= 0 for one in session.totals if one.type in {"discount", "items_discount"}] == [True] * (len(session.totals) - 3)
    assert all(sum(part.amount for part in one.allocations) + one.on_fulfillment == one.amount for one in session.applied)


@given(GOODS, st.lists(st.integers(-40, 40), min_size=1, max_size=5))
def test_whatever_prices_do_a_buyer_who_changes_nothing_never_pays_more(goods: list[tuple[int, int, int]], moves: list[int]) -> None:
    wanted = [WantedLine(f"S{number}", quantity) for number, (_, _, quantity) in enumerate(goods)]
    session, prices = a_session(), [price for price, _, _ in goods]
    for number, move in enumerate([0, *moves]):
        prices = [max(price + price * move // 100, 1) for price in prices]
        offers = [an_offer(place, price, goods[place][1]) for place, price in enumerate(prices)]
        after = priced(session, session, wanted, around(offers))
        assert number == 0 or all(new.unit_price <= old.unit_price for new, old in zip(after.lines, session.lines, strict=True))
        session = after


@given(GOODS)
def test_a_session_comes_back_from_its_json_as_it_was(goods: list[tuple[int, int, int]]) -> None:
    offers = [an_offer(number, price, grams) for number, (price, grams, _) in enumerate(goods)]
    session = priced(a_session(), a_session(), [WantedLine("S0", 1), WantedLine("nothing", 1)], around(offers, 10))
    assert session_from(as_json(session)) == session


@given(GOODS, st.integers(0, 30))
def test_the_text_of_a_session_holds_what_its_json_values_hold(goods: list[tuple[int, int, int]], percent: int) -> None:
    offers = [an_offer(number, price, grams) for number, (price, grams, _) in enumerate(goods)]
    wanted = [WantedLine(f"S{number}", quantity) for number, (_, _, quantity) in enumerate(goods)]
    session = priced(a_session(), a_session(), [*wanted, WantedLine("nothing", 1)], around(offers, percent))
    assert json.loads(dumped(session, None)) == json.loads(json.dumps(as_json(session)))
    assert session_from(json.loads(dumped(session, None))) == session


@given(GOODS, st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(-20, 20)), max_size=4))
def test_what_is_not_quoted_again_is_what_a_new_quote_would_say(
    goods: list[tuple[int, int, int]], changes: list[tuple[int, int, int]]
) -> None:
    goods, session = list(goods), a_session()
    for place, quantity, move in [(0, 1, 0), *changes, (0, 1, 0)]:
        price, grams, _ = goods[place % len(goods)]
        goods[place % len(goods)] = (max(price + price * move // 100, 1), grams, quantity)
        offers = [an_offer(number, one, weight) for number, (one, weight, _) in enumerate(goods)]
        wanted = [WantedLine(f"S{number}", units) for number, (_, _, units) in enumerate(goods)]
        for _ in range(2):
            forgetful = structs.replace(session, priced_by="")
            session = priced(session, session, wanted, around(offers))
            assert session == priced(forgetful, forgetful, wanted, around(offers))


def test_another_book_quotes_anew() -> None:
    offers = [an_offer(0, 1_000, 100)]
    session = priced(a_session(), a_session(), [WantedLine("S0", 2)], around(offers))
    wrong = structs.replace(session, lines=tuple(structs.replace(line, discount=999) for line in session.lines))
    kept, anew = priced(wrong, wrong, [WantedLine("S0", 2)], around(offers)), structs.replace(wrong, priced_by="another")
    assert kept.lines[0].discount == 999
    assert priced(anew, anew, [WantedLine("S0", 2)], around(offers)).lines == session.lines


@pytest.mark.parametrize(("status", "step"), list(product(STATUSES, ["change", "begin", "challenge", "finish", "fail", "cancel"])))
@pytest.mark.parametrize("is_whole", [True, False])
def test_every_step_from_every_status_is_in_the_table_or_refused(status: str, step: str, is_whole: bool) -> None:
    session = priced(a_session(), a_session(), [WantedLine("S0", 1)], around([an_offer(0, 1_000, 100)]))
    session = session if is_whole else structs.replace(session, messages=(Message("error", "email_missing", "$"),))
    allowed = [one for one in CHECKOUT.transitions if (one.source, one.name) == (status, step) and one.guard(session)]
    if allowed:
        assert CHECKOUT.fire(status, step, session) == allowed[0].target
        assert len(allowed) == 1
    else:
        with pytest.raises(TransitionNotAllowed):
            CHECKOUT.fire(status, step, session)


def test_completed_and_canceled_are_the_ends() -> None:
    assert CHECKOUT.final_states == {"completed", "canceled"}
    assert set(CHECKOUT.states) == set(STATUSES)
