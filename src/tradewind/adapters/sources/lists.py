"""Which list inside a JSON or YAML document holds the records."""

from collections.abc import Mapping
from pathlib import Path

from tradewind.adapters.sources.errors import ItemsAreAmbiguous, ItemsAreMissing

_USUAL = ("products", "items", "goods", "offers", "skus", "records", "rows", "data", "results", "list")


def choose_list(found: Mapping[str, int], path: Path) -> str:
    """The dotted path of the one list of objects, by its usual name when there are several."""
    if not found:
        raise ItemsAreMissing(
            f"{path} holds no list of records", hint='name it, such as items = "data.products", or give a list of objects'
        )
    if len(found) == 1:
        return next(iter(found))
    for usual in _USUAL:
        named = [place for place in found if place.rsplit(".", 1)[-1].lower() == usual]
        if len(named) == 1:
            return named[0]
    shown = ", ".join(f"{place} ({count})" for place, count in list(found.items())[:10])
    raise ItemsAreAmbiguous(f"{path} holds several lists of records: {shown}", hint=f'choose one: items = "{next(iter(found))}"')


def no_such_list(items: str, path: Path) -> ItemsAreMissing:
    """The error of a list that was named and is not there."""
    return ItemsAreMissing(f'{path} has no list of records at "{items}"', hint="check the name; leave it out to have it found")
