"""What quotas mean for a feed: through the API while they carry it, as a file when they do not."""

from datetime import UTC, datetime

import pytest

from tradewind.listings.sync import Advice, Budget, SyncCounts, Target, Urgency, Way, advise

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def advised(waiting: int, per_day: int | None, *, held: int = 0, left: int | None = None, primary: Way = Way.API) -> Advice:
    counts = SyncCounts(held, {Urgency.NEW: waiting} if waiting else {}, 0, {}, 0, 0)
    budget = Budget(None, per_day if left is None else left, NOW, per_day)
    return advise(Target("us", "accounts/1001", "US", "en", "", primary), counts, budget, 20)


def test_without_a_quota_nothing_is_advised() -> None:
    assert advised(1_000_000, None).way is Way.API


@pytest.mark.parametrize(
    ("waiting", "per_day", "way", "days"),
    [(8_000, 10_000, Way.API, 0), (16_000, 10_000, Way.API, 1), (80_000, 10_000, Way.FILE, 9), (1_000_000, 60_000, Way.FILE, 20)],
)
def test_a_first_load_that_takes_too_long_goes_as_a_file(waiting: int, per_day: int, way: Way, days: int) -> None:
    found = advised(waiting, per_day)
    assert (found.way, found.days) == (way, days)


def test_refreshes_that_eat_the_quota_ask_for_a_file() -> None:
    found = advised(0, 10_000, held=200_000)
    assert (found.way, found.refreshes) == (Way.FILE, 8_000)
    assert "8,000 calls a day, 8,000 are there" in found.message


def test_a_small_catalog_needs_no_file() -> None:
    assert advised(0, 100_000, held=5_000, primary=Way.FILE).way is Way.API
    assert advised(0, 1_000, held=500_000, primary=Way.FILE).way is Way.FILE


def test_what_waits_for_the_file_costs_no_call() -> None:
    assert advised(50_000, 1_000, primary=Way.FILE).calls_waiting == 0


def test_the_reserve_for_urgent_changes_is_not_planned_away() -> None:
    assert advised(8_000, 10_000, left=2_000).days == 1
