"""Postcodes, regions and lines of an address that are another tax or customs area, or that nobody serves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.markets import AreaKind, area_of, load_market, load_markets

TAX, CUSTOMS, NOT, SERVED = AreaKind.OTHER_TAX_AREA, AreaKind.OTHER_CUSTOMS_AREA, AreaKind.NOT_SERVED, AreaKind.SERVED


@pytest.mark.parametrize(
    ("market", "postcode", "kind"),
    [
        ("es", "35001", TAX), ("es", "38670", TAX), ("es", "51001", CUSTOMS), ("es", "52006", CUSTOMS), ("es", "28013", SERVED),
        ("de", "27498", CUSTOMS), ("de", "78266", CUSTOMS), ("de", "10115", SERVED), ("gb", "BT1 5GS", TAX), ("gb", "bt15gs", TAX),
        ("gb", "JE2 3AB", TAX), ("gb", "GY1 1AA", TAX), ("gb", "IM1 1AA", NOT), ("gb", "SW1A 1AA", SERVED), ("us", "00901", TAX),
        ("us", "00802", CUSTOMS), ("us", "96910", CUSTOMS), ("us", "96799", CUSTOMS), ("us", "96813", NOT), ("us", "99501", NOT),
        ("us", "09012", NOT), ("us", "90210", SERVED), ("us", "90210-1234", SERVED), ("fr", "97110", TAX), ("fr", "98800", CUSTOMS),
        ("fr", "98000", SERVED), ("fr", "75001", SERVED), ("it", "23041", CUSTOMS), ("it", "22061", TAX), ("it", "00118", SERVED),
        ("at", "6991", TAX), ("at", "1010", SERVED), ("my", "87000", CUSTOMS), ("au", "2899", TAX), ("ch", "7563", CUSTOMS),
    ],
)  # fmt: skip
def test_a_postcode_is_told_apart(market: str, postcode: str, kind: AreaKind) -> None:
    area = area_of(load_market(market), postcode)
    assert area.kind is kind
    assert bool(area.reason) == bool(area.source) == (kind is not SERVED)
    assert area.is_served == (kind is SERVED)


@pytest.mark.parametrize(("region", "kind"), [("PR", TAX), ("gu", CUSTOMS), ("AE", NOT), ("HI", NOT), ("CA", SERVED), ("", SERVED)])
def test_a_state_is_told_apart_without_a_postcode(region: str, kind: AreaKind) -> None:
    assert area_of(load_market("us"), None, region).kind is kind


@pytest.mark.parametrize(
    ("market", "line", "served"),
    [
        ("us", "PO Box 12", False), ("us", "P.O. Box 12", False), ("us", "p o box 9", False), ("us", "Post Office Box 1", False),
        ("us", "12 Boxwood Lane", True), ("us", "PSC 3 Box 4120 APO", False), ("de", "Postfach 10 20 30", False), ("de", "Postweg 3", True),
        ("gb", "BFPO 58", False), ("gb", "1 Apollo Road", True), ("th", "ตู้ ปณ. 7", False), ("th", "7 ถนนสีลม", True),
    ],
)  # fmt: skip
def test_a_post_office_box_is_not_served(market: str, line: str, served: bool) -> None:
    assert area_of(load_market(market), None, None, ["Ana Lee", line]).is_served is served


@pytest.mark.parametrize(
    ("market", "postcode", "zone"),
    [
        ("de", "25980", "islands"),
        ("de", "10115", None),
        ("gb", "IV2 3AB", "highlands"),
        ("gb", "PH21 1AA", None),
        ("es", "07001", "balearics"),
    ],
)
def test_a_served_address_knows_its_zone(market: str, postcode: str, zone: str | None) -> None:
    assert area_of(load_market(market), postcode).zone == zone


@given(st.sampled_from(sorted(load_markets())), st.text(max_size=12), st.text(max_size=4), st.lists(st.text(max_size=60), max_size=3))
def test_any_address_has_an_answer(market: str, postcode: str, region: str, lines: list[str]) -> None:
    area = area_of(load_market(market), postcode, region, lines)
    assert area.is_served or area.reason
