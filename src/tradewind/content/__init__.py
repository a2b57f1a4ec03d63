"""Texts in the languages of a market: glossary, title templates, translation memory."""

from tradewind.content.model import CategoryName, Glossary, GlossaryTerm

__all__ = ["CategoryName", "Glossary", "GlossaryTerm"]
