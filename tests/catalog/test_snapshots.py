"""A snapshot: nothing is lost, nothing is imported twice, nothing half-made is seen."""

from pathlib import Path

import pytest
from tests.catalog.building import imported, quarantine, rows, variants

from tradewind.catalog import gaps, list_quarantine, list_snapshots, load_snapshot, show_quarantine, show_variant
from tradewind.catalog.errors import MappingIsInvalid, NothingWasAccepted, ShapeIsUnknown, SkuNotFound, SnapshotNotFound

BASIC = 'language = "en"\ncurrency = "USD"\n[attributes]\nsku = "id"\ntitle = "name"\n'


def test_every_row_is_accepted_or_in_quarantine_with_a_reason(tmp_path: Path) -> None:
    csv = "id,name,p\n1,Cup,1.00\n,Mug,1.00\n1,Again,1.00\n4,,1.00\n5,Pot,cheap\n"
    snapshot = imported(tmp_path, csv, BASIC + 'home_price = "p"\n').snapshot
    assert (snapshot.counts.rows_read, snapshot.counts.rows_accepted, snapshot.counts.rows_quarantined) == (5, 1, 4)
    assert [(entry["row"], entry["field"]) for entry in quarantine(snapshot)] == [(2, "sku"), (3, "sku"), (4, "title"), (5, "home_price")]
    assert all(entry["reason"] and entry["hint"] for entry in quarantine(snapshot))


def test_the_same_input_again_is_a_no_op(tmp_path: Path) -> None:
    first, again = (imported(tmp_path, "id,name\n1,Cup\n", BASIC) for _ in range(2))
    assert (first.already_known, again.already_known) == (False, True)
    assert [snapshot.snapshot_id for snapshot in list_snapshots(tmp_path / "home")] == [first.snapshot.snapshot_id]


def test_another_mapping_makes_another_snapshot_and_it_is_the_latest(tmp_path: Path) -> None:
    first = imported(tmp_path, "id,name\n1,Cup\n", BASIC).snapshot
    second = imported(tmp_path, "id,name\n1,Cup\n", BASIC + 'brand = "name"\n').snapshot
    assert first.snapshot_id != second.snapshot_id
    assert load_snapshot(tmp_path / "home").snapshot_id == second.snapshot_id


def test_what_a_killed_import_left_is_removed_and_never_seen(tmp_path: Path) -> None:
    left = tmp_path / "home" / "catalog" / ".importing-1" / "snapshot"
    left.mkdir(parents=True)
    imported(tmp_path, "id,name\n1,Cup\n", BASIC)
    assert not list((tmp_path / "home" / "catalog").glob(".importing-*"))


def test_shards_keep_a_product_together_and_lose_no_variant(tmp_path: Path) -> None:
    csv = "id,p,name\n" + "".join(f"{number},{number // 3},Cup {number}\n" for number in range(600))
    snapshot = imported(tmp_path, csv, BASIC + 'product_id = "p"\n', shard_rows=100).snapshot
    placed = rows(
        f"SELECT product_id, count(DISTINCT filename) AS files FROM read_parquet('{snapshot.all_products}', filename = true) GROUP BY ALL"
    )
    assert snapshot.shard_count == 6
    assert {row["files"] for row in placed} == {1}
    assert snapshot.counts.variants == 600


def test_a_catalog_that_grows_a_little_keeps_its_shards(tmp_path: Path) -> None:
    make = lambda size: "id,name\n" + "".join(f"{number},Cup {number}\n" for number in range(size))  # noqa: E731
    assert [imported(tmp_path, make(size), BASIC, shard_rows=100).snapshot.shard_count for size in (400, 700, 900)] == [4, 4, 9]


def test_rows_of_a_shard_are_sorted_and_their_hash_ignores_their_place(tmp_path: Path) -> None:
    one = variants(imported(tmp_path, "id,name\nb,Mug\na,Cup\n", BASIC).snapshot)
    two = variants(imported(tmp_path, "id,name\na,Cup\nb,Mug\n", BASIC).snapshot)
    assert [row["sku"] for row in one] == ["a", "b"]
    assert [row["row_hash"] for row in one] == [row["row_hash"] for row in two]


def test_a_changed_fact_changes_the_hash_of_that_row_only(tmp_path: Path) -> None:
    mapping = BASIC + 'color = "c"\nsize = "s"\n'
    one = variants(imported(tmp_path, "id,name,c,s\na,Cup,x,\nb,Mug,x,y\n", mapping).snapshot)
    two = variants(imported(tmp_path, "id,name,c,s\na,Cup,,x\nb,Mug,x,y\n", mapping).snapshot)
    assert one[0]["row_hash"] != two[0]["row_hash"]
    assert one[1]["row_hash"] == two[1]["row_hash"]


def test_of_two_variants_with_one_gtin_the_one_with_more_facts_wins(tmp_path: Path) -> None:
    csv = "id,name,g,b\nx,Cup,4006381333931,\ny,Cup too,4006381333931,Acme\n"
    loser, winner = variants(imported(tmp_path, csv, BASIC + 'gtin = "g"\nbrand = "b"\n').snapshot)
    assert (loser["gtin_duplicate_of"], winner["gtin_duplicate_of"]) == ("y", None)
    assert loser["gtin_reason"] == "y has more facts (2 against 1)"


def test_no_published_column_is_a_double_or_a_hugeint(tmp_path: Path) -> None:
    snapshot = imported(tmp_path, "id,name,q\n1,Cup,5\n", BASIC + '[[stock]]\ncolumn = "q"\nlocation = "SZX-1"\n').snapshot
    for name in ("products-00000", "stock-00000", "quarantine", "issues"):
        types = {row["column_type"] for row in rows(f"DESCRIBE SELECT * FROM read_parquet('{snapshot.folder / name}.parquet')")}
        assert not types & {"DOUBLE", "FLOAT", "HUGEINT"}


def test_gaps_rank_what_holds_back_most(tmp_path: Path) -> None:
    snapshot = imported(tmp_path, "id,name,b\n1,Toner cartridge,A\n2,Toner cartridge,\n", BASIC + 'brand = "b"\n').snapshot
    found = {gap.fact: gap.variants for gap in gaps(snapshot) if gap.state == "missing"}
    assert found["cost"] == 2
    assert found["brand"] == 1
    assert next(iter(gaps(snapshot))).variants == 2


def test_gaps_name_the_languages_that_texts_lack(tmp_path: Path) -> None:
    mapping = BASIC.replace('title = "name"', 'title = ["name", { column = "de", language = "de" }]')
    snapshot = imported(tmp_path, "id,name,de\n1,Cup,Tasse\n2,Mug,\n", mapping).snapshot
    found = {gap.fact: gap.variants for gap in gaps(snapshot, ("en", "de"))}
    assert found["title de"] == 1
    assert "title en" not in found
    assert found["description en"] == 2


def test_a_cost_that_is_worked_out_is_not_called_missing(tmp_path: Path) -> None:
    mapping = BASIC + 'home_price = "p"\ncost = { from = "home_price", times = "0.6" }\n'
    snapshot = imported(tmp_path, "id,name,p\n1,Cup,9.90\n", mapping).snapshot
    (cost,) = [gap for gap in gaps(snapshot) if gap.fact == "cost"]
    assert (cost.state, cost.effect) == ("derived", "prices stand on a share of the home price")


def test_a_quarantined_row_is_shown_with_its_source(tmp_path: Path) -> None:
    snapshot = imported(tmp_path, "id,name\n1,Cup\n2,\n", BASIC).snapshot
    (entry,) = list_quarantine(snapshot)
    shown, source = show_quarantine(snapshot, entry.quarantine_id[:6])
    assert (shown.reason, source["id"]) == ("the row has no title", "2")


def test_a_variant_is_shown_with_stock_and_source(tmp_path: Path) -> None:
    snapshot = imported(tmp_path, "id,name,q\n1,Cup,5\n", BASIC + '[[stock]]\ncolumn = "q"\nlocation = "SZX-1"\n').snapshot
    facts = show_variant(snapshot, "1")
    assert facts["stock"] == {"SZX-1": 5}
    with pytest.raises(SkuNotFound, match='"7"'):
        show_variant(snapshot, "7")


def test_columns_of_no_known_shape_ask_for_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(ShapeIsUnknown) as caught:
        imported(tmp_path, "a,b\n1,2\n")
    assert "tradewind catalog map" in caught.value.hint


def test_a_catalog_without_one_good_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingWasAccepted):
        imported(tmp_path, "id,name\n1,\n2,\n", BASIC)
    with pytest.raises(SnapshotNotFound):
        load_snapshot(tmp_path / "home")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ('[attributes]\nsku = "id"\ntitel = "name"\n', "attributes.titel"),
        ('[attributes]\nsku = "id"\ntitle = "nam"\n', 'no column "nam"'),
        ('[attributes]\nsku = "id"\ntitle = "name"\nweight = { column = "w", unit = "stone" }\n', '"stone" is not a unit of weight'),
        ('[attributes]\nsku = "id"\ntitle = "name"\n[categories]\nx = "phonez"\n', '"phonez" is not one of our categories'),
        ('[attributes]\ntitle = "name"\n', "attributes.sku: is missing"),
        ('currency = "EURO"\n[attributes]\nsku = "id"\ntitle = "name"\n', '"EURO" is not a currency'),
    ],
)
def test_a_wrong_mapping_names_its_key_and_what_is_known(tmp_path: Path, mapping: str, message: str) -> None:
    with pytest.raises(MappingIsInvalid, match=r"goods\.mapping\.toml") as caught:
        imported(tmp_path, "id,name,w\n1,Cup,2\n", mapping)
    assert message in caught.value.message
    assert caught.value.hint


def test_salvage_takes_the_readable_items_and_quarantines_the_rest(tmp_path: Path) -> None:
    item = "<item><g:id>{0}</g:id><title>Cup</title><link>https://x.test/{0}</link><g:price>5 EUR</g:price><g:image_link>https://x.test/{0}.jpg{1}</g:image_link></item>"
    feed = (
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
        + item.format("a", "")
        + item.format("b", "?w=1&h=2")
        + "</channel></rss>"
    )
    counts = imported(tmp_path, feed, name="feed.xml", salvage=True).snapshot.counts
    assert (counts.rows_read, counts.rows_accepted, counts.rows_quarantined) == (2, 1, 1)


def test_shopify_rows_share_the_texts_of_their_products_first_row(tmp_path: Path) -> None:
    csv = (
        "Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,Image Src,Image Position\n"
        "tee,Tee,<p>Soft</p>,Acme,Color,Red,T-R,200,9.00,https://x.test/1.jpg,1\ntee,,,,,Blue,T-B,200,9.00,https://x.test/2.jpg,2\n"
    )
    blue, red = variants(imported(tmp_path, csv).snapshot)
    assert (blue["titles"], blue["brand"], blue["color"], blue["product_id"]) == ({"en": "Tee"}, "Acme", "Blue", "tee")
    assert (red["weight_g"], red["images"]) == (200, ["https://x.test/1.jpg", "https://x.test/2.jpg"])


def test_our_own_columns_need_no_mapping(tmp_path: Path) -> None:
    csv = "sku,title_en,title_zh,category,cost,cost_currency,weight_g,stock_SZX-1\na,Cup,杯子,kitchen,12.50,CNY,300,7\n"
    snapshot = imported(tmp_path, csv).snapshot
    (variant,) = variants(snapshot)
    assert (variant["titles"], variant["cost_minor"], variant["cost_currency"]) == ({"en": "Cup", "zh": "杯子"}, 1250, "CNY")
    assert (variant["category"], variant["category_from"], variant["weight_g"]) == ("kitchen", "supplier", 300)
    assert show_variant(snapshot, "a")["stock"] == {"SZX-1": 7}
