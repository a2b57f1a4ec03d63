"""What content asks of the outside: translations, each with the name of who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Translation:
    """A text in another language; `origin` says who made it (glossary, memory, the name of a service or a person)."""

    text: str
    origin: str


class Translator(Protocol):
    """Turns texts of one language into another."""

    name: str

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[Translation | None]:
        """One answer a text, in order; None where it has none (a half-translated text is no answer)."""
