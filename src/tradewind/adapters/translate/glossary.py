"""The offline translator: terms and category names of our own glossary, and nothing that it would have to guess."""

from collections.abc import Sequence

from tradewind.content import Glossary, Translation


class GlossaryTranslator:
    """Translates a text that is itself a term or a category name; anything longer gets no answer."""

    name = "glossary"

    def __init__(self, glossary: Glossary) -> None:
        # Out of context a brand is a word: 苹果 is also a fruit.
        self._terms = {(term.source, term.language): term.text for term in glossary.terms if term.kind != "brand"}
        slugs = {name.text.lower(): name.category for name in glossary.categories}
        names = {(name.category, name.language): name.text for name in glossary.categories}
        for source, slug in slugs.items():
            for language in glossary.languages:
                if (slug, language) in names:
                    self._terms.setdefault((source, language), names[slug, language])

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation | None]:
        """One answer a text, in order; None where the glossary does not hold it."""
        del source  # a term is found by its word in any language
        found = (self._terms.get((text.strip().lower(), target)) for text in texts)
        return [Translation(text, self.name) if text is not None else None for text in found]
