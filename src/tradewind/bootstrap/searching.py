"""The search of a workspace, put together once in a process."""

from functools import cache
from typing import TYPE_CHECKING

from tradewind.settings import Settings

if TYPE_CHECKING:
    from tradewind.db import Database
    from tradewind.search import Search


@cache
def open_search(settings: Settings) -> "Search":
    """The search of a workspace: its indexes, weights, synonyms, and the languages of its markets."""
    from tradewind.adapters.search import TantivyIndex
    from tradewind.markets import load_markets
    from tradewind.search import Search, load_relevance, load_synonyms

    relevance = load_relevance(settings.own_rules)
    languages = {code: market.languages for code, market in load_markets(settings.own_rules).items()}
    index = TantivyIndex(settings.home.absolute() / "search", relevance)
    return Search(index, relevance, load_synonyms(settings.own_rules), languages)


def follow_search(settings: Settings, database: "Database", market: str) -> int:
    """Brings the market's search index to what is published now; how many products it looked at."""
    done = open_search(settings).follow(database, market)
    return done.products + done.gone if done else 0
