"""When a parcel arrives: cut-off, handling at the location, transit, and business days of both countries. Pure."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from tradewind.network.model import Lane, Location, Promise

_MAX_LOOKAHEAD_DAYS = 366
_SATURDAY = 5


def promise(lane: Lane, location: Location, destination: str, ordered_at: datetime) -> Promise:
    """The days between which an order of `ordered_at` (with a timezone) arrives in the country `destination`."""
    local = ordered_at.astimezone(ZoneInfo(location.timezone))
    start = local.date()
    if local.time() >= lane.cut_off or not is_business_day(start, location.country):
        start = _later(start, 1, location.country)
    return Promise(*(_arrival(start, lane, location, destination, end) for end in (0, 1)))


def business_days(lane: Lane) -> tuple[int, int]:
    """The shortest and longest number of business days from the order to the door."""
    return lane.handling_days[0] + lane.transit_days[0], lane.handling_days[1] + lane.transit_days[1]


def is_business_day(day: date, country: str) -> bool:
    """Monday to Friday, without the country's public holidays (source: the `holidays` package)."""
    return day.weekday() < _SATURDAY and day not in _holidays(country, day.year)


def _arrival(start: date, lane: Lane, location: Location, destination: str, end: int) -> date:
    handed_over = _later(start, lane.handling_days[end], location.country)
    return _later(handed_over, lane.transit_days[end], destination)


def _later(day: date, count: int, country: str) -> date:
    for _ in range(_MAX_LOOKAHEAD_DAYS):
        if count <= 0:
            break
        day += timedelta(days=1)
        count -= is_business_day(day, country)
    return day


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    # A country without a calendar in the package has weekends only; asking for it would raise.
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))
