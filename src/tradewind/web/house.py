"""What every page needs: settings, clock, database, the markets, and what was read once for a publication."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from babel import Locale, UnknownLocaleError

from tradewind.db import Database, open_database
from tradewind.kit import Clock
from tradewind.markets import Confirmations, Market, Seller
from tradewind.network import Network, load_network
from tradewind.offers import store
from tradewind.pipeline.live import LiveTerms, terms_of
from tradewind.search import Search
from tradewind.settings import Settings
from tradewind.web.speech import LANGUAGES

WRITING_CONNECTIONS = 4
FACETS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class MarketWindow:
    """A market as its pages need it: where it is, and what is spoken there, first language first."""

    code: str
    country: str
    languages: tuple[str, ...]
    currency: str = ""

    @property
    def language(self) -> str:
        """The first of its languages that the window speaks."""
        return next((language for language in self.languages if language in LANGUAGES), "en")


def market_window(code: str) -> MarketWindow:
    """The window of a market that is named by its country: the languages are the likeliest of that country (CLDR)."""
    country = code.upper()
    try:
        likely = Locale.parse(f"und_{country}").language
    except (UnknownLocaleError, ValueError):  # a market that is not named by its country, and that no file describes
        return MarketWindow(code, country, ("en",))
    return MarketWindow(code, country, (likely, "en"))


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """What is read once for each publication of a market, because it takes a look at every offer."""

    categories: tuple[store.CategoryCount, ...]
    terms: store.MarketTerms | None


@dataclass
class House:
    """Everything shared by the requests of one process."""

    settings: Settings
    clock: Clock
    known: Mapping[str, MarketWindow]
    rules: Mapping[str, Market] = field(default_factory=dict)
    seller: Seller | None = None
    confirmations: Confirmations = field(default_factory=dict)
    database: Any = None
    desk: Any = None
    search: Search | None = None
    till: Any = None  # what takes orders (web.shopping.Till), where the window sells
    ucp: Any = None  # what speaks the Universal Commerce Protocol (web.ucp.Ucp), where the window does
    accounts: Any = None  # the shoppers' accounts (accounts.Accounts), where the window sells
    frames: dict[str, tuple[object, Any]] = field(default_factory=dict)  # by market: what its frame was made of, and the frame
    _facts: dict[str, tuple[store.Publication, MarketFacts]] = field(default_factory=dict)
    _facets: dict[tuple[store.Publication, tuple[str, ...]], dict[str, tuple[store.FacetValue, ...]]] = field(default_factory=dict)
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _writing: ExitStack = field(default_factory=ExitStack)
    _writer: Database | None = None

    def market(self, code: str) -> MarketWindow:
        return self.known.get(code) or market_window(code)

    def held(self) -> frozenset[str]:
        """The markets whose facts were read: those whose pages somebody has seen."""
        return frozenset(self._facts)

    @cached_property
    def live_terms(self) -> LiveTerms:
        """Buffers and ages of stock, read once for this process."""
        return terms_of(self.network)

    @cached_property
    def network(self) -> Network:
        """Locations and lanes, read once for this process."""
        return load_network(self.settings.own_rules)

    async def writer(self) -> Database:
        """The database for calls that change something: they work in threads, with few connections of their own, opened when first needed."""
        async with self._reading:
            if self._writer is None:
                opened = open_database(self.settings, connections=WRITING_CONNECTIONS)
                self._writer = await asyncio.to_thread(self._writing.enter_context, opened)
            return self._writer

    async def close(self) -> None:
        """Closes what `writer` opened."""
        await asyncio.to_thread(self._writing.close)

    async def facts(self, tx: store.Reader, publication: store.Publication) -> MarketFacts:
        """The facts of this publication; a new publication makes them be read anew."""
        async with self._reading:
            held = self._facts.get(publication.market)
            if held is None or held[0] != publication:
                found = MarketFacts(tuple(await store.categories_of(tx, publication.market)), await store.terms(tx, publication.market))
                held = self._facts[publication.market] = (publication, found)
            return held[1]

    async def facets(
        self, tx: store.Reader, publication: store.Publication, categories: tuple[str, ...]
    ) -> dict[str, tuple[store.FacetValue, ...]]:
        """What these categories can be narrowed by. Brands and colors change with a publication or a withdrawal only, and both change its key."""
        key = (publication, categories)
        if key not in self._facets:
            async with self._counting:  # a look at every offer of a category is taken once, also when many ask at once
                if key not in self._facets:
                    counted = await store.facets(tx, publication.market, categories)
                    if len(self._facets) >= FACETS_KEPT:
                        self._facets.clear()
                    self._facets[key] = counted
                    return counted
        return self._facets[key]
