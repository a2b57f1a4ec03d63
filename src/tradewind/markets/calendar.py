"""The public holidays of a market, for promises."""

from datetime import date
from functools import cache

from tradewind.markets.errors import MarketIsInvalid
from tradewind.markets.model import Market


def holidays_of(market: Market, year: int) -> frozenset[date]:
    """The public holidays of a year in the market's calendar (source: the `holidays` package); empty when it names none."""
    return _days(market.holidays, year) if market.holidays else frozenset()


@cache
def _days(key: str, year: int) -> frozenset[date]:
    import holidays  # a quarter of a second that only promises pay

    country, _, subdivision = key.partition("/")
    known = holidays.list_supported_countries()
    if country not in known or (subdivision and subdivision not in known[country]):
        raise MarketIsInvalid(f'holidays = "{key}" is no calendar', hint='write a country, or country/subdivision: "DE" or "GB/ENG"')
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
