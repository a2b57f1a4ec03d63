"""Our words in every language, and translation that never guesses."""

from pathlib import Path

import pytest

from tradewind.adapters.translate import GlossaryTranslator
from tradewind.content import GlossaryIsInvalid, TranslationMemory, glossary, load, parse_terms, template_title, translate
from tradewind.db import duck

GLOSSARY = glossary(("th", "en"))


def test_a_chinese_color_is_found_in_thai() -> None:
    assert {term.text for term in GLOSSARY.terms if (term.kind, term.source, term.language) == ("color", "黑色", "th")} == {"ดำ"}


def test_every_category_has_a_name_in_every_language() -> None:
    names = glossary(("en", "de", "th", "zh")).categories
    assert len({name.category for name in names}) * 4 == len(names)


def test_a_term_gives_one_text_a_language_in_sql() -> None:
    engine = duck.connect(threads=1, memory_limit_mb=256)
    load(engine, GLOSSARY)
    doubled = "SELECT count(*) FROM (SELECT 1 FROM glossary_term GROUP BY kind, source, language HAVING count(*) > 1)"
    assert engine.execute(doubled).fetchone() == (0,)


def test_the_offline_translator_answers_only_what_it_knows_whole() -> None:
    answers = GlossaryTranslator(GLOSSARY).translate(["黑色", "黑色连衣裙"], "zh", "en")
    assert [answer and answer.text for answer in answers] == ["black", None]


def test_what_was_translated_once_is_remembered(tmp_path: Path) -> None:
    memory = TranslationMemory.load(tmp_path / "memory.csv")
    first = translate(["红色", "红色"], "zh", "en", GlossaryTranslator(GLOSSARY), memory)
    memory.save()
    again = TranslationMemory.load(tmp_path / "memory.csv")
    assert translate(["红色", "红色"], "zh", "en", GlossaryTranslator(glossary(())), again) == first


def test_a_category_name_alone_makes_no_title() -> None:
    assert template_title(None, "Kopfhörer", None) is None
    assert template_title("Acme", "Kopfhörer", "X1", "schwarz") == "Acme Kopfhörer X1 schwarz"


def test_two_terms_of_one_word_are_refused() -> None:
    term = '[[term]]\nkind = "color"\nwords = { en = "red", de = "rot", th = "x", zh = "y" }\n'
    with pytest.raises(GlossaryIsInvalid):
        parse_terms(term + term)
