"""Call meters by group of methods: a minute's and a day's worth, as accounts.quotas tells them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewind.emulators.merchant_center.errors import Refused
from tradewind.emulators.merchant_center.model import QUOTA_RESET_HOUR, CenterConfig


@dataclass(slots=True)
class Meter:
    """Calls of one group: this minute and since the last noon UTC."""

    minute_starts_at: datetime
    day_starts_at: datetime
    minute_count: int = 0
    day_count: int = 0


class Quotas:
    """The meters of the calling account; the advanced account pays for its sub-accounts."""

    def __init__(self, config: CenterConfig) -> None:
        self._config = config
        self.meters: dict[str, Meter] = {}
        self.refused_count = 0

    def spend(self, group: str, now: datetime) -> None:
        """Counts one call; Refused when the minute or the day is used up (a refused call is not counted)."""
        meter = self.meters.setdefault(group, Meter(now, day_start(now)))
        if now - meter.minute_starts_at >= timedelta(minutes=1):
            meter.minute_starts_at, meter.minute_count = now, 0
        if day_start(now) != meter.day_starts_at:
            meter.day_starts_at, meter.day_count = day_start(now), 0
        if self._config.quota_per_day is not None and meter.day_count >= self._config.quota_per_day:
            self._refuse("the daily quota is used up", "quota/daily_limit_exceeded", group)
        if self._config.quota_per_minute is not None and meter.minute_count >= self._config.quota_per_minute:
            self._refuse("too many requests this minute", "quota/request_rate_too_high", group)
        meter.minute_count += 1
        meter.day_count += 1

    def _refuse(self, message: str, reason: str, group: str) -> None:
        self.refused_count += 1
        raise Refused("RESOURCE_EXHAUSTED", message, reason, {"GROUP": group})


def day_start(now: datetime) -> datetime:
    """The last noon UTC."""
    noon = now.replace(hour=QUOTA_RESET_HOUR, minute=0, second=0, microsecond=0)
    return noon if now >= noon else noon - timedelta(days=1)
