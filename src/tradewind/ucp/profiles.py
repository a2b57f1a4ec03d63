"""Profiles of platforms, fetched when they are first named and kept as long as they allow; a stranger's address costs one careful call."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from tradewind.kit import Clock, Outgoing, OutgoingAddressIsRefused, OutgoingCall, OutsideAnswerIsTooLarge, OutsideIsAway
from tradewind.ucp.errors import ProfileIsMalformed, ProfileIsUnreachable, ProfileUrlIsInvalid, UcpRefused
from tradewind.ucp.model import PlatformProfile

TTL_FLOOR = timedelta(seconds=60)
"""A profile is kept at least so long, and an origin is asked anew at most so often (the specification's floor)."""
TTL_UNTOLD, TTL_CEILING = timedelta(minutes=5), timedelta(hours=24)
# While a platform's server is down, what it said within the last hour still holds: a buyer's checkout does not wait for it.
STALE = timedelta(hours=1)
REFUSED_FOR = timedelta(seconds=10)
FETCH_SECONDS, MAX_BYTES = 5, 262_144
KEPT_LIMIT, FETCHES_AT_ONCE = 1_000, 16
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})", re.IGNORECASE | re.ASCII)
_UNKEPT = re.compile(r"(?:^|[\s,])(?:no-store|no-cache|private)\b", re.IGNORECASE | re.ASCII)

Reader = Callable[[str, bytes], PlatformProfile]
"""Reads a fetched profile; ProfileIsMalformed."""

_log = structlog.get_logger("tradewind.ucp")


@dataclass(frozen=True, slots=True)
class _Kept:
    """The last profile of an address, or why there is none; good until `until`."""

    found: PlatformProfile | UcpRefused
    fetched_at: datetime
    until: datetime


class FetchedProfiles:
    """The profiles that this process knows; see PlatformProfiles."""

    def __init__(self, outgoing: Outgoing, clock: Clock, read: Reader) -> None:
        self._outgoing, self._clock, self._read = outgoing, clock, read
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[_Kept]] = {}
        self._forced: OrderedDict[str, datetime] = OrderedDict()
        self._slots = asyncio.Semaphore(FETCHES_AT_ONCE)

    async def profile(self, url: str, *, refresh: bool = False) -> PlatformProfile:
        """See PlatformProfiles."""
        kept = self._kept.get(url)
        if kept is None or kept.until <= self._clock() or (refresh and self._may_force(url)):
            kept = await self._fetched(url)
        if isinstance(kept.found, UcpRefused):
            # A fresh one each time: an exception that is raised again and again grows by its traceback.
            raise type(kept.found)(kept.found.message, hint=kept.found.hint)
        return kept.found

    def _may_force(self, url: str) -> bool:
        """Whether an origin may be asked although its profile is fresh: once in the floor, whoever asks."""
        now, origin = self._clock(), urlsplit(url).netloc
        last = self._forced.get(origin)
        if last is not None and now - last < TTL_FLOOR:
            return False
        _put(self._forced, origin, now)
        return True

    async def _fetched(self, url: str) -> _Kept:
        """Many callers of one address wait for one fetch; none of them ends it by going away."""
        task = self._fetching.get(url)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(url))
            self._fetching[url] = task
            task.add_done_callback(lambda _: self._fetching.pop(url, None))
        return await asyncio.shield(task)

    async def _fetch(self, url: str) -> _Kept:
        before = self._kept.get(url)
        async with self._slots:
            found = await self._asked(url)
        held = before is not None and not isinstance(before.found, UcpRefused) and found.fetched_at - before.fetched_at < STALE
        if before is not None and held and isinstance(found.found, ProfileIsUnreachable):
            _log.warning("platform profile is away, the last one holds", url=url, fetched_at=before.fetched_at.isoformat())
            found = _Kept(before.found, before.fetched_at, found.until)
        _put(self._kept, url, found)
        return found

    async def _asked(self, url: str) -> _Kept:
        now = self._clock()
        try:
            self._outgoing.check(url)
            headers = {"Accept": "application/json"}
            answer = await self._outgoing.send(OutgoingCall("GET", url, headers, seconds=FETCH_SECONDS, max_bytes=MAX_BYTES))
            if answer.status != 200:
                raise ProfileIsUnreachable(f"the profile at {url} answers {answer.status}", hint="serve it with 200 and without a redirect")
            profile = self._read(url, answer.body)
        except OutgoingAddressIsRefused as error:
            return _refused(ProfileUrlIsInvalid(error.message, hint=error.hint), now)
        except OutsideIsAway as error:
            return _refused(ProfileIsUnreachable(error.message, hint="serve the profile by https, in a few seconds"), now)
        except OutsideAnswerIsTooLarge as error:
            return _refused(ProfileIsMalformed(error.message, hint=f"keep the profile under {MAX_BYTES} bytes, uncompressed"), now)
        except UcpRefused as error:
            return _refused(error, now)
        return _Kept(profile, now, now + time_to_live(answer.headers.get("cache-control", "")))


def time_to_live(cache_control: str) -> timedelta:
    """How long a profile is kept by its header: never under the floor, never over a day."""
    if _UNKEPT.search(cache_control):
        return TTL_FLOOR
    found = _MAX_AGE.search(cache_control)
    return min(max(timedelta(seconds=int(found[1])), TTL_FLOOR), TTL_CEILING) if found else TTL_UNTOLD


def _refused(refusal: UcpRefused, now: datetime) -> _Kept:
    return _Kept(refusal, now, now + REFUSED_FOR)


def _put(kept: "OrderedDict[str, _Kept] | OrderedDict[str, datetime]", key: str, value: object) -> None:
    """Keeps the youngest entries, so that invented addresses cannot fill the memory."""
    kept[key] = value  # type: ignore[assignment]
    kept.move_to_end(key)
    if len(kept) > KEPT_LIMIT:
        kept.popitem(last=False)
