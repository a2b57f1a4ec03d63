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
    start = cut_off(lane, location, ordered_at).date()
    return Promise(*(_arrival(start, lane, location, destination, end) for end in (0, 1)))


def cut_off(lane: Lane, location: Location, ordered_at: datetime) -> datetime:
    """The moment, in the location's time, until which an order is still handled with those of `ordered_at`."""
    local = ordered_at.astimezone(ZoneInfo(location.timezone))
    day = local.date()
    if local.time() >= lane.cut_off or not is_business_day(day, location.country):
        day = later(day, 1, location.country)
    return datetime.combine(day, lane.cut_off, ZoneInfo(location.timezone))


def business_days(lane: Lane) -> tuple[int, int]:
    """The shortest and longest number of business days from the order to the door."""
    return lane.handling_days[0] + lane.transit_days[0], lane.handling_days[1] + lane.transit_days[1]


def is_business_day(day: date, country: str) -> bool:
    """Monday to Friday, without the country's public holidays (source: the `holidays` package)."""
    return day.weekday() < _SATURDAY and day not in public_holidays(country, day.year)


def _arrival(start: date, lane: Lane, location: Location, destination: str, end: int) -> date:
    handed_over = later(start, lane.handling_days[end], location.country)
    return later(handed_over, lane.transit_days[end], destination)


def later(day: date, count: int, country: str) -> date:
    """The day that lies `count` business days of the country after `day`."""
    for _ in range(_MAX_LOOKAHEAD_DAYS):
        if count <= 0:
            break
        day += timedelta(days=1)
        count -= is_business_day(day, country)
    return day


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The days of a year on which nobody works in a country; none for a country without a calendar (source: the `holidays` package)."""
    # Asking for a country that the package does not know would raise.
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))
