"""Pure rules: what a product holds, what it weighs, how prices fall into ranges, which variant is shown."""

from hypothesis import given
from hypothesis import strategies as some
from search_builders import RELEVANCE, a_row

from tradewind.search import Counted, Filters, attribute_facets, category_facet, price_ranges, price_steps, variant_for
from tradewind.search.rules import attributes_of, product_of, weight_of

BLACK = a_row(offer_id="P-1-BLK", color="black", options={"color": "black"})
SAND = a_row(offer_id="P-1-SND", color="sand", options={"color": "sand"}, cost_amount=9000, availability="out_of_stock")


def test_a_product_joins_the_words_and_facts_of_its_variants() -> None:
    product = product_of([BLACK, SAND], "en", RELEVANCE)
    assert product.offer_ids == ("P-1-BLK", "P-1-SND")
    assert {"color=black", "color=sand"} <= set(product.attributes)
    assert (product.price, product.in_stock) == (BLACK["price_minor"], True)
    assert product.categories == ("headphones", "electronics")


def test_specifications_that_were_not_translated_are_no_facets() -> None:
    row = a_row(specs={"蓝牙版本": "5.4", "Bluetooth": "5.4"})
    assert "Bluetooth=5.4" in attributes_of(row)
    assert not any("蓝" in pair for pair in attributes_of(row))


def test_popularity_stock_language_and_picture_weigh() -> None:
    whole = weight_of(a_row(), "en", RELEVANCE, in_stock=True)
    lesser = [
        weight_of(a_row(rating_count=0), "en", RELEVANCE, in_stock=True),
        weight_of(a_row(), "en", RELEVANCE, in_stock=False),
        weight_of(a_row(), "de", RELEVANCE, in_stock=True),
        weight_of(a_row() | {"has_image": False}, "en", RELEVANCE, in_stock=True),
    ]
    assert all(one < whole for one in lesser)


def test_the_variant_that_was_named_or_chosen_is_shown() -> None:
    assert variant_for([BLACK, SAND], Filters(), ()) == BLACK
    assert variant_for([BLACK, SAND], Filters(), ("sand",)) == SAND
    assert variant_for([BLACK, SAND], Filters(attributes=("color=sand",)), ()) == SAND
    assert variant_for([BLACK, SAND], Filters(attributes=("color=sand",), in_stock=True), ()) is None


def test_price_steps_are_whole_minor_units_of_any_currency() -> None:
    for digits in (0, 2, 3):
        steps = price_steps(digits)
        assert list(steps) == sorted(set(steps))
        assert steps[0] > 0
    assert {1000, 1500, 2000} <= set(price_steps(2))


@given(some.lists(some.integers(0, 50), min_size=1, max_size=30))
def test_ranges_keep_every_product_and_stay_few(counts: list[int]) -> None:
    steps = [None, *range(10, 10 * len(counts), 10), None]
    ranges = price_ranges(
        [(low, None if high is None else high - 1, count) for low, high, count in zip(steps, steps[1:], counts, strict=False)]
    )
    assert sum(one.count for one in ranges) == sum(counts)
    assert len(ranges) <= 5
    assert all(one.count for one in ranges)


def test_an_attribute_that_few_have_or_that_is_the_same_for_all_is_no_facet() -> None:
    counted = [Counted("color=black", 6), Counted("color=white", 4), Counted("fit=slim", 2), Counted("fit=wide", 0), Counted("kind=a", 10)]
    assert list(attribute_facets(counted, 10)) == ["color"]


def test_categories_are_offered_one_level_at_a_time() -> None:
    counted = [Counted("electronics", 9), Counted("headphones", 6), Counted("speakers", 3)]
    assert [one.value for one in category_facet(counted, None)] == ["headphones", "speakers"]
    assert [one.value for one in category_facet([*counted, Counted("toys", 2)], None)] == ["electronics", "toys"]
    assert [one.value for one in category_facet(counted, "headphones")] == []
