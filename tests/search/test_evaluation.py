"""NDCG and recall are what the literature says, and judgments are read with care."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradewind.search import Judgment, JudgmentsAreInvalid, evaluate, read_judgments
from tradewind.search.evaluation import ndcg, recall

GRADES = {"a": 3, "b": 2, "c": 0}


def test_the_best_first_is_a_full_score() -> None:
    assert ndcg(GRADES, ["a", "b", "c"]) == 1.0
    assert recall(GRADES, ["c", "b", "a"]) == 1.0


def test_a_worse_order_scores_as_the_formula_says() -> None:
    assert ndcg(GRADES, ["b", "a"]) == pytest.approx((3 + 7 / math.log2(3)) / (7 + 3 / math.log2(3)))


def test_what_nobody_judged_takes_a_place() -> None:
    assert ndcg(GRADES, ["x", "a"]) < ndcg(GRADES, ["a", "x"])


def test_queries_without_anything_to_find_do_not_count() -> None:
    judgments = [Judgment("lamp", "a", 3), Judgment("nothing", "b", 0)]
    measured = evaluate(judgments, lambda _query, _limit: ["a"])
    assert (measured.ndcg, measured.recall, len(measured.scores)) == (1.0, 1.0, 1)


@given(some.dictionaries(some.text(min_size=1), some.integers(0, 3), min_size=1), some.randoms())
def test_scores_lie_between_nothing_and_all(grades: dict[str, int], chance: object) -> None:
    found = sorted(grades)
    chance.shuffle(found)  # type: ignore[attr-defined]
    assert 0.0 <= ndcg(grades, found) <= 1.0 + 1e-9


@pytest.mark.parametrize("text", ["query,product\nlamp,a\n", "query,product_id,grade\nlamp,a,4\n", "query,product_id,grade\n"])
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "judgments.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(JudgmentsAreInvalid) as told:
        read_judgments(path)
    assert "grades: 0 wrong" in told.value.hint
