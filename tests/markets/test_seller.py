"""The seller's registrations: dated, checked, and never guessed."""

from datetime import date
from pathlib import Path

import pytest

from tradewind.markets import SellerIsInvalid, load_seller, parse_seller, registered

TODAY = date(2026, 11, 23)
HEAD = 'signed_by = "Mei"\n[seller]\nname = "Hangzhou Lamps Ltd"\ncountry = "CN"\n'


def a_registration(kind: str = "vat", jurisdiction: str = "DE", number: str = "DE123456788", more: str = "") -> str:
    dated = "" if "valid_from" in more else "valid_from = 2026-01-01\n"
    return f'[[registration]]\nkind = "{kind}"\njurisdiction = "{jurisdiction}"\nnumber = "{number}"\n{dated}{more}\n'


def a_seller(*registrations: str) -> str:
    return HEAD + "".join(registrations)


def test_the_demo_seller_is_invented_and_says_so() -> None:
    seller = load_seller()
    assert (seller.invented, seller.signed_by) == (True, "demo")
    assert "invented" in seller.name
    assert "Invented" in seller.source


def test_the_retailers_own_file_wins(tmp_path: Path) -> None:
    (tmp_path / "seller.toml").write_text(a_seller(a_registration()), encoding="utf-8")
    seller = load_seller(tmp_path)
    assert (seller.name, seller.invented) == ("Hangzhou Lamps Ltd", False)


def test_a_folder_without_a_seller_leaves_the_demos(tmp_path: Path) -> None:
    assert load_seller(tmp_path).invented


@pytest.mark.parametrize(
    ("day", "number"),
    [(date(2025, 12, 31), None), (date(2026, 1, 1), "DE123456788"), (date(2026, 6, 30), "DE123456788"), (date(2026, 7, 1), None)],
)
def test_a_registration_holds_between_its_days(day: date, number: str | None) -> None:
    seller = parse_seller(a_seller(a_registration(more="valid_to = 2026-06-30")))
    found = registered(seller, "vat", "DE", day)
    assert (found.number if found else None) == number


def test_a_registration_of_the_union_covers_its_members_and_nobody_else() -> None:
    seller = parse_seller(a_seller(a_registration("ioss", "EU", "IM2761234561")))
    assert registered(seller, "ioss", "FR", TODAY) is not None
    assert registered(seller, "ioss", "CH", TODAY) is None


def test_a_members_own_number_goes_before_that_of_the_union() -> None:
    rows = a_registration("eori", "EU", "FR12345678200000"), a_registration("eori", "DE", "DE123456700000000")
    found = registered(parse_seller(a_seller(*rows)), "eori", "DE", TODAY)
    assert found is not None
    assert found.jurisdiction == "DE"


def test_a_permit_of_one_state_is_none_of_another() -> None:
    seller = parse_seller(a_seller(a_registration("sales_tax_permit", "US-CA", "102-345678")))
    assert registered(seller, "sales_tax_permit", "US-CA", TODAY) is not None
    assert registered(seller, "sales_tax_permit", "US-TX", TODAY) is None


def test_a_bond_for_one_lane_serves_no_other() -> None:
    seller = parse_seller(a_seller(a_registration("customs_bond", "US", "26C0001AB", 'lane = "LAX-1.us"')))
    assert registered(seller, "customs_bond", "US", TODAY, lane="LAX-1.us") is not None
    assert registered(seller, "customs_bond", "US", TODAY, lane="SZX-1.us") is None


@pytest.mark.parametrize(
    ("kind", "jurisdiction", "number"),
    [
        ("vat", "GB", "GB123456782"),
        ("vat", "CH", "CHE-123.456.788 MWST"),
        ("vat", "TH", "0123456789016"),
        ("vat", "VN", "0101234565"),
        ("gst", "AU", "300012345678"),
        ("eori", "FR", "FR12345678200000"),
        ("epr_packaging", "FR", "FR123456_01ABCD"),
    ],
)
def test_numbers_of_the_right_form_are_taken(kind: str, jurisdiction: str, number: str) -> None:
    assert parse_seller(a_seller(a_registration(kind, jurisdiction, number))).registrations[0].number == number


@pytest.mark.parametrize(
    ("kind", "jurisdiction", "number", "word"),
    [
        ("vat", "DE", "DE123456789", "checksum"),
        ("vat", "DE", "FR11123456782", "starts with DE"),
        ("vat", "GB", "GB123456789", "checksum"),
        ("ioss", "EU", "DE123456788", "starts with IM"),
        ("ioss", "EU", "IM276", "length"),
        ("eori", "EU", "123", "two letters"),
        ("eori", "GB", "GB123", "12 digits"),
        ("epr_packaging", "DE", "DE123", "LUCID"),
        ("gst", "AU", "18123456780", "check"),
    ],
)
def test_a_wrong_number_is_refused_with_its_value_and_the_reason(kind: str, jurisdiction: str, number: str, word: str) -> None:
    with pytest.raises(SellerIsInvalid) as caught:
        parse_seller(a_seller(a_registration(kind, jurisdiction, number)))
    assert number in caught.value.message
    assert word in caught.value.message


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("= nonsense", "not TOML"),
        ('signed_by = "Mei"\n', "[seller]"),
        (a_seller(a_registration("tax_card")), "tax_card"),
        (a_seller(a_registration(jurisdiction="Germany")), "Germany"),
        (a_seller(a_registration("sales_tax_permit", "US", "102-345")), "one state's"),
        (a_seller(a_registration(more='colour = "red"')), "colour"),
        (a_seller(a_registration(more="valid_to = 2025-01-01")), "before it begins"),
        (a_seller(a_registration(more='valid_from = "2026"')), "valid_from"),
        (a_seller(a_registration("responsible_person", "EU", "RP-1")), "address"),
        (a_seller(a_registration(), a_registration()), "at once"),
        (HEAD.replace('"CN"', '"China"'), "China"),
        ("invented = 1\n" + HEAD, "invented"),
        (HEAD + 'email = "nobody"\n', "nobody"),
        (HEAD + '[[maker]]\nname = "Works"\nbrands = []\n', "brands"),
    ],
)
def test_a_wrong_file_is_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(SellerIsInvalid) as caught:
        parse_seller(text)
    assert word in caught.value.message
    assert caught.value.hint


def test_the_maker_of_a_brand_goes_before_the_one_of_every_brand() -> None:
    maker = '[[maker]]\nname = "{0}"\nbrands = ["{1}"]\naddress = ["1 Road"]\nemail = "a@example.com"\n'
    seller = parse_seller(HEAD + maker.format("Works", "*") + maker.format("Lumio Ltd", "Lumio"))
    assert [one.name for brand in ("LUMIO", "Other", None) if (one := seller.maker_of(brand))] == ["Lumio Ltd", "Works", "Works"]
