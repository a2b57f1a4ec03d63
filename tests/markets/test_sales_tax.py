"""U.S. sales tax rates: which row holds for an address, and files that are refused."""

import csv
from datetime import date
from pathlib import Path

import pytest

from tradewind.markets import US_STATES, Destination, SalesTaxIsInvalid, SalesTaxTable, load_sales_tax, parse_sales_tax

TODAY = date(2026, 11, 23)
HEAD = "state,zip,county,city,rate_percent,state_percent,county_percent,shipping,exempt,certainty,valid_from,valid_to,source\n"


def a_table(*rows: str) -> SalesTaxTable:
    return parse_sales_tax((HEAD + "\n".join(rows)).encode(), "rates.csv")


def a_row(zip: str = "", city: str = "", rate: str = "8", starts: str = "2026-01-01", ends: str = "") -> str:  # noqa: A002
    return f"TX,{zip},,{city},{rate},,,taxable,,,{starts},{ends},a source"


def rate_of(table: SalesTaxTable, zip: str, city: str = "", day: date = TODAY) -> int | None:  # noqa: A002
    found = table.find(Destination("TX", zip, "", city), day)
    return found[0].rate_ppm if found else None


def test_the_sample_is_an_estimate_and_says_so() -> None:
    table = load_sales_tax()
    rate, _ = table.find(Destination("CA", "90001"), TODAY) or pytest.fail("no rate")
    assert (table.is_sample, rate.certainty, rate.shipping_taxed) == (True, "estimate", False)
    assert "Sample" in rate.source


def test_a_loaded_file_takes_the_samples_place(tmp_path: Path) -> None:
    (tmp_path / "sales_tax").mkdir()
    (tmp_path / "sales_tax" / "us.csv").write_text(HEAD + a_row(), encoding="utf-8")
    assert not load_sales_tax(tmp_path).is_sample
    assert load_sales_tax(tmp_path).states() == ("TX",)


@pytest.mark.parametrize(
    ("zip", "expected"), [("75200", 80_000), ("75201", 82_500), ("75254-1234", 82_500), ("79901", 81_000), ("", 80_000)]
)
def test_a_zip_goes_before_its_state(zip: str, expected: int) -> None:  # noqa: A002
    table = a_table(a_row(), a_row("75201-75254", rate="8.25"), a_row("79901;79905", rate="8.1"))
    assert rate_of(table, zip) == expected


def test_a_city_goes_before_its_zip_and_is_no_other_city() -> None:
    table = a_table(a_row("75201"), a_row("75201", "Dallas", "8.25"))
    assert [rate_of(table, "75201", city) for city in ("DALLAS", "Plano", "")] == [82_500, 80_000, 80_000]


def test_rows_that_disagree_give_the_highest_rate_and_say_so() -> None:
    found = a_table(a_row("75201", rate="8"), a_row("75201", rate="8.25")).find(Destination("TX", "75201"), TODAY)
    assert found is not None
    assert (found[0].rate_ppm, found[1]) == (82_500, True)


def test_a_rate_holds_between_its_days() -> None:
    table = a_table(a_row(ends="2026-06-30"), a_row(rate="8.5", starts="2026-07-01"))
    days = (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))
    assert [rate_of(table, "75201", day=day) for day in days] == [None, 80_000, 85_000]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("TE,,,,8,,,,,,2026-01-01,,s", "no state"),
        ("TX,,,,eight,,,,,,2026-01-01,,s", "no percentage"),
        ("TX,,,,80,,,,,,2026-01-01,,s", "0 to 25"),
        ("TX,,,,NaN,,,,,,2026-01-01,,s", "0 to 25"),
        ("TX,,,,8.12345,,,,,,2026-01-01,,s", "finer"),
        ("TX,,,,8,6.25,1,,,,2026-01-01,,s", "add up"),
        ("TX,752,,,8,,,,,,2026-01-01,,s", "ZIP"),
        ("TX,75254-75201,,,8,,,,,,2026-01-01,,s", "ZIP"),
        ("TX,,,,8,,,maybe,,,2026-01-01,,s", "maybe"),
        ("TX,,,,8,,,,Clothing!,,2026-01-01,,s", "exemption"),
        ("TX,,,,8,,,,,perhaps,2026-01-01,,s", "perhaps"),
        ("TX,,,,8,,,,,,01/01/2026,,s", "no day"),
        ("TX,,,,8,,,,,,2026-01-01,2025-01-01,s", "before it begins"),
        ("TX,,,,8,,,,,,2026-01-01,,", "source"),
    ],
)
def test_a_bad_row_is_counted_with_its_reason(row: str, word: str) -> None:
    table = a_table(*[a_row()] * 4, row)
    assert (len(table.rates), table.rejected_count) == (4, 1)
    assert table.rejected[0][0] == 6
    assert word in table.rejected[0][1]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "lacks the column"),
        (b"state,rate\nTX,8\n", "lacks the column"),
        ((HEAD.strip() + ",colour\n").encode(), "colour"),
        (HEAD.encode(), "it has no row"),
        ((HEAD + a_row() + "\nXX,,,,8,,,,,,2026-01-01,,s\n").encode(), "1 of 2 rows"),
        ("state,rate_percent,valid_from,source\nTX,8,2026-01-01,ä".encode("latin-1"), "UTF-8"),
    ],
)
def test_another_kind_of_file_is_refused(content: bytes, word: str) -> None:
    with pytest.raises(SalesTaxIsInvalid) as caught:
        parse_sales_tax(content, "rates.csv")
    assert word in caught.value.message


@pytest.mark.shared_data
def test_the_samples_state_rates_agree_with_the_reference(shared_data: Path) -> None:
    rows = csv.DictReader((shared_data / "reference/markets/us_sales_tax_states.csv").read_text("utf-8").splitlines())
    reference = {row["state"]: row["state_rate_pct"] for row in rows}
    table = load_sales_tax()
    ours = {rate.state: dict(rate.parts)["state"] for rate in table.rates}
    assert set(reference) == US_STATES
    assert {state: int(float(reference[state]) * 10_000) for state in ours} == ours
