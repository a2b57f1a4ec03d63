"""One shard of a run: what it writes, what it counts, and that it is there whole or not at all."""

import csv
import pickle
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from shard_builders import a_plan, a_spec, a_variant, compute, rows

from tradewind.adapters.feeds import PARTS
from tradewind.listings import ATTRIBUTES
from tradewind.pipeline.shard import read_result

PARTS_OF_PRICE = ("cost", "freight", "duty", "fee", "margin", "tax", "ending")


def test_a_good_variant_becomes_an_offer_whose_parts_add_up_to_its_price(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    result = compute(spec)
    offer = rows(spec.target / "de" / "offers.parquet")[0]
    assert result.markets[0].chosen == 1
    assert sum(offer[f"{part}_amount"] for part in PARTS_OF_PRICE) == offer["price_minor"] > 0
    assert (offer["currency"], offer["availability"], offer["quantity"]) == ("EUR", "in_stock", 7)
    assert (offer["ships_from"], offer["text_from"], offer["language"]) == ("CN", "template", "de")


def test_every_variant_is_chosen_or_left_out_for_a_reason(tmp_path: Path) -> None:
    variants = [a_variant("A"), a_variant("B", cost_minor=None), a_variant("C", category="weapons"), a_variant("D", images=[])]
    market = compute(a_spec(tmp_path, variants)).markets[0]
    assert market.considered == 4 == market.chosen + sum(market.left_out.values())
    assert market.left_out == {"missing_cost": 1, "prohibited_category": 1, "missing_image": 1}


def test_all_reasons_are_told_with_the_worst_first(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant(cost_minor=None, weight_g=None, category="weapons", images=[])])
    compute(spec)
    chosen = rows(spec.target / "de" / "selection.parquet")[0]
    assert chosen["reasons"] == ["prohibited_category", "missing_cost", "missing_weight", "missing_image"]
    assert chosen["primary_reason"] == "prohibited_category"


def test_what_is_nowhere_in_stock_is_offered_as_out_of_stock(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()], stock_rows=[])
    compute(spec)
    assert rows(spec.target / "de" / "offers.parquet")[0]["availability"] == "out_of_stock"


def test_the_text_is_the_suppliers_then_a_template_then_a_marked_fallback(tmp_path: Path) -> None:
    variants = [
        a_variant("A", titles={"de": "Kopfhörer A", "en": "Headphones A"}),
        a_variant("B"),
        a_variant("C", brand=None, mpn=None),
        a_variant("D", brand=None, mpn=None, titles={"zh": "耳机"}),
    ]
    spec = a_spec(tmp_path, variants)
    market = compute(spec).markets[0]
    texts = [(row["text_from"], row["language"]) for row in rows(spec.target / "de" / "offers.parquet")]
    assert texts == [("supplier", "de"), ("template", "de"), ("fallback", "en")]
    assert market.left_out == {"no_readable_text": 1}


def test_a_title_built_from_terms_names_brand_kind_model_and_color(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    compute(spec)
    assert rows(spec.target / "de" / "offers.parquet")[0]["title"] == "Acme Kopfhörer HX-4411 schwarz"


def test_a_shard_leaves_the_files_of_the_contract_and_its_result(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()], plans=(a_plan("de"), a_plan("us"), a_plan("th")))
    result = compute(spec)
    tables = {"selection.parquet", "offers.parquet", "listings.parquet", *PARTS}
    assert all({path.name for path in (spec.target / market).iterdir()} == tables for market in ("de", "us", "th"))
    assert read_result(spec.target) == result
    assert sorted(path.name for path in spec.target.iterdir()) == ["de", "inputs.parquet", "result.json", "th", "us"]


def test_no_published_column_is_a_double_or_a_hugeint(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    compute(spec)
    with duckdb.connect() as connection:
        for path in (spec.target / "de").glob("*.parquet"):
            kinds = [row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
            assert not {kind for kind in kinds if any(word in kind for word in ("DOUBLE", "HUGEINT", "DECIMAL", "FLOAT"))}


def test_the_offers_have_the_columns_of_the_contract_in_their_order(tmp_path: Path) -> None:
    contract = (Path(__file__).parents[2] / "docs/reference/batch-contract.md").read_text("utf-8")
    block = contract.split("The build-up is flat.\n```\n")[1].split("```")[0]
    spec = a_spec(tmp_path, [a_variant()])
    compute(spec)
    wanted = [name.strip().removesuffix(" VARCHAR[]") for name in block.replace("\n", " ").split(",")]
    assert list(rows(spec.target / "de" / "offers.parquet")[0]) == wanted


def test_a_finished_shard_is_not_computed_again(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    first = compute(spec)
    spec.products.unlink()
    assert compute(spec) == first


def test_a_shard_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    spec.stock.write_bytes(b"no parquet")
    with pytest.raises(duckdb.Error):
        compute(spec)
    assert list(spec.target.parent.iterdir()) == []


def test_what_a_killed_attempt_left_is_cleared_away(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    (spec.target.parent / f".{spec.target.name}.dead" / "de").mkdir(parents=True)
    compute(spec)
    assert [path.name for path in spec.target.parent.iterdir()] == [spec.target.name]


def test_the_same_spec_gives_the_same_bytes_of_feed(tmp_path: Path) -> None:
    variants = [a_variant(f"S-{number}") for number in range(30)]
    one, two = a_spec(tmp_path / "1", variants), a_spec(tmp_path / "2", list(reversed(variants)))
    compute(one), compute(two)
    assert all((one.target / "de" / name).read_bytes() == (two.target / "de" / name).read_bytes() for name in PARTS)


def test_a_feed_shows_the_price_without_tax_in_the_us_and_with_tax_in_germany(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()], plans=(a_plan("us"), a_plan("de")))
    compute(spec)
    us, de = (rows(spec.target / market / "offers.parquet")[0] for market in ("us", "de"))
    assert (us["tax_amount"], us["tax_included"]) == (0, False)
    assert de["tax_amount"] > 0
    assert de["tax_included"]


def test_the_feed_says_what_the_listing_says(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant("A", titles={"de": 'Der "beste"\tKopfhörer & mehr'}), a_variant("B")])
    compute(spec)
    listed = rows(spec.target / "de" / "listings.parquet", ", ".join(ATTRIBUTES))
    with (spec.target / "de" / "products.tsv.part").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file, ATTRIBUTES, delimiter="\t"))
    assert read == [{name: value or "" for name, value in row.items()} for row in listed]


def test_the_diff_names_what_is_new_changed_and_gone(tmp_path: Path) -> None:
    before = a_spec(tmp_path, [a_variant("A"), a_variant("B"), a_variant("C")])
    compute(before)
    after = a_spec(
        tmp_path,
        [a_variant("B"), a_variant("C", weight_g=900), a_variant("D")],
        run="run_2",
        published={"de": (before.target / "de",)},
    )
    market = compute(after).markets[0]
    changes = {row["offer_id"]: row["change"] for row in rows(after.target / "de" / "diff.parquet")}
    assert changes == {"A": "gone", "C": "changed", "D": "new"}
    assert (market.new, market.changed, market.gone, market.unchanged) == (1, 1, 1, 1)


def test_a_change_of_stock_alone_changes_the_offer_but_not_its_listing(tmp_path: Path) -> None:
    one, two = (a_spec(tmp_path / str(left), [a_variant()], stock_rows=[("HX-1", "SZX-1", left)]) for left in (5, 6))
    compute(one), compute(two)
    offers, listings = (
        [rows(spec.target / "de" / f"{name}.parquet")[0]["content_hash"] for spec in (one, two)] for name in ("offers", "listings")
    )
    assert offers[0] != offers[1]
    assert listings[0] == listings[1]


def test_ids_that_google_would_not_take_become_digests(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant("耳机/1"), a_variant("B", product_id="Kopfhörer")])
    compute(spec)
    found = rows(spec.target / "de" / "listings.parquet", "id, link, item_group_id")
    assert found[1]["id"].startswith("tw-")
    assert found[1]["link"] == f"http://shop.example/de/p/{found[1]['id']}"
    assert found[0]["item_group_id"].startswith("tw-")


def test_pictures_get_absolute_addresses_that_a_feed_can_hold(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    compute(spec)
    assert rows(spec.target / "de" / "offers.parquet")[0]["images"] == [
        "https://img.example/HX-1.jpg",
        "http://shop.example/media/b%20side%2C2.jpg",
    ]


def test_facts_that_stand_on_defaults_are_named(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant(weight_from="category_default", cost_from="derived")])
    compute(spec)
    assert rows(spec.target / "de" / "offers.parquet")[0]["defaulted"] == ["weight", "cost"]
    assert rows(spec.target / "de" / "listings.parquet")[0]["custom_label_0"] == "default weight cost"


def test_a_spec_and_a_result_cross_process_borders(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [a_variant()])
    result: Any = compute(spec)
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert pickle.loads(pickle.dumps(result)) == result


def test_an_empty_shard_has_empty_files(tmp_path: Path) -> None:
    spec = a_spec(tmp_path, [])
    market = compute(spec).markets[0]
    assert (market.considered, market.chosen) == (0, 0)
    assert all((spec.target / "de" / name).read_bytes() == b"" for name in PARTS)


def test_a_small_picture_warns_today_and_is_refused_from_the_day_of_the_rule(tmp_path: Path) -> None:
    for day, verdict in ((date(2026, 12, 1), "warning"), (date(2027, 1, 31), "disapproved")):
        plan = a_plan("us", date(2026, 9, 15))
        spec = a_spec(tmp_path / str(day), [a_variant(image_width=400)], plans=(_on(plan, day),))
        assert compute(spec).markets[0].verdicts == {verdict: 1}


def _on(plan: Any, day: date) -> Any:
    from dataclasses import replace

    return replace(plan, as_of=day)
