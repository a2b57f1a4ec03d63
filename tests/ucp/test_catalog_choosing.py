"""Choosing a variant by its options: whatever a buyer picks, the answer names a variant that exists."""

from hypothesis import given
from hypothesis import strategies as st
from ucp_offers import a_variant, sizes_and_colors

from tradewind.ucp.choosing import effective, featured, matching, options_of, signal

COLORS, SIZES = ("red", "blue", "green"), ("S", "M", "L", "XL")


def test_options_are_the_fields_in_which_the_variants_differ() -> None:
    options = options_of(sizes_and_colors())
    assert [(one.key, one.values) for one in options] == [("color", ("red", "blue")), ("size", ("S", "M", "L"))]


def test_a_product_with_one_variant_has_nothing_to_choose() -> None:
    assert options_of([a_variant(color="red", size="S")]) == ()


def test_the_suppliers_own_options_count_where_no_field_differs() -> None:
    variants = [a_variant(f"HX-{plug}", color=None, options={"Plug": plug}) for plug in ("US", "EU")]
    assert [(one.key, one.values) for one in options_of(variants)] == [("Plug", ("US", "EU"))]


def test_the_first_variant_that_can_be_bought_stands_for_the_product() -> None:
    assert featured(sizes_and_colors(blue_L=True)).offer_id == "HX-blue-M"
    assert featured(sizes_and_colors(blue_L=True, blue_M=True)).offer_id == "HX-red-M"


def test_the_least_preferred_option_gives_way_when_nothing_has_both() -> None:
    variants, wanted = sizes_and_colors(), {"color": "red", "size": "L"}
    assert effective(variants, wanted, ["color", "size"]) == {"color": "red"}
    assert effective(variants, wanted, ["size", "color"]) == {"size": "L"}
    assert effective(variants, wanted, ["color"]) == {"color": "red"}


def test_a_value_that_nothing_has_gives_way_before_one_that_something_has() -> None:
    assert effective(sizes_and_colors(), {"color": "green", "size": "L"}, ["color", "size"]) == {"size": "L"}


@given(
    st.fixed_dictionaries({}, optional={"color": st.sampled_from(COLORS), "size": st.sampled_from(SIZES)}),
    st.permutations(["color", "size"]),
)
def test_what_is_left_of_a_choice_is_part_of_it_and_some_variant_has_it(wanted: dict[str, str], preferences: list[str]) -> None:
    variants = sizes_and_colors()
    left = effective(variants, wanted, preferences)
    assert left.items() <= wanted.items()
    assert matching(variants, left)
    assert left == wanted or not matching(variants, wanted)


def test_a_signal_tells_what_exists_and_what_can_be_bought_beside_the_rest_of_the_choice() -> None:
    variants = sizes_and_colors(red_M=True)
    assert signal(variants, {"color": "red"}, "size", "S") == (True, True)
    assert signal(variants, {"color": "red"}, "size", "M") == (False, True)
    assert signal(variants, {"color": "red"}, "size", "L") == (False, False)
