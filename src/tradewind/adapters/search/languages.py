"""How each language is taken apart, and the fields of an index.

Spaced scripts are folded, freed of stop words and stemmed (Snowball). Thai has no dictionary here: its text becomes clusters (a
consonant with the vowels and marks around it), and neighbors are asked for as phrases. Chinese is segmented before it comes here.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import tantivy

from tradewind.search import FIELDS

STEMMERS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian",
    "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ru": "russian", "sv": "swedish",
}  # fmt: skip
CLUSTERS = "th"
CHARACTERS = ("ja", "ko")
SEGMENTED = "zh"
_CLUSTER = r"[เแโใไ]?[ก-ฮ][ะ-ฺๅ็-๎]*|[๐-๙]+|[\p{Latin}\p{N}]+"
_CHARACTER = r"\p{Han}|[\p{Hiragana}\p{Katakana}ー]|\p{Hangul}|[\p{Latin}\p{N}]+"
_PLAIN_WORD = r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{N}]+"
_COMPOUNDS = resources.files("tradewind.adapters.search").joinpath("data/compounds.toml")


@dataclass(frozen=True, slots=True)
class Asked:
    """How words of a language are looked for: `spaced` word by word, else as a run of neighbors."""

    language: str
    spaced: bool
    phrases: bool


def asked(language: str) -> Asked:
    """The way of a language."""
    phrases = language == CLUSTERS or language in CHARACTERS
    return Asked(language, spaced=not phrases and language != SEGMENTED, phrases=phrases)


@cache
def analyzer(language: str) -> tantivy.TextAnalyzer:
    """What makes the terms of a language's fields, at indexing and at asking."""
    kinds, steps = tantivy.Tokenizer, tantivy.Filter
    if language == SEGMENTED:
        return tantivy.TextAnalyzerBuilder(kinds.simple()).filter(steps.lowercase()).build()
    if language == CLUSTERS or language in CHARACTERS:
        pattern = _CLUSTER if language == CLUSTERS else _CHARACTER
        return tantivy.TextAnalyzerBuilder(kinds.regex(pattern)).filter(steps.lowercase()).build()
    made = tantivy.TextAnalyzerBuilder(kinds.simple()).filter(steps.remove_long(60)).filter(steps.lowercase())
    name = STEMMERS.get(language)
    made = made.filter(steps.stopword(name)).filter(steps.ascii_fold()) if name else made.filter(steps.ascii_fold())
    if language in compounds():
        made = made.filter(steps.split_compound(compounds()[language]))
    return made.filter(steps.stemmer(name)).build() if name else made.build()


@cache
def compounds() -> dict[str, list[str]]:
    """The parts of compound words, for languages that run words together."""
    held = tomllib.loads(_COMPOUNDS.read_text("utf-8"))
    return {language: str(words).split() for language, words in held.items()}


@cache
def plain() -> tantivy.TextAnalyzer:
    """What makes the words that are counted, completed and put right: folded, as they are written."""
    steps = tantivy.Filter
    made = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(_PLAIN_WORD))
    return made.filter(steps.remove_long(40)).filter(steps.lowercase()).filter(steps.ascii_fold()).build()


def products_schema(languages: Sequence[str]) -> tantivy.Schema:
    """The fields of products: their words in each language, and the columns of filters, facets and orders."""
    builder = tantivy.SchemaBuilder()
    for name in ("product_id", "title"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("offer_id", "code"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="tradewind_plain", index_option="basic")
    for language in languages:
        for field in FIELDS:
            option = "position" if field == "title" or asked(language).phrases else "freq"
            builder.add_text_field(f"{field}_{language}", tokenizer_name=f"tradewind_{language}", index_option=option)
    for name in ("brand", "category", "attribute"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("price", "rating", "in_stock"):
        builder.add_integer_field(name, fast=True, indexed=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


def words_schema() -> tantivy.Schema:
    """The words of the products, each once with its count."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("backwards", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("count", stored=True, fast=True)
    return builder.build()


def register(index: tantivy.Index, languages: Sequence[str]) -> None:
    """Makes the analyzers known to an index, each under its name."""
    index.register_tokenizer("tradewind_plain", plain())
    for language in languages:
        index.register_tokenizer(f"tradewind_{language}", analyzer(language))
