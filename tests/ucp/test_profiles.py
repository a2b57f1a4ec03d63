"""A platform's profile is fetched once, kept as long as it allows, and costs a stranger's address one careful call."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind.adapters.outgoing import GuardedClient
from tradewind.emulators.ucp_platform import PlatformStandIn, serve_platform
from tradewind.ucp.errors import ProfileIsMalformed, ProfileIsUnreachable, ProfileUrlIsInvalid, UcpRefused
from tradewind.ucp.negotiation import read_profile
from tradewind.ucp.profiles import (
    KEPT_LIMIT,
    MAX_BYTES,
    REFUSED_FOR,
    STALE,
    TTL_CEILING,
    TTL_FLOOR,
    TTL_UNTOLD,
    FetchedProfiles,
    time_to_live,
)

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Time:
    now = START

    def __call__(self) -> datetime:
        return self.now


def with_platform(use: Callable[[FetchedProfiles, PlatformStandIn, Time], Awaitable[Any]], **given: Any) -> Any:
    time = Time()
    with serve_platform(PlatformStandIn(**given)) as platform:
        profiles = FetchedProfiles(GuardedClient(allow_loopback=True), time, read_profile)
        return asyncio.run(use(profiles, platform, time))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("public, max-age=300", timedelta(seconds=300)),
        ("max-age=5", TTL_FLOOR),
        ("MAX-AGE=999999999", TTL_CEILING),
        ("no-store", TTL_FLOOR),
        ("private, max-age=9000", TTL_FLOOR),
        ("", TTL_UNTOLD),
        ("max-age=banana", TTL_UNTOLD),
        ("s-maxage=9000", TTL_UNTOLD),
    ],
)
def test_a_profile_is_kept_as_its_header_says_within_the_floor_and_a_day(header: str, kept: timedelta) -> None:
    assert time_to_live(header) == kept


def test_a_profile_is_fetched_again_only_when_its_time_is_over() -> None:
    async def use(profiles: FetchedProfiles, platform: PlatformStandIn, time: Time) -> None:
        for later, fetched in ((0, 1), (299, 1), (300, 2)):
            time.now = START + later * SECOND
            found = await profiles.profile(platform.profile_url)
            assert (platform.profile_requests, set(found.keys)) == (fetched, {"platform-1"})

    with_platform(use)


def test_many_calls_at_once_wait_for_one_fetch() -> None:
    async def use(profiles: FetchedProfiles, platform: PlatformStandIn, _time: Time) -> None:
        found = await asyncio.gather(*(profiles.profile(platform.profile_url) for _ in range(20)))
        assert (platform.profile_requests, len({id(one) for one in found})) == (1, 1)

    with_platform(use)


def test_a_new_key_is_found_by_one_forced_refresh_in_the_floor() -> None:
    async def use(profiles: FetchedProfiles, platform: PlatformStandIn, time: Time) -> None:
        url = platform.profile_url
        await profiles.profile(url)
        for later, fetched in ((1, 2), (2, 2), (60, 2), (61, 3)):
            time.now = START + later * SECOND
            await profiles.profile(url, refresh=True)
            assert platform.profile_requests == fetched

    with_platform(use)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"profile_faults": [404]}, ProfileIsUnreachable),
        ({"profile_faults": [301]}, ProfileIsUnreachable),
        ({"profile_faults": [500]}, ProfileIsUnreachable),
        ({"profile_faults": [0]}, ProfileIsUnreachable),
        ({"profile_body": ["no", "profile"]}, ProfileIsMalformed),
        ({"profile_body": {"ucp": {"version": "tomorrow"}}}, ProfileIsMalformed),
        ({"profile_body": "x" * MAX_BYTES}, ProfileIsMalformed),
    ],
)
def test_what_is_no_profile_is_refused_and_not_asked_for_again_at_once(given: dict[str, Any], refusal: type[UcpRefused]) -> None:
    async def use(profiles: FetchedProfiles, platform: PlatformStandIn, time: Time) -> None:
        for _ in range(3):
            with pytest.raises(refusal):
                await profiles.profile(platform.profile_url)
        assert platform.profile_requests == 1
        platform.profile_body = None
        time.now += REFUSED_FOR
        assert (await profiles.profile(platform.profile_url)).version == "2026-04-08"

    with_platform(use, **given)


def test_a_platform_that_is_down_is_known_for_an_hour_more() -> None:
    async def use(profiles: FetchedProfiles, platform: PlatformStandIn, time: Time) -> None:
        await profiles.profile(platform.profile_url)
        platform.profile_faults = [503] * 10
        time.now = START + STALE - SECOND
        assert (await profiles.profile(platform.profile_url)).version == "2026-04-08"
        time.now = START + STALE + REFUSED_FOR
        with pytest.raises(ProfileIsUnreachable):
            await profiles.profile(platform.profile_url)

    with_platform(use)


@pytest.mark.parametrize(
    "url", ["http://platform.example/p", "https://10.0.0.1/p", "https://metadata/p", "https://u:p@a.example/", "nonsense"]
)
def test_an_address_that_may_not_be_called_is_invalid_and_asks_nobody(url: str) -> None:
    async def use(profiles: FetchedProfiles, _platform: PlatformStandIn, _time: Time) -> None:
        with pytest.raises(ProfileUrlIsInvalid) as caught:
            await profiles.profile(url)
        assert (caught.value.code, caught.value.http_status) == ("invalid_profile_url", 400)

    with_platform(use)


def test_invented_addresses_do_not_fill_the_memory() -> None:
    async def use(profiles: FetchedProfiles, _platform: PlatformStandIn, _time: Time) -> None:
        for number in range(KEPT_LIMIT + 20):
            with pytest.raises(ProfileUrlIsInvalid):
                await profiles.profile(f"http://a{number}.example/")
        assert len(profiles._kept) == KEPT_LIMIT

    with_platform(use)
