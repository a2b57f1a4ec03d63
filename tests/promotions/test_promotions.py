"""Promotions take off what they say and never more than there is; the parts add up to the amount."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.promotions import (
    Basket,
    Decision,
    DiscountLine,
    Promotion,
    PromotionBook,
    PromotionKind,
    PromotionsAreInvalid,
    Rejection,
    apply,
    is_proved,
    parse_promotions,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TEN = Promotion("ten", "10 % off", PromotionKind.PERCENT, "ten", 100_000)
FIVE_OFF = Promotion("five", "5 off", PromotionKind.FIXED, "five", amounts={"USD": 500, "EUR": 500})
FREE = Promotion("free", "Free delivery", PromotionKind.FREE_SHIPPING, minimum={"USD": 5_000})


def a_basket(*amounts: int, codes: tuple[str, ...] = (), fulfillment: int = 700, **more: object) -> Basket:
    lines = tuple(DiscountLine(str(number), amount, f"SKU-{number}", "home/lamps") for number, amount in enumerate(amounts, 1))
    return replace(Basket("us", "USD", lines, fulfillment, codes, NOW), **more)  # type: ignore[arg-type]


def taken(decision: Decision) -> list[tuple[str, int]]:
    return [(one.promotion.promotion_id, one.amount) for one in decision.applied]


def test_a_percentage_is_rounded_once_and_split_over_the_lines() -> None:
    (one,) = apply([TEN], a_basket(1_001, 2_002, 3_002, codes=("TEN ",))).applied
    assert (one.amount, one.allocations) == (601, (("1", 100), ("2", 200), ("3", 301)))


def test_a_sum_takes_no_more_than_the_goods_cost() -> None:
    assert taken(apply([FIVE_OFF], a_basket(300, codes=("five",)))) == [("five", 300)]


def test_free_delivery_is_automatic_from_its_minimum_on() -> None:
    assert taken(apply([FREE], a_basket(4_999))) == []
    (one,) = apply([FREE], a_basket(5_000)).applied
    assert (one.amount, one.on_fulfillment, one.allocations) == (700, 700, ())


def test_later_ones_count_on_what_earlier_ones_left() -> None:
    assert taken(apply([TEN, FIVE_OFF, FREE], a_basket(10_000, codes=("five", "ten")))) == [("free", 700), ("five", 500), ("ten", 950)]


def test_one_that_cannot_be_combined_counts_alone_only_where_it_saves_more() -> None:
    alone = Promotion("half", "Half price", PromotionKind.PERCENT, "half", 500_000, combinable=False)
    better = apply([TEN, alone], a_basket(10_000, codes=("ten", "half")))
    worse = apply([TEN, replace(alone, rate_ppm=50_000)], a_basket(10_000, codes=("ten", "half")))
    assert (taken(better), better.rejected) == ([("half", 5_000)], (("ten", Rejection.NOT_COMBINABLE),))
    assert (taken(worse), worse.rejected) == ([("ten", 1_000)], (("half", Rejection.NOT_COMBINABLE),))


@pytest.mark.parametrize(
    ("promotion", "basket", "reason"),
    [
        (TEN, a_basket(1_000, codes=("nine",)), Rejection.UNKNOWN),
        (replace(TEN, starts_at=NOW + timedelta(seconds=1)), a_basket(1_000, codes=("ten",)), Rejection.NOT_STARTED),
        (replace(TEN, ends_at=NOW), a_basket(1_000, codes=("ten",)), Rejection.ENDED),
        (replace(TEN, markets=("de",)), a_basket(1_000, codes=("ten",)), Rejection.NOT_IN_MARKET),
        (FIVE_OFF, a_basket(1_000, codes=("five",), currency="THB"), Rejection.NOT_IN_MARKET),
        (replace(TEN, minimum={"USD": 1_001}), a_basket(1_000, codes=("ten",)), Rejection.MINIMUM_NOT_REACHED),
        (TEN, a_basket(1_000, codes=("ten",), used_up=frozenset({"ten"})), Rejection.USED_UP),
        (replace(TEN, skus=("SKU-9",)), a_basket(1_000, codes=("ten",)), Rejection.NOTHING_ELIGIBLE),
    ],
)
def test_a_code_that_does_not_count_says_why(promotion: Promotion, basket: Basket, reason: Rejection) -> None:
    decision = apply([promotion], basket)
    assert (decision.applied, decision.rejected) == ((), ((basket.codes[0], reason),))


def test_only_the_goods_that_are_meant_are_reduced_up_to_the_most() -> None:
    lamps = replace(TEN, categories=("home/",), skus=("SKU-2",), at_most={"USD": 150})
    (one,) = apply([lamps], a_basket(1_000, 2_000, codes=("ten",))).applied
    assert one.allocations == (("2", 150),)


sums = st.dictionaries(st.just("USD"), st.integers(1, 5_000), max_size=1)
promotions = st.builds(
    Promotion,
    st.uuids().map(str),
    st.just("a title"),
    st.sampled_from(PromotionKind),
    st.just(None),
    st.integers(1, 1_000_000),
    st.fixed_dictionaries({"USD": st.integers(1, 20_000)}),
    sums,
    sums,
    combinable=st.booleans(),
)


@given(st.lists(promotions, max_size=6), st.lists(st.integers(0, 100_000), min_size=1, max_size=8), st.integers(0, 3_000))
def test_the_parts_add_up_and_nobody_pays_less_than_nothing(some: list[Promotion], amounts: list[int], fulfillment: int) -> None:
    basket = a_basket(*amounts, fulfillment=fulfillment)
    rest = {line.line_id: line.amount for line in basket.lines}
    for one in apply(some, basket).applied:
        assert one.amount == one.on_fulfillment + sum(part for _, part in one.allocations) > 0
        fulfillment -= one.on_fulfillment
        for line_id, part in one.allocations:
            rest[line_id] -= part
    assert min(*rest.values(), fulfillment) >= 0


@given(st.lists(promotions, max_size=5), st.lists(st.integers(0, 100_000), min_size=1, max_size=5))
def test_one_more_promotion_never_makes_a_basket_dearer_by_choice_of_the_lone_ones(some: list[Promotion], amounts: list[int]) -> None:
    basket = a_basket(*amounts)
    saved = sum(one.amount for one in apply(some, basket).applied)
    lone = Promotion("lone", "half", PromotionKind.PERCENT, None, 500_000, combinable=False)
    assert sum(one.amount for one in apply([*some, lone], basket).applied) >= saved


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("promotion = {", "not TOML"),
        ('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "percent"\npercent = 120', "1 to 100"),
        ('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "fixed"', "no currency"),
        ('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "fixed"\namount = { ZZZ = 5 }', "ZZZ"),
        ('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "free_shipping"\nlimit_total = 0', "limit_total"),
        ('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "free_shipping"\nstarts_at = "soon"', "starts_at"),
        ('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "free_shipping"\nfree = true', "free"),
        ('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "free_shipping"\n' * 2, "share an id"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(text: str, word: str) -> None:
    with pytest.raises(PromotionsAreInvalid, match=word):
        parse_promotions(text)


def test_a_changed_file_counts_at_once_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    book, file = PromotionBook(tmp_path), tmp_path / "promotions.toml"
    assert book.promotions() == ()
    file.write_text('[[promotion]]\nid = "a"\ntitle = "t"\nkind = "free_shipping"\ncode = "FREE"\n', "utf-8")
    assert [one.code for one in book.promotions()] == ["free"]
    file.write_text("broken = {", "utf-8")
    assert [one.code for one in book.promotions()] == ["free"]
    file.unlink()
    assert book.promotions() == ()


STUDENTS = Promotion("students", "Students", PromotionKind.PERCENT, rate_ppm=100_000, eligibility="com.example.student")


def test_a_promotion_for_a_claim_counts_for_who_makes_it() -> None:
    assert taken(apply([STUDENTS], a_basket(1_000))) == []
    assert taken(apply([STUDENTS], a_basket(1_000, claims=frozenset({"com.example.student"})))) == [("students", 100)]


@pytest.mark.parametrize(
    ("address", "method", "proves"),
    [
        ("a@x.school.example", "card", True),
        ("a@school.example", "card", False),
        ("a@notschool.example", "card", False),
        (" A@COLLEGE.example", "card", True),
        ("a@my.college.example", "card", False),
        ("dean@example.org", "card", True),
        ("a.dean@example.org", "card", False),
        ("", "google_pay", True),
        ("", "card", False),
        ("@", "card", False),
    ],
)
def test_a_claim_is_proved_by_the_address_or_by_the_method_of_payment(address: str, method: str, proves: bool) -> None:
    emails = ("@*.school.example", "@college.example", "dean@example.org")
    one = replace(STUDENTS, proof_emails=emails, proof_methods=("google_pay",))
    assert is_proved(one, address, method) is proves


@pytest.mark.parametrize(
    "row",
    [
        'eligibility = "student"\nproof = { methods = ["card"] }',
        'eligibility = "com.example.student"',
        'eligibility = "com.example.student"\nproof = { phones = ["1"] }',
        'eligibility = "com.example.student"\nproof = { emails = ["school.example"] }',
        'eligibility = "com.example.student"\ncode = "S"\nproof = { methods = ["card"] }',
        'proof = { methods = ["card"] }',
    ],
)
def test_a_claim_that_nothing_could_prove_is_refused_in_the_file(row: str) -> None:
    with pytest.raises(PromotionsAreInvalid):
        parse_promotions(f'[[promotion]]\nid = "s"\ntitle = "S"\nkind = "percent"\npercent = 5\n{row}')
