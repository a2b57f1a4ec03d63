"""The price of one unit, from what the specifications say is in a product; feed and page read it alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradewind.listings import is_unit_priced, net_content
from tradewind.listings.measures import unit_measure


@pytest.mark.parametrize(
    ("specs", "category", "size", "price", "wanted"),
    [
        ({"Net content": "990 ml"}, "beauty", None, 1299, ("990 ml", "1 l", 1312)),
        ({"净含量": "500克"}, None, None, 500, ("500 g", "1 kg", 1000)),
        ({"Inhalt": "3 x 330ml"}, "skin-care", None, 99, ("990 ml", "1 l", 100)),
        ({}, "skin-care", "50 ml", 2_000, ("50 ml", "1 l", 40_000)),
        ({"net weight": "2 kg", "google:unit_pricing_base_measure": "100 g"}, "skin-care", None, 1_999, ("2 kg", "100 g", 100)),
    ],
)
def test_a_unit_costs_its_share(
    specs: dict[str, str], category: str | None, size: str | None, price: int, wanted: tuple[str, str, int]
) -> None:
    found = net_content(specs, category, size)
    assert found is not None
    assert (found.measure.text, found.base.text, found.price_of_base(price)) == wanted


@pytest.mark.parametrize(
    ("specs", "category", "size"),
    [
        ({}, "headphones", "50 ml"),
        ({"Net content": "some"}, None, None),
        ({"Net content": "0 ml"}, None, None),
        ({"net weight": "1 kg", "google:unit_pricing_base_measure": "1 l"}, None, None),
    ],
)
def test_without_a_measured_quantity_there_is_no_unit_price(specs: dict[str, str], category: str | None, size: str | None) -> None:
    assert net_content(specs, category, size) is None


@given(some.integers(1, 10_000_000), some.integers(1, 99_999), some.sampled_from(["mg", "g", "kg", "ml", "cl", "l", "cm", "m", "sqm"]))
def test_the_base_measures_back_to_the_price(price: int, number: int, unit: str) -> None:
    found = net_content({"Net content": f"{number} {unit}"}, None, None)
    assert found is not None
    assert found.measure.text == (unit_measure(f"{number} {unit}") or ("",))[0]
    asked = found.price_of_base(price)
    assert abs(asked * found.measure.smallest - price * found.base.smallest) * 2 <= found.measure.smallest


def test_only_countries_whose_feeds_say_it_show_it() -> None:
    assert is_unit_priced("DE")
    assert not is_unit_priced("US")


def test_the_volume_of_a_flask_is_no_net_content() -> None:
    assert net_content({"Inhalt": "500 ml"}, "kitchen", None) is None
