"""What can be wrong with texts and terms.

TradewindError
├── GlossaryIsInvalid (input)  a glossary file with a term that is incomplete or stands twice
└── MemoryIsInvalid (input)    a translation memory that cannot be read
"""

from tradewind.kit import InputIsInvalid


class GlossaryIsInvalid(InputIsInvalid):
    """A glossary file has an incomplete term, or two terms of the same word."""

    code = "glossary_invalid"


class MemoryIsInvalid(InputIsInvalid):
    """A translation memory has the wrong columns or a broken line."""

    code = "translation_memory_invalid"
