"""API keys: made once, kept as hashes, each with its scopes and its own pace."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.db import Transaction, audit
from tradewind.web.api.errors import KeyIsMissing, ScopeIsMissing, TooManyRequests

STOCK_WRITE = "stock:write"
SCOPES = (STOCK_WRITE,)
_PREFIX = "twk_"
_BYTES = 32
# A caller may save up a second of calls and a half; 500 changes fit into one.
CALLS_PER_SECOND = 50
BURST_CALLS = 75
PACED_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that showed its key."""

    name: str
    scopes: tuple[str, ...]


def issue(tx: Transaction, name: str, scopes: Sequence[str], at: datetime) -> str:
    """A new key for the program `name`; an older one of the same name ends. It cannot be shown again."""
    key = _PREFIX + secrets.token_urlsafe(_BYTES)
    tx.execute(
        "INSERT INTO web_api_key (name, key_hash, scopes, created_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (name) DO UPDATE SET key_hash = excluded.key_hash, scopes = excluded.scopes, created_at = excluded.created_at",
        (name, _hash(key), list(scopes), at),
    )
    audit.record(tx, name, "api_key.issue", name, {"scopes": list(scopes)})
    return key


def revoke(tx: Transaction, name: str) -> bool:
    """The program's key ends. False when it has none."""
    ended = tx.execute("DELETE FROM web_api_key WHERE name = %s", (name,)).rowcount > 0
    if ended:
        audit.record(tx, name, "api_key.revoke", name)
    return ended


def caller_of(tx: Transaction, header: str, scope: str) -> Caller:
    """Who calls with this `Authorization` header; KeyIsMissing, ScopeIsMissing."""
    kind, _, key = header.partition(" ")
    found = None
    if kind.lower() == "bearer" and key.startswith(_PREFIX):
        found = tx.execute("SELECT name, scopes FROM web_api_key WHERE key_hash = %s", (_hash(key.strip()),)).fetchone()
    if found is None:
        raise KeyIsMissing("the call carries no valid key", hint='send "Authorization: Bearer KEY"; make one: tradewind stock key NAME')
    caller = Caller(found["name"], tuple(found["scopes"]))
    if scope not in caller.scopes:
        raise ScopeIsMissing(f'the key of "{caller.name}" has no scope {scope}', hint="make a key that has it")
    return caller


class Pace:
    """A bucket of calls for each key, filled at CALLS_PER_SECOND; in this process alone."""

    def __init__(self, *, rate: int = CALLS_PER_SECOND, burst: int = BURST_CALLS, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._seconds = rate, burst, seconds
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def step(self, name: str) -> None:
        """One more call; TooManyRequests."""
        now = self._seconds()
        left, since = self._held.pop(name, (float(self._burst), now))
        left = min(left + (now - since) * self._rate, self._burst)
        self._held[name] = (max(left - 1, 0), now)
        while len(self._held) > PACED_KEYS:
            self._held.popitem(last=False)
        if left < 1:
            raise TooManyRequests(
                f'"{name}" calls more than {self._rate} times a second', hint="wait a second; send more changes in a call"
            )


def _hash(key: str) -> str:
    # The key is 256 random bits, so nobody can guess it from a fast hash.
    return hashlib.sha256(key.encode()).hexdigest()
