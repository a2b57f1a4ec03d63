"""Texts in the languages of a market: glossary, title templates, translation memory, and how people there write money and days."""

from tradewind.content.errors import GlossaryIsInvalid, MemoryIsInvalid
from tradewind.content.files import TranslationMemory, glossary, parse_terms
from tradewind.content.model import CategoryName, Glossary, GlossaryTerm
from tradewind.content.ports import Translation, Translator
from tradewind.content.rules import TITLE_LIMIT, readable_language, template_title
from tradewind.content.service import load, translate
from tradewind.content.speech import Speech, translations

__all__ = [
    "TITLE_LIMIT",
    "CategoryName",
    "Glossary",
    "GlossaryIsInvalid",
    "GlossaryTerm",
    "MemoryIsInvalid",
    "Speech",
    "Translation",
    "TranslationMemory",
    "Translator",
    "glossary",
    "load",
    "parse_terms",
    "readable_language",
    "template_title",
    "translate",
    "translations",
]
