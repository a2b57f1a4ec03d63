"""What a question is taken to mean: slips, run-together words, synonyms, stop words."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from search_builders import RELEVANCE, FewWords

from tradewind.search import Group, Synonyms, Understanding, understand, words_of

WORDS = FewWords(
    wireless=40, headphones=90, headphone=10, backpack=30, black=70, lamp=20, desk=25, power=9, bank=7, speaker=400, speakers=1, peaker=1
)
GROUPS = (Group("en", ("headphones", "earphones")), Group("en", ("power bank", "portable charger")))


def read(text: str, *, exact: bool = False) -> Understanding:
    return understand(text, WORDS, RELEVANCE, Synonyms.of(GROUPS, WORDS.languages, WORDS.stems), exact=exact)


def asked(meaning: Understanding) -> list[list[str]]:
    return [[one.text for one in slot.alternatives] for slot in meaning.slots]


def test_words_that_products_have_stay_as_they_are() -> None:
    meaning = read("black backpack")
    assert asked(meaning) == [["black"], ["backpack"]]
    assert meaning.corrected is None


def test_a_slip_is_put_right_and_told() -> None:
    meaning = read("wirless bckpack")
    assert asked(meaning) == [["wireless"], ["backpack"]]
    assert meaning.corrected == "wireless backpack"


def test_a_slip_counts_less_than_the_word_itself() -> None:
    assert read("backpck").slots[0].alternatives[0].weight == RELEVANCE["match.spelling_1"]
    assert read("wirelesxx").slots[0].alternatives[0].weight == RELEVANCE["match.spelling_2"]


def test_an_exact_question_keeps_its_slips() -> None:
    meaning = read("wirless", exact=True)
    assert (asked(meaning), meaning.corrected) == ([["wirless"]], None)


@pytest.mark.parametrize("text", ["lmp", "xz1000", "จอภาพ"])
def test_short_words_numbers_and_other_scripts_are_not_put_right(text: str) -> None:
    assert read(text).corrected is None


def test_words_run_together_are_taken_apart() -> None:
    assert asked(read("desklamp")) == [["desk lamp"]]


def test_words_torn_apart_are_asked_for_in_both_ways() -> None:
    assert asked(read("head phones")) == [["head phones", "headphones"]]


def test_stop_words_ask_for_nothing() -> None:
    assert asked(read("the lamp for the desk")) == [["lamp"], ["desk"]]


def test_synonyms_join_their_word_whatever_its_form() -> None:
    meaning = read("black headphone")
    assert asked(meaning)[1] == ["headphone", "earphones"]
    assert meaning.slots[1].alternatives[1].weight == RELEVANCE["match.synonym"]


def test_an_expression_of_several_words_has_synonyms_as_a_whole() -> None:
    assert asked(read("black power banks")) == [["black"], ["power banks", "portable charger"]]


def test_a_rare_word_beside_a_usual_one_is_asked_about_but_searched() -> None:
    meaning = read("peaker")
    assert (asked(meaning), meaning.corrected, meaning.did_you_mean) == ([["peaker"]], None, "speaker")


def test_forms_of_one_word_are_not_asked_about() -> None:
    assert read("headphones").did_you_mean is None


def test_thai_keeps_its_vowel_and_chinese_its_run() -> None:
    assert words_of("หูฟังสีดำ  蓝牙耳机 ＵＳＢ") == ("หูฟังสีดำ", "蓝牙耳机", "usb")


@given(some.text(max_size=400))
def test_any_text_is_read_within_limits(text: str) -> None:
    meaning = read(text)
    assert len(meaning.slots) <= 12
    assert all(slot.alternatives for slot in meaning.slots)
