"""Rate texts: what is read, what is charged, and what is left to a person."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.markets.tariff.grammar import format_rate, parse_rate
from tradewind.markets.tariff.rate import Rate, Specific, Unit, charge

CENT = 10**6
SPECIFICS = st.builds(
    Specific,
    micro=st.integers(1, 10**12),
    currency=st.sampled_from(["USD", "EUR", "GBP"]),
    unit=st.sampled_from([unit for unit in Unit if unit is not Unit.OTHER]),
    per=st.sampled_from([1, 100, 1000]),
    of=st.sampled_from(["", "on drained weight", "of total sugars"]),
)
SUMS = st.builds(Rate, ppm=st.integers(0, 10**7), specifics=st.lists(SPECIFICS, max_size=3).map(tuple))
BOUND = st.none() | SUMS.filter(lambda rate: bool(rate.ppm or rate.specifics))
RATES = st.builds(Rate, ppm=st.integers(0, 10**7), specifics=st.lists(SPECIFICS, max_size=3).map(tuple), least=BOUND, most=BOUND)


@pytest.mark.parametrize(
    ("text", "ppm", "kg", "item"),
    [
        ("Free", 0, 0, 0),
        ("16.5%", 165_000, 0, 0),
        ("16.5% 1/", 165_000, 0, 0),
        ("4.4¢/kg", 0, 4_400_000, 0),
        ("$1.646/kg", 0, 164_600_000, 0),
        ("37.1¢/pr.", 0, 0, 37_100_000),
        ("68¢/doz.", 0, 0, 5_666_667),
        ("6.5¢/gross", 0, 0, 45_139),
        ("8¢ each + 5.3%", 53_000, 0, 8 * CENT),
        ("44¢/kg + 4.9%", 49_000, 44 * CENT, 0),
        ("$1.24/t", 0, 124_000, 0),
        ("10.6¢/g", 0, 10_600 * CENT, 0),
        ("7.1 percent", 71_000, 0, 0),
        ("\u200bFree\u200b", 0, 0, 0),
    ],
)
def test_american_rates_by_value_weight_and_number(text: str, ppm: int, kg: int, item: int) -> None:
    found = charge(parse_rate(text, "USD"))
    assert (found.ppm, found.per_kg_micro, found.per_item_micro, found.problem) == (ppm, kg, item, "")


@pytest.mark.parametrize(
    ("text", "ppm", "low", "kg", "item"),
    [
        ("12.00% MIN 0.40 EUR / 100 kg", 120_000, 120_000, 400_000, 0),
        ("4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item", 0, 0, 0, 80 * CENT),
        ("0.50 EUR / item MIN 2.70% MAX 4.60%", 46_000, 0, 0, 0),
        ("6.50% MAX 5.00 EUR / 100 m", 65_000, 0, 0, 0),
        ("10.00% + 77.00 GBP/100kg", 100_000, 100_000, 77 * CENT, 0),
        ("52.00 EUR / 1,000 items", 0, 0, 0, 5_200_000),
    ],
)
def test_a_least_and_a_most_give_a_bound_that_is_never_too_low(text: str, ppm: int, low: int, kg: int, item: int) -> None:
    found = charge(parse_rate(text, "EUR"))
    assert (found.ppm, found.low_ppm, found.per_kg_micro, found.per_item_micro) == (ppm, low, kg, item)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The rate applicable to each garment in the ensemble if separately entered",
        "See additional U.S. note 5",
        "The rate applicable to the article of which it is a part or accessory",
        "44¢ each + 6% on the case + 14% on the strap, band or bracelet + 5.3% on the battery",
        "9.00% +  EA MAX 18.70%  + ADSZ",
        "15.00% (01 JAN-14 FEB), 0.00% (15 FEB-15 JUN)",
        "7.2 MIN 0.36 EUR/100 kg",
        "1e5%",
        "-5%",
        "0.00001%",
        "١٦%",
    ],
)
def test_what_is_not_understood_is_left_to_a_person_with_its_text(text: str) -> None:
    rate = parse_rate(text, "USD")
    assert rate.kind == "person"
    assert charge(rate).problem == rate.problem
    assert not text or " ".join(text.split()) in rate.problem


@pytest.mark.parametrize("text", ["0.34¢/liter", "$1.32/pf. liter", "5.7¢/kg on drained weight + 8%", "38¢/m2", "30 EUR / % vol / hl"])
def test_a_rate_by_what_no_product_record_tells_is_read_and_not_charged(text: str) -> None:
    assert parse_rate(text, "USD").kind in ("specific", "compound")
    assert "no product record tells" in charge(parse_rate(text, "USD")).problem


def test_a_heading_of_chapter_99_is_owed_on_top() -> None:
    rate = parse_rate("The duty provided in the applicable subheading + 7.5%", "USD")
    assert (rate.on_top, rate.ppm) == (True, 75_000)
    assert parse_rate("The duty provided in the applicable subheading", "USD") == Rate(on_top=True)


@given(RATES)
def test_a_rate_that_is_written_is_read_back(rate: Rate) -> None:
    text = format_rate(rate)
    again = parse_rate(text, "USD")
    assert again == rate
    assert format_rate(again) == text


@given(st.text(max_size=60))
def test_no_text_breaks_the_grammar(text: str) -> None:
    rate = parse_rate(text, "USD")
    assert rate.problem or parse_rate(format_rate(rate), "USD") == rate


@given(RATES)
def test_a_charge_is_never_negative_and_its_bottom_is_not_above_its_top(rate: Rate) -> None:
    found = charge(rate)
    assert 0 <= found.low_ppm <= found.ppm
    assert min(found.per_kg_micro, found.per_item_micro) >= 0


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_every_american_line_is_read_as_its_table_says(shared_data: Path) -> None:
    kinds = {"free": "free", "advalorem": "ad_valorem", "specific": "specific", "compound": "compound", "other": "person"}
    rows = _rows(shared_data / "data" / "tariff" / "us_hts8_rates_2025-05.csv.gz")
    rates = [(row, parse_rate(row["general"], "USD")) for row in rows]
    assert [row["hts8"] for row, rate in rates if rate.kind != kinds[row["kind"]]] == []
    percents = [(row, rate) for row, rate in rates if row["adval_pct"]]
    assert [row["hts8"] for row, rate in percents if round(float(row["adval_pct"]) * 10_000) != rate.ppm] == []
    assert sum(rate.kind != "person" for _, rate in rates) == 11_276  # of 11,414: 98.8 percent


def test_nearly_every_european_line_is_read(shared_data: Path) -> None:
    rows = _rows(shared_data / "data" / "tariff" / "eu_uk_mfn_2021-01.csv.gz")
    for column, currency, at_least in (("cet_duty_rate", "EUR", 989), ("ukgt_duty_rate", "GBP", 998)):
        read = sum(not parse_rate(row[column], currency).problem for row in rows)
        assert read * 1000 // len(rows) >= at_least
