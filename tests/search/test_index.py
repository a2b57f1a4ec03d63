"""Real tantivy: what is found, in which order, narrowed by what; each language in its own way."""

import multiprocessing
import warnings
from pathlib import Path

import pytest
from search_builders import STAMP, a_product, a_search, a_shop, ask, ids

from tradewind.adapters.search import TantivyIndex
from tradewind.search import Filters, Search, SearchIsNotBuilt, Sorting, load_relevance, price_steps


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    return a_search(tmp_path_factory.mktemp("search"))


def test_every_word_must_be_there_in_any_form(search: Search) -> None:
    assert ids(ask(search, "black backpacks")) == ["P-3"]


def test_what_can_be_bought_stands_before_what_cannot(search: Search) -> None:
    assert ids(ask(search, "backpack")) == ["P-3", "P-4"]


def test_a_misspelt_question_finds_what_was_meant(search: Search) -> None:
    found = ask(search, "comuter bakpack")
    assert (ids(found), found.understanding.corrected) == (["P-3"], "commuter backpack")


def test_a_synonym_finds_what_the_title_does_not_call_so(search: Search) -> None:
    assert set(ids(ask(search, "rucksack"))) == {"P-3", "P-4"}


def test_a_category_is_found_by_its_name(search: Search) -> None:
    assert set(ids(ask(search, "electronics"))) >= {"P-1", "P-2"}


def test_an_article_number_finds_its_product_first_however_it_is_written(tmp_path: Path) -> None:
    search = a_search(tmp_path, products=[*a_shop(), a_product("P-9", "Plain thing", sku="ART-77.12")])
    found = ask(search, "art 7712")
    assert (ids(found)[0], found.understanding.corrected) == ("P-9", None)


def test_without_a_full_match_the_nearest_come_and_say_so(search: Search) -> None:
    found = ask(search, "purple unicorn backpack")
    assert found.nearest
    assert set(ids(found)) == {"P-3", "P-4"}


def test_nothing_is_nothing(search: Search) -> None:
    found = ask(search, "xyzzy")
    assert (found.total, found.nearest, found.hits) == (0, False, ())


def test_filters_narrow_and_tell_what_there_would_be_without_them(search: Search) -> None:
    assert ids(ask(search, "backpack", filters=Filters(in_stock=True))) == ["P-3"]
    assert ids(ask(search, "", filters=Filters(attributes=("color=white",), category="electronics"))) == ["P-2"]
    none = ask(search, "backpack", filters=Filters(brand="Hexun"))
    assert (none.total, none.without_filters) == (0, 2)


def test_a_chosen_facet_still_shows_its_other_values(search: Search) -> None:
    facets = ask(search, "headphones", filters=Filters(brand="Hexun")).facets
    assert {one.value for one in facets.brands} == {"Hexun", "Larkwave"}


def test_facets_count_products(search: Search) -> None:
    facets = ask(search, "", price_steps=price_steps(2)).facets
    assert {one.value: one.count for one in facets.attributes["color"]} == {"black": 2, "white": 2, "navy": 1}
    assert sum(one.count for one in facets.prices) == 5
    assert facets.in_stock == 4


def test_prices_order_and_narrow(search: Search) -> None:
    up = ask(search, "headphones", sorting=Sorting.PRICE)
    assert ids(up) == ["P-1", "P-2"]
    assert ids(ask(search, "headphones", sorting=Sorting.PRICE_DOWN)) == ["P-2", "P-1"]
    assert ids(ask(search, "headphones", filters=Filters(price_from=10_000))) == ["P-2"]


def test_pages_follow_each_other(search: Search) -> None:
    pages = [ids(ask(search, "", offset=at, limit=2)) for at in (0, 2, 4)]
    assert sorted(one for page in pages for one in page) == ["P-1", "P-2", "P-3", "P-4", "P-5"]


def test_a_beginning_is_completed_by_words_that_stand_beside_the_others(search: Search) -> None:
    assert "backpack" in search.suggest("us", "back")
    assert search.suggest("us", "school b") == ["school backpack", "school bag"]
    assert search.suggest("us", "zzz") == []


def test_german_finds_inside_compounds_and_without_umlauts(tmp_path: Path) -> None:
    titles = {"P-1": "Larkwave Funkkopfhörer, schwarz", "P-2": "Chengwu Schreibtischlampe", "P-3": "Tuoye Rucksäcke für die Schule"}
    products = [a_product(key, title, market_language="de", category=None) for key, title in titles.items()]
    german = a_search(tmp_path, "de", products)
    assert ids(ask(german, "kopfhörer", "de")) == ["P-1"]
    assert ids(ask(german, "lampe", "de")) == ["P-2"]
    assert ids(ask(german, "rucksack", "de")) == ["P-3"]


def test_german_finds_compounds_by_their_last_part(tmp_path: Path) -> None:
    titles = {"P-1": "Yaoqing Keramikvase, matt", "P-2": "Yaoqing Vase aus Stein", "P-3": "Chengwu Tischventilator"}
    german = a_search(tmp_path, "de", [a_product(key, title, market_language="de", category=None) for key, title in titles.items()])
    assert ids(ask(german, "Vasen", "de")) == ["P-2", "P-1"]
    assert ids(ask(german, "Ventilator", "de")) == ["P-3"]


def test_a_slip_that_is_itself_a_word_is_put_right_by_the_words_beside_it(tmp_path: Path) -> None:
    titles = {"P-1": "Banri yoga mat, thick", "P-2": "Yaoqing vase, matt glaze"}
    search = a_search(tmp_path, products=[a_product(key, title, category="toys") for key, title in titles.items()])
    found = ask(search, "yoga matt")
    assert (ids(found), found.understanding.corrected, found.nearest) == (["P-1"], "yoga mat", False)


def test_thai_is_found_inside_a_run_without_spaces_and_with_a_slip(tmp_path: Path) -> None:
    titles = {"P-1": "หูฟังไร้สาย Larkwave ตัดเสียงรบกวน สีดำ", "P-2": "โคมไฟตั้งโต๊ะถนอมสายตา", "P-3": "กระเป๋าเป้เดินทาง สีดำ"}
    thai = a_search(tmp_path, "th", [a_product(key, title, market_language="th", category=None) for key, title in titles.items()])
    assert ids(ask(thai, "หูฟัง", "th")) == ["P-1"]
    assert ids(ask(thai, "หูฟังไร้สายสีดำ", "th"))[0] == "P-1"
    assert ids(ask(thai, "โคมไฟตั้งโตะ", "th")) == ["P-2"]


def test_chinese_is_taken_apart_into_words(tmp_path: Path) -> None:
    titles = {"P-1": "云雀声学 真无线蓝牙耳机 曜石黑", "P-2": "星途 通勤双肩包 黑色"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        home = a_search(tmp_path, "home", [a_product(key, title, market_language="zh") for key, title in titles.items()], ("zh", "en"))
        assert ids(ask(home, "蓝牙耳机", "home")) == ["P-1"]
        assert ids(ask(home, "背包", "home")) == ["P-2"]


def test_a_market_of_two_languages_is_asked_in_both(tmp_path: Path) -> None:
    products = [a_product("P-1", "Schwarzer Rucksack", market_language="de"), a_product("P-2", "Two black rucksacks", market_language="en")]
    both = a_search(tmp_path, "de", products)
    assert set(ids(ask(both, "rucksack", "de"))) == {"P-1", "P-2"}


def test_a_collection_that_was_never_built_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SearchIsNotBuilt) as told:
        ask(a_search(tmp_path), "lamp", "fr")
    assert told.value.hint == "tradewind search build --market fr"


def test_a_new_generation_takes_the_place_of_the_old_one_and_a_reader_sees_it(tmp_path: Path) -> None:
    search = a_search(tmp_path)
    held = search.index.open("us")
    assert held is not None
    before = {one.name for one in (tmp_path / "us").glob("gen_*")}
    with search.index.alone("us"):
        search.index.rebuild("us", [a_product("P-7", "Folding bicycle")], STAMP, ("en",))
    assert ids(ask(search, "bicycle")) == ["P-7"]
    assert {one.name for one in (tmp_path / "us").glob("gen_*")}.isdisjoint(before)
    assert held.products == 5


def test_a_change_is_seen_by_another_process(tmp_path: Path) -> None:
    search = a_search(tmp_path)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_found_elsewhere, (tmp_path, "bicycle")) == []
        with search.index.alone("us"):
            search.index.change("us", [a_product("P-7", "Folding bicycle")], ["P-1"], STAMP)
        assert pool.apply(_found_elsewhere, (tmp_path, "bicycel")) == ["P-7"]
        assert pool.apply(_found_elsewhere, (tmp_path, "noise canceling")) == []


_elsewhere: dict[Path, Search] = {}


def _found_elsewhere(folder: Path, text: str) -> list[str]:
    if folder not in _elsewhere:
        relevance = load_relevance()
        _elsewhere[folder] = Search(TantivyIndex(folder, relevance), relevance, (), {})
    return ids(ask(_elsewhere[folder], text))


def test_an_index_of_another_format_counts_as_not_built(tmp_path: Path) -> None:
    search = a_search(tmp_path)
    stamp = tmp_path / "us" / "current" / "stamp.json"
    stamp.write_text(stamp.read_text("utf-8").replace('"format": ', '"format": 9'), encoding="utf-8")
    assert search.index.open("us") is None


def test_a_failed_build_leaves_what_was_there(tmp_path: Path) -> None:
    search = a_search(tmp_path)

    def broken() -> object:
        yield a_product("P-7", "Folding bicycle")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError), search.index.alone("us"):
        search.index.rebuild("us", broken(), STAMP, ("en",))  # type: ignore[arg-type]
    assert ids(ask(search, "desk lamp")) == ["P-5"]
    assert len(list((tmp_path / "us").glob("gen_*"))) == 1
