"""Translators. The offline default answers only what the glossary knows whole."""

from tradewind.adapters.translate.glossary import GlossaryTranslator

__all__ = ["GlossaryTranslator"]
