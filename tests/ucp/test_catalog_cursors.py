"""Cursors: nothing is shown twice and nothing is left out, also while products come and go."""

from hypothesis import given
from hypothesis import strategies as st

from tradewind.ucp.cursors import DEEPEST, OVERLAP, Cursor, question_digest, read, written

QUESTION = question_digest("us", "lamp", {"price": {"max": 5000}})


def ask(results: list[str], cursor: Cursor, limit: int) -> tuple[list[str], Cursor]:
    return cursor.page(results[cursor.start : cursor.offset + limit + OVERLAP], limit)


@given(st.integers(0, 60), st.integers(1, 20))
def test_pages_hold_every_result_once_and_in_order(total: int, limit: int) -> None:
    results, shown, cursor = [f"P-{number}" for number in range(total)], list[str](), Cursor()
    while len(shown) < total:
        page, cursor = ask(results, cursor, limit)
        shown += page
    assert shown == results
    assert ask(results, cursor, limit)[0] == []


@given(st.integers(1, 20), st.integers(0, OVERLAP), st.data())
def test_a_product_that_comes_or_goes_before_the_page_neither_repeats_nor_hides_another(
    limit: int, moved: int, data: st.DataObject
) -> None:
    results = [f"P-{number}" for number in range(60)]
    first, cursor = ask(results, Cursor(), limit)
    gone = min(moved, limit - 1)
    later = data.draw(st.sampled_from(([f"new-{number}" for number in range(moved)] + results, results[gone:])))
    second, _ = ask(later, cursor, limit)
    assert second == results[len(first) : len(first) + limit]


@given(st.integers(0, DEEPEST), st.text(max_size=40))
def test_a_cursor_comes_back_as_it_was(offset: int, last: str) -> None:
    assert read(written(Cursor(offset, last), QUESTION), QUESTION) == Cursor(offset, last)


def test_a_cursor_is_of_no_use_for_another_question() -> None:
    assert read(written(Cursor(10, "P-9"), QUESTION), question_digest("us", "chair", None)) is None


@given(st.text(max_size=500))
def test_any_other_text_is_no_cursor(text: str) -> None:
    assert read(text, QUESTION) is None
