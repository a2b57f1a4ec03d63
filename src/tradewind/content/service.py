"""Content inside a shard (the glossary as tables), and translation through the memory."""

from collections.abc import Sequence

import duckdb

from tradewind.content.files import TranslationMemory
from tradewind.content.model import Glossary
from tradewind.content.ports import Translation, Translator


def load(connection: duckdb.DuckDBPyConnection, *glossaries: Glossary) -> None:
    """Make the temp tables `glossary_term` (kind, source, language, text) and `category_name` (category, language, text).

    The variable `brands_abroad` maps a brand as suppliers write it in Chinese to its name everywhere else.
    """
    terms = dict.fromkeys(term for glossary in glossaries for term in glossary.terms)
    categories = dict.fromkeys(name for glossary in glossaries for name in glossary.categories)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE glossary_term AS"
        " SELECT unnest(?::VARCHAR[]) AS kind, unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS language,"
        " unnest(?::VARCHAR[]) AS text",
        [[getattr(term, name) for term in terms] for name in ("kind", "source", "language", "text")],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE category_name AS"
        " SELECT unnest(?::VARCHAR[]) AS category, unnest(?::VARCHAR[]) AS language, unnest(?::VARCHAR[]) AS text",
        [[getattr(name, column) for name in categories] for column in ("category", "language", "text")],
    )
    brands = {term.source: term.text for term in terms if term.kind == "brand"}
    connection.execute("SET VARIABLE brands_abroad = map(?::VARCHAR[], ?::VARCHAR[])", [list(brands), list(brands.values())])


def translate(
    texts: Sequence[str], source: str, target: str, translator: Translator, memory: TranslationMemory
) -> list[Translation | None]:
    """Each text in the target language, from the memory where it is known; new answers are remembered (call `memory.save`)."""
    unknown = [text for text in dict.fromkeys(texts) if (source, target, text) not in memory.entries]
    if unknown:
        for text, answer in zip(unknown, translator.translate(unknown, source, target), strict=True):
            if answer is not None:
                memory.entries[source, target, text] = answer
    return [memory.entries.get((source, target, text)) for text in texts]
