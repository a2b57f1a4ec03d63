"""The shop's signing keys in PostgreSQL; private halves arrive and leave sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.db import AsyncTransaction, Sealer, Transaction, locks

KEYS_LIMIT = 20


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key: published from the start, it signs from `signs_from` until a younger one does, and leaves the profile at `retires_at`."""

    kid: str
    algorithm: str
    sealed: bytes
    created_at: datetime
    signs_from: datetime
    retires_at: datetime | None

    def __repr__(self) -> str:
        return f"KeptKey({self.kid}, {self.algorithm})"


async def keys(tx: AsyncTransaction, *, lock: bool = False) -> list[KeptKey]:
    """The keys, the youngest to sign first; with `lock` nobody else adds one in this transaction."""
    if lock:
        await locks.lock_async(tx, "ucp keys")
    rows = await tx.execute(
        "SELECT kid, algorithm, sealed, created_at, signs_from, retires_at FROM ucp_key ORDER BY signs_from DESC, kid DESC LIMIT %s",
        (KEYS_LIMIT,),
    )
    return [KeptKey(**{**row, "sealed": bytes(row["sealed"])}) for row in await rows.fetchall()]


async def add(tx: AsyncTransaction, key: KeptKey) -> None:
    """Writes a new key."""
    await tx.execute(
        "INSERT INTO ucp_key (kid, algorithm, sealed, created_at, signs_from) VALUES (%s, %s, %s, %s, %s)",
        (key.kid, key.algorithm, key.sealed, key.created_at, key.signs_from),
    )


async def retire(tx: AsyncTransaction, kids: Sequence[str], at: datetime) -> None:
    """These keys leave the profile at `at`, unless they do so before."""
    await tx.execute("UPDATE ucp_key SET retires_at = least(retires_at, %s) WHERE kid = ANY(%s)", (at, list(kids)))


def prune(tx: Transaction, now: datetime) -> int:
    """Removes keys that have left the profile, with their private halves; how many."""
    return tx.execute("DELETE FROM ucp_key WHERE retires_at <= %s", (now,)).rowcount


def reseal(tx: Transaction, sealer: Sealer) -> int:
    """Seals again what an older data key sealed; how many keys."""
    renewed = 0
    for row in tx.execute("SELECT kid, sealed FROM ucp_key FOR UPDATE").fetchall():
        if not sealer.is_current(bytes(row["sealed"])):
            context = context_of(row["kid"])
            sealed = sealer.seal(sealer.open(bytes(row["sealed"]), context), context)
            tx.execute("UPDATE ucp_key SET sealed = %s WHERE kid = %s", (sealed, row["kid"]))
            renewed += 1
    return renewed


def context_of(kid: str) -> str:
    """What a sealed private half is bound to."""
    return f"ucp_key.sealed/{kid}"
