"""Titles made from terms, and the choice of a language. Pure."""

from collections.abc import Sequence

TITLE_LIMIT = 150
"""Google's limit for a title, in characters."""


def template_title(brand: str | None, category_name: str | None, mpn: str | None, color: str | None = None) -> str | None:
    """A title of brand, category name, model and color, as offers.sql builds it of what its readers can read; None when it would say nothing.

    A category name alone says nothing: a brand or a model must stand beside it.
    """
    if category_name is None or (brand is None and mpn is None):
        return None
    return " ".join(part for part in (brand, category_name, mpn, color) if part)[:TITLE_LIMIT].rstrip()


def readable_language(wanted: Sequence[str], supplied: Sequence[str]) -> str | None:
    """The first language of the market's list in which the supplier wrote; None when there is none."""
    return next((language for language in wanted if language in supplied), None)
