"""API keys: made once, kept as hashes, each with its scopes and its own pace."""

import hashlib
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.db import AsyncTransaction, Transaction, audit
from tradewind.web.api.errors import KeyIsMissing, ProgramUnknown, ScopeIsMissing, ScopeUnknown, TooManyRequests

CATALOG_READ = "catalog:read"
STOCK_READ = "stock:read"
STOCK_WRITE = "stock:write"
ORDERS_READ = "orders:read"
ORDERS_WRITE = "orders:write"
PAYMENTS_READ = "payments:read"
WEBHOOKS_READ = "webhooks:read"
WEBHOOKS_WRITE = "webhooks:write"
SCOPES: Mapping[str, str] = {
    CATALOG_READ: "published offers, and the facts of the newest catalog with where each comes from",
    STOCK_READ: "levels, movements and locations",
    STOCK_WRITE: "changes of levels",
    ORDERS_READ: "orders with buyer, address, shipments, invoices and timeline",
    ORDERS_WRITE: "ship, deliver, cancel, refund and release orders",
    PAYMENTS_READ: "payments and what was done with them; never card data",
    WEBHOOKS_READ: "endpoints that are told of orders, and what each has heard; never their secrets",
    WEBHOOKS_WRITE: "register, pause, resume and remove endpoints, make their secrets, send again",
}
NAME_LENGTH = 60
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


@dataclass(frozen=True, slots=True)
class Program:
    """A program that has a key; the key itself is kept as a hash alone."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime


def issue(tx: Transaction, name: str, scopes: Sequence[str], at: datetime) -> str:
    """A new key for the program `name`; an older one of the same name ends. It cannot be shown again. ScopeUnknown."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise ScopeUnknown(f'there is no scope "{unknown[0]}"', hint=f"scopes: {', '.join(SCOPES)}")
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise ProgramUnknown(f"a program's name has 1 to {NAME_LENGTH} printable characters", hint="such as warehouse-system")
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


def programs(tx: Transaction) -> list[Program]:
    """Every program that has a key, by name."""
    rows = tx.execute("SELECT name, scopes, created_at FROM web_api_key ORDER BY name LIMIT %s", (PACED_KEYS,))
    return [Program(row["name"], tuple(row["scopes"]), row["created_at"]) for row in rows]


async def caller_of(tx: AsyncTransaction, key: str | None, scope: str) -> Caller:
    """Who calls with this key; KeyIsMissing, ScopeIsMissing."""
    found = None
    if key is not None and key.startswith(_PREFIX):
        statement = "SELECT name, scopes FROM web_api_key WHERE key_hash = %s"
        found = await (await tx.execute(statement, (_hash(key.strip()),))).fetchone()
    if found is None:
        raise KeyIsMissing(
            "the call carries no valid key", hint='send "Authorization: Bearer KEY"; make one: tradewind keys api make NAME --scope …'
        )
    caller = Caller(found["name"], tuple(found["scopes"]))
    if scope not in caller.scopes:
        raise ScopeIsMissing(f'the key of "{caller.name}" has no scope {scope}', hint="make a key that has it")
    return caller


class Pace:
    """A bucket of calls for each key, filled at CALLS_PER_SECOND; in this process alone."""

    def __init__(self, *, rate: int = CALLS_PER_SECOND, burst: int = BURST_CALLS, seconds: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self._seconds = rate, burst, seconds
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def step(self, name: str) -> int:
        """One more call: how many are left at once. TooManyRequests says in how many seconds the next is possible."""
        now = self._seconds()
        left, since = self._held.pop(name, (float(self.burst), now))
        left = min(left + (now - since) * self.rate, self.burst)
        self._held[name] = (left - 1 if left >= 1 else left, now)
        while len(self._held) > PACED_KEYS:
            self._held.popitem(last=False)
        if left < 1:
            raise TooManyRequests(
                f'"{name}" calls more than {self.rate} times a second',
                hint="wait a second; send more changes in a call",
                seconds=math.ceil((1 - left) / self.rate),
            )
        return int(left - 1)


def _hash(key: str) -> str:
    # The key is 256 random bits, so nobody can guess it from a fast hash.
    return hashlib.sha256(key.encode()).hexdigest()
