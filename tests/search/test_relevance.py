"""Weights say since when and why; a retailer's own take their places; synonyms are read with care."""

from datetime import date
from pathlib import Path

import pytest

from tradewind.search import RelevanceIsInvalid, load_relevance, load_synonyms

OWN = '[weight.field]\ntitle = { value = 9, since = 2026-12-01, why = "a test" }\n'


def test_every_shipped_weight_says_since_when_and_why() -> None:
    assert all(one.since <= date(2026, 11, 23) and len(one.why) > 20 for one in load_relevance().weights.values())


def test_a_retailers_weight_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "search.toml").write_text(OWN, encoding="utf-8")
    own = load_relevance(tmp_path)
    assert (own["field.title"], own["field.brand"]) == (9, load_relevance()["field.brand"])
    assert own.digest == load_relevance().digest


def test_only_weights_that_stand_in_the_index_ask_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "search.toml").write_text(OWN.replace("field", "product").replace("title", "popularity"), encoding="utf-8")
    assert load_relevance(tmp_path).digest != load_relevance().digest


@pytest.mark.parametrize(
    "text",
    [
        "[weight",
        "[weight.field]\ntitle = 3",
        '[weight.field]\ntitle = { value = -1, since = 2026-12-01, why = "x" }',
        '[weight.field]\ntitle = { value = 1, since = 2026-12-01, why = " " }',
        '[weight.field]\nmood = { value = 1, since = 2026-12-01, why = "x" }',
    ],
)
def test_a_weight_without_its_reason_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "search.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RelevanceIsInvalid):
        load_relevance(tmp_path)


def test_own_synonyms_join_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "synonyms.toml").write_text('[[group]]\nlanguage = "en"\nwords = ["sun hat", "straw hat"]\n', encoding="utf-8")
    assert len(load_synonyms(tmp_path)) == len(load_synonyms()) + 1


@pytest.mark.parametrize("text", ["[[group", '[[group]]\nlanguage = "en"\nwords = ["one"]\n', '[[group]]\nwords = ["one", "two"]\n'])
def test_a_group_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "synonyms.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RelevanceIsInvalid):
        load_synonyms(tmp_path)
