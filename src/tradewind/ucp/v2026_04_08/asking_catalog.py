"""What catalog requests may hold, declared as in tradewind.ucp.wire: strictly typed where we read, open for what we do not."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tradewind.ucp.errors import RequestIsInvalid
from tradewind.ucp.wire import LIST_LIMIT, AskedContext, Id, LongText, Text

PAGE, LONGEST_PAGE = 10, 50
_MOST = 10**12
Amount = Annotated[int, Meta(ge=0, le=_MOST)]


class AskedPrice(Struct, frozen=True):
    """A span of prices in minor units of the context's currency; both ends included."""

    min: Amount | msgspec.UnsetType = msgspec.UNSET
    max: Amount | msgspec.UnsetType = msgspec.UNSET


class AskedFilters(Struct, frozen=True):
    """What narrows products and variants."""

    categories: Annotated[list[Text], Meta(max_length=LIST_LIMIT)] = []
    price: AskedPrice | msgspec.UnsetType = msgspec.UNSET


class AskedPage(Struct, frozen=True):
    """Which page of the results, and how long."""

    cursor: LongText = ""
    limit: Annotated[int, Meta(ge=1)] = PAGE


class AskedSearch(Struct, frozen=True):
    """The body of a search."""

    query: LongText = ""
    filters: AskedFilters = AskedFilters()
    context: AskedContext = AskedContext()
    pagination: AskedPage = AskedPage()

    def check(self) -> None:
        """RequestIsInvalid when it asks for nothing."""
        if not self.query.strip() and self.filters == AskedFilters():
            raise RequestIsInvalid("the search asks for nothing", hint="send a query, or filters to browse by", path="$.query")


class AskedLookup(Struct, frozen=True):
    """The body of a lookup."""

    ids: Annotated[list[Id], Meta(min_length=1)]
    filters: AskedFilters = AskedFilters()
    context: AskedContext = AskedContext()


class AskedSelection(Struct, frozen=True):
    """A choice of a value of an option."""

    name: Text
    label: Text
    id: Text = ""


class AskedProduct(Struct, frozen=True):
    """The body of get_product."""

    id: Id
    selected: Annotated[list[AskedSelection], Meta(max_length=LIST_LIMIT)] = []
    preferences: Annotated[list[Text], Meta(max_length=LIST_LIMIT)] = []
    filters: AskedFilters = AskedFilters()
    context: AskedContext = AskedContext()

    def check(self) -> None:
        """RequestIsInvalid when an option is chosen twice."""
        names = [one.name.casefold() for one in self.selected]
        twice = next((place for place, name in enumerate(names) if name in names[:place]), None)
        if twice is not None:
            raise RequestIsInvalid("an option is chosen twice", hint="choose one value of each option", path=f"$.selected[{twice}]")


SEARCH = msgspec.json.Decoder(AskedSearch)
LOOKUP = msgspec.json.Decoder(AskedLookup)
PRODUCT = msgspec.json.Decoder(AskedProduct)
