"""The shop's signing keys: made when first needed, rotated with a grace, published in the profile, kept in memory for a minute."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from tradewind.db import AsyncDatabase, AsyncTransaction, Sealer, audit
from tradewind.kit import Clock, TradewindError, new_id
from tradewind.ucp import key_store
from tradewind.ucp.errors import SigningKeyExists
from tradewind.ucp.key_store import KeptKey
from tradewind.ucp.signing_keys import SigningKey, new_signing_key, signing_key_of

KEPT = timedelta(minutes=1)
# A new key stands in the profile for longer than anybody may keep the profile, before anything is signed with it.
PUBLISHED_BEFORE = timedelta(hours=1)
GRACE = timedelta(days=7)
"""The least that the specification allows for a key that signs no more to stay published."""
FIRST_ALGORITHM = "ES256"

_log = structlog.get_logger("tradewind.ucp")


@dataclass(frozen=True, slots=True)
class _Loaded:
    at: datetime
    kept: Sequence[KeptKey]
    private: Sequence[SigningKey]


class Keyring:
    """The keys as they stand in the database, at most a minute old. `load` before the first use."""

    def __init__(self, database: AsyncDatabase, sealer: Sealer, clock: Clock) -> None:
        self._database, self._sealer, self._clock = database, sealer, clock
        self._loaded: _Loaded | None = None
        self._reading: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Reads the keys; a shop without any gets its first."""
        async with self._database.transaction() as tx:
            found = await key_store.keys(tx)
            if not any(_is_published(one, self._clock()) for one in found):
                found = await key_store.keys(tx, lock=True)
                if not any(_is_published(one, self._clock()) for one in found):
                    found = [await self._add(tx, FIRST_ALGORITHM, self._clock(), "the shop's first need"), *found]
        self._loaded = self._read(found)

    async def all(self) -> list[KeptKey]:
        """Every key that is kept."""
        async with self._database.transaction() as tx:
            return await key_store.keys(tx)

    async def first(self, algorithm: str, by: str) -> KeptKey:
        """Makes the first key. SigningKeyExists where there is one: keys follow each other by `rotate`."""
        async with self._database.transaction() as tx:
            found = [one for one in await key_store.keys(tx, lock=True) if _is_published(one, self._clock())]
            if found:
                raise SigningKeyExists(f"the key {found[0].kid} signs already", hint="tradewind ucp keys rotate")
            return await self._add(tx, algorithm, self._clock(), by)

    async def rotate(self, algorithm: str, by: str, *, grace: timedelta = GRACE, compromised: bool = False) -> KeptKey:
        """A new key takes over in an hour, and the old ones stay published for `grace` after that; compromised ones end now, and it signs at once."""
        async with self._database.transaction() as tx:
            now, found = self._clock(), await key_store.keys(tx, lock=True)
            is_first = not any(_is_published(one, now) and one.signs_from <= now for one in found)
            starts = now if compromised or is_first else now + PUBLISHED_BEFORE
            await key_store.retire(tx, [one.kid for one in found], now if compromised else starts + max(grace, GRACE))
            made = await self._add(tx, algorithm, starts, by)
        self._loaded = None
        return made

    def signing(self) -> SigningKey:
        """The key that signs now."""
        loaded = self._current()
        now = self._clock()
        for kept, private in zip(loaded.kept, loaded.private, strict=True):
            if kept.signs_from <= now:
                return private
        return loaded.private[-1]

    def public_keys(self) -> list[dict[str, str]]:
        """What the profile publishes: every key that signs, will sign, or has signed lately."""
        return [one.jwk() for one in self._current().private]

    def _current(self) -> _Loaded:
        if self._loaded is None:
            raise TradewindError("the signing keys were not read", hint="await Keyring.load() first")
        if self._clock() - self._loaded.at > KEPT and (self._reading is None or self._reading.done()):
            self._reading = asyncio.get_running_loop().create_task(self._reload())
        return self._loaded

    async def _reload(self) -> None:
        try:
            await self.load()
        except TradewindError as error:  # the keys of a minute ago are still good
            _log.warning("signing keys not read again", reason=error.message)

    def _read(self, found: Sequence[KeptKey]) -> _Loaded:
        now = self._clock()
        kept = [one for one in found if _is_published(one, now)]
        private = [signing_key_of(one.kid, self._sealer.open(one.sealed, key_store.context_of(one.kid))) for one in kept]
        return _Loaded(now, kept, private)

    async def _add(self, tx: AsyncTransaction, algorithm: str, starts: datetime, by: str) -> KeptKey:
        kid = new_id("key", clock=self._clock)
        sealed = self._sealer.seal(new_signing_key(kid, algorithm).pem(), key_store.context_of(kid))
        made = KeptKey(kid, algorithm, sealed, self._clock(), starts, None)
        await key_store.add(tx, made)
        await audit.record_async(tx, by, "ucp.key", kid, {"algorithm": algorithm, "signs_from": starts.isoformat()})
        return made


def state_of(key: KeptKey, keys: Sequence[KeptKey], now: datetime) -> str:
    """How a key stands: published (signs later), signs, retiring (verifies only) or gone."""
    if not _is_published(key, now):
        return "gone"
    if key.signs_from > now:
        return "published"
    newest = next(one for one in keys if _is_published(one, now) and one.signs_from <= now)
    return "signs" if newest.kid == key.kid else "retiring"


def _is_published(key: KeptKey, now: datetime) -> bool:
    return key.retires_at is None or key.retires_at > now
