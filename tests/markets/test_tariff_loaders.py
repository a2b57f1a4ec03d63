"""Official exports: every row is loaded or refused with its reason, and a broken file changes nothing."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from tradewind.markets import TariffIsInvalid, TariffReport, load_market, load_markets, table_rows

from .tariff_files import TODAY, a_csv, a_line, an_hts, loaded


def _codes(report: TariffReport, table: str) -> dict[str, int]:
    return {line.code: line.ppm for line in report.loaded.tables[table]}


def _adds_up(report: TariffReport) -> bool:
    found = report.loaded
    lines = len({line.row for table in found.tables.values() for line in table if line.row}) + sum(
        len(one[1]) for one in found.tiers.values()
    )
    return found.rows == found.taken + len(found.refused) and found.taken == lines + found.headings + found.repeated


def test_ten_digits_inherit_from_the_indent_above(tmp_path: Path) -> None:
    lines = (
        a_line("6109", 0), a_line("6109.10.00", 1, "16.5%"), a_line("6109.10.00.04", 2), a_line("", 1, "", description="Other:"),
        a_line("6109.90.10", 2, "32%"), a_line("6109.90.10.07", 3),
    )  # fmt: skip
    report = loaded(tmp_path, an_hts(tmp_path, *lines))
    assert _codes(report, "hts") == {"61091000": 165_000, "6109100004": 165_000, "61099010": 320_000, "6109901007": 320_000}
    assert (report.loaded.headings, report.edition, _adds_up(report)) == (2, date(2026, 9, 1), True)


def test_chapter_99_does_not_take_the_place_of_the_tariff(tmp_path: Path) -> None:
    loaded(tmp_path, an_hts(tmp_path, a_line("6109.10.00", 0, "16.5%")))
    more = a_line("9903.88.15", 0, "The duty provided in the applicable subheading + 7.5%")
    report = loaded(tmp_path, an_hts(tmp_path, more, name="ch99.json"))
    assert _codes(report, "ch99") == {"99038815": 75_000}
    layer = load_market("us", tmp_path).tariff[0]
    assert layer.loaded is not None
    assert [row.code for row in table_rows(layer.loaded, TODAY)] == ["61091000"]


def test_refused_rows_are_counted_and_listed(tmp_path: Path) -> None:
    lines = (a_line("6109.10.00", 0, "16.5%"), a_line("6109.10.00", 0, "17%"), a_line("61", 0, "9%"), a_line("6110.20.20", 0))
    report = loaded(tmp_path, an_hts(tmp_path, *lines))
    assert (report.loaded.rows, report.loaded.taken, len(report.loaded.refused)) == (4, 1, 3)
    assert report.refused_file is not None
    listed = report.refused_file.read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in listed] == ["row", "2", "3", "4"]
    assert "another rate" in listed[1]


def test_the_official_csv_has_the_same_columns_by_other_names(tmp_path: Path) -> None:
    text = "HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,Column 2 Rate of Duty\n"
    text += '6403.99.60,1,Other,"[""prs.""]",8.5%,"Free (AU,KR)",20%\n'
    report = loaded(tmp_path, a_csv(tmp_path, text))
    assert (_codes(report, "hts"), _codes(report, "hts-column2")) == ({"64039960": 85_000}, {"64039960": 200_000})


def test_a_suspended_list_and_a_false_prefix_do_no_harm(tmp_path: Path) -> None:
    text = "hts_prefix,annex,metal_type,source,effective_date\n8471,1b,aluminum,proclamation,2026-04-06\n7323,1b,steel,proclamation,2026-04-06\n"
    report = loaded(tmp_path, a_csv(tmp_path, text))
    assert [one.code for one in report.loaded.refused] == ["8471"]
    layers = {layer.id: layer for layer in load_market("us", tmp_path).tariff}
    assert dict(layers["US.301.lists"].lists)["9903.88.16"] == 0


def test_a_table_of_ones_own_takes_the_place_of_the_sample(tmp_path: Path) -> None:
    report = loaded(
        tmp_path, a_csv(tmp_path, "code,rate,description\n6109.10,30%,T-shirts\n8517.13,Free,Phones\n0101,,Horses\n"), "th", "THB"
    )
    assert (report.kind, report.loaded.taken, len(report.loaded.refused)) == ("plain", 2, 1)
    layer = load_market("th", tmp_path).tariff[0]
    assert layer.loaded is not None
    assert (layer.loaded.loaded_by, layer.loaded.rows) == ("Mei", 2)


def test_a_market_that_shares_the_generic_tariff_keeps_its_table_to_itself(tmp_path: Path) -> None:
    loaded(tmp_path, a_csv(tmp_path, "code,rate\n610910,18%\n"), "ca", "CAD")
    markets = load_markets(tmp_path)
    assert markets["ca"].tariff[0].loaded is not None
    assert markets["ca"].tariff[0].currency == "CAD"
    assert markets["jp"].tariff[0].loaded is None


def test_australian_steps_hold_from_their_days(tmp_path: Path) -> None:
    text = "code,stat,unit,description,general_rate\n"
    text += "\u200b8517.69.10,01,No,Radios,5% CAFree From1July2018 3.75% CA Free From1July2019 Free\n"
    text += "8517.69.10,02,No,More radios,5% CAFree From1July2018 3.75% CA Free From1July2019 Free\n"
    text += "2203.00.6,,,Beer,\n8517.69.90,,No,Other,\n"
    report = loaded(tmp_path, a_csv(tmp_path, text), "au", "AUD")
    steps = [(line.ppm, line.valid_from, line.valid_to) for line in report.loaded.tables["general"]]
    assert steps == [
        (50_000, None, date(2018, 6, 30)),
        (37_500, date(2018, 7, 1), date(2019, 6, 30)),
        (0, date(2019, 7, 1), None),
    ]
    assert (report.loaded.repeated, report.loaded.headings, len(report.loaded.refused)) == (1, 1, 1)


def test_codes_that_were_split_since_are_carried_over_and_marked(tmp_path: Path) -> None:
    text = "commodity,description,cet_duty_rate,ukgt_duty_rate\n85171200,Telephones,0.0%,0.0%\n94054010,Lamps,3.7%,2.0%\n94054099,Other,2.7%,2.0%\n"
    report = loaded(tmp_path, a_csv(tmp_path, text), "eu", "EUR")
    lines = {line.code: line for line in report.loaded.tables["general"]}
    assert (lines["851713"].ppm, lines["851713"].is_sure) == (0, False)
    assert (lines["940542"].low_ppm, lines["940542"].ppm) == (27_000, 37_000)
    assert "HS 2017" in report.loaded.notes[0]


BROKEN = {
    "empty": b"",
    "html": b"<!DOCTYPE html><html>Sign in</html>",
    "cut_json": b'[{"htsno": "6109.10.00", "gener',
    "cut_gz": gzip.compress(b'[{"htsno": "6109.10.00", "general": "1%", "indent": "0"}]' * 50)[:60],
    "windows": "htsno,general,description\n6109.10.00,16.5%,für\n".encode("cp1252"),
    "utf16": "htsno,general\n6109.10.00,16.5%\n".encode("utf-16"),
    "no_records": b'{"error": "too many requests"}',
    "numbers": b"[1, 2, 3]",
    "columns": b"a,b\n1,2\n",
    "header_only": b"htsno,general\n",
    "excel": b"PK\x03\x04rest",
    "no_line": b"htsno,general\nnot a code,16.5%\n",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_says_what_it_is_and_changes_nothing(tmp_path: Path, name: str) -> None:
    loaded(tmp_path, an_hts(tmp_path, a_line("6109.10.00", 0, "16.5%")))
    before = {path.name: path.read_bytes() for path in (tmp_path / "tariffs" / "us").iterdir()}
    file = tmp_path / f"{name}.txt"
    file.write_bytes(BROKEN[name])
    with pytest.raises(TariffIsInvalid) as caught:
        loaded(tmp_path, file)
    assert file.name in caught.value.message
    assert caught.value.hint
    assert {path.name: path.read_bytes() for path in (tmp_path / "tariffs" / "us").iterdir()} == before


def test_a_list_that_no_rule_uses_is_refused_with_its_reason(tmp_path: Path) -> None:
    file = a_csv(tmp_path, "hts_prefix,ch99_code,derivative_type,effective_date\n73239300,9903.81.91,steel,2025-08-18\n")
    with pytest.raises(TariffIsInvalid, match="replaced by the annexes"):
        loaded(tmp_path, file)


def test_a_tariff_of_another_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TariffIsInvalid, match="no tariff of th"):
        loaded(tmp_path, an_hts(tmp_path, a_line("6109.10.00", 0, "16.5%")), "th")


def test_a_damaged_manifest_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    loaded(tmp_path, an_hts(tmp_path, a_line("6109.10.00", 0, "16.5%")))
    (tmp_path / "tariffs" / "us" / "manifest.json").write_text('{"tables": {"hts": {}}}', encoding="utf-8")
    with pytest.raises(TariffIsInvalid, match="damaged"):
        load_market("us", tmp_path)


SHARED = [
    ("us_hts8_rates_2025-05.csv.gz", "us", "USD", 11_414, 0),
    ("us_hts_ch99_2026-04.json.gz", "us", "USD", 3_438, 0),
    ("us_s301_product_lists_2026-05.csv", "us", "USD", 12_223, 0),
    ("us_s232_annex_products_2026-04.csv", "us", "USD", 799, 1),
    ("us_s301_forced_labor_rates_2026-07-24.csv", "us", "USD", 86, 0),
    ("us_s301fl_exempt_tech_subset.csv", "us", "USD", 66, 0),
    ("us_s122_exempt_products.csv", "us", "USD", 1_656, 0),
    ("us_pga_flags_2026-02.csv.gz", "us", "USD", 22_154, 0),
    ("eu_uk_mfn_2021-01.csv.gz", "eu", "EUR", 11_830, 0),
    ("eu_uk_mfn_2021-01.csv.gz", "gb", "GBP", 11_830, 0),
    ("au_tariff_2026-04.csv", "au", "AUD", 7_671, 2_003),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "tariff", "currency", "rows", "refused"), SHARED)
def test_no_row_of_an_official_file_is_lost(
    shared_data: Path, tmp_path: Path, name: str, tariff: str, currency: str, rows: int, refused: int
) -> None:
    report = loaded(tmp_path, shared_data / "data" / "tariff" / name, tariff, currency)
    assert (report.loaded.rows, len(report.loaded.refused), _adds_up(report)) == (rows, refused, True)
    entries = json.loads((tmp_path / "tariffs" / tariff / "manifest.json").read_text("utf-8"))["tables"]
    assert all(entry["loaded_by"] == "Mei" and entry["taken"] + entry["refused"] == rows for entry in entries.values())
