"""In which market and language a call is served: by the address, else by the context, else by where its items are sold."""

from collections.abc import Mapping, Sequence

from tradewind.markets import Market
from tradewind.offers import live
from tradewind.ucp.addressing import country_of
from tradewind.ucp.counter import Counter


async def market_of(counter: Counter, countries: Sequence[str], currency: str, offer_ids: Sequence[str]) -> str:
    """The code of the market. The first country that names one decides; a currency chooses among several that sell the items."""
    for text in countries:
        found = market_in(counter.markets, country_of(text), currency) if text else None
        if found:
            return found
    async with counter.database.statements() as tx:
        sold = await live.markets_that_sell(tx, offer_ids) if offer_ids else []
    wanted = currency.upper()
    in_currency = [code for code in sold if code in counter.markets and counter.markets[code].currency.code == wanted]
    return (in_currency or [code for code in sold if code == counter.default_market] or sold or [counter.default_market])[0]


def market_in(markets: Mapping[str, Market], country: str, currency: str) -> str | None:
    """The market of a country; where it has several, the one of the currency."""
    found = [code for code, one in markets.items() if one.country == country]
    return next((code for code in found if markets[code].currency.code == currency.upper()), found[0] if found else None)


def language_of(market: Market, wanted: str, accepted: str) -> str:
    """The language of a BCP 47 tag or of an Accept-Language header that the market speaks; its own first one else."""
    for tag in (wanted, *(part.partition(";")[0] for part in accepted.split(",")[:10])):
        primary = tag.strip().partition("-")[0].lower()
        if primary in market.languages:
            return primary
    return market.languages[0]


def spoken(markets: Mapping[str, Market], wanted: str) -> str:
    """The language of a BCP 47 tag, when some market speaks it; else nothing."""
    primary = wanted.strip().partition("-")[0].lower()
    return primary if any(primary in one.languages for one in markets.values()) else ""
