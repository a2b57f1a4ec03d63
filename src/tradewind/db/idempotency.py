"""A request with a key has its effect once: the answer is stored in the transaction of the effect and given again to whoever repeats the key."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.db.database import Transaction
from tradewind.db.errors import IdempotencyKeyWasReused
from tradewind.db.link import AsyncTransaction
from tradewind.db.locks import lock, lock_async
from tradewind.db.sealing import Sealer, is_sealed, sealer_of

_canonical = msgspec.json.Encoder(order="sorted")

KEEP_HOURS = 48
KEY_LENGTH = 255
RESEAL_BATCH = 500
_SEALED = "db_idempotency_key.answer"

_FIND = "SELECT request_hash, http_status, response, answer FROM db_idempotency_key WHERE scope = %s AND key = %s"
_PAGE = "SELECT scope, key, response, answer FROM db_idempotency_key WHERE (scope, key) > (%s, %s) ORDER BY scope, key LIMIT %s FOR UPDATE"
_STORE = "INSERT INTO db_idempotency_key (scope, key, request_hash, http_status, response) VALUES (%s, %s, %s, %s, %s::jsonb)"
_KEEP = (
    "INSERT INTO db_idempotency_key (scope, key, request_hash, http_status, response, answer) VALUES (%s, %s, %s, %s, 'null'::jsonb, %s)"
)
_KEEP_FIRST = f"{_KEEP} ON CONFLICT DO NOTHING"
_GIVE = "UPDATE db_idempotency_key SET http_status = %s, answer = %s WHERE scope = %s AND key = %s AND answer IS NULL"
IN_PROGRESS = 102
"""The status of a key whose answer is not known yet: its holder is still at work, or died and waits for the reconcile job."""

_PRUNE = "DELETE FROM db_idempotency_key WHERE created_at < now() - make_interval(hours => %s)"


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What was answered when the key was first seen."""

    http_status: int
    response: Any
    # The answer byte for byte, where the surface that gave it kept it so.
    answer: bytes | None = None


def claim(source: str, *, answered: bool = False) -> str:
    """A part of a room's own statement (`WITH claimed AS (…)`): one row for a new key, none for a known one, after waiting for its holder.

    It claims only where the part `source` has a row. With `answered` the answer is known already, so that key, effect and answer are one
    statement. Parameters: key_scope, key, request_hash, and with `answered` http_status, response and answer (its bytes, or None).
    """
    given = (str(IN_PROGRESS), "'null'::jsonb", "NULL")
    if answered:
        # Bytes that are kept need no second form beside them.
        given = ("%(http_status)s", "CASE WHEN %(answer)s::bytea IS NULL THEN %(response)s::jsonb ELSE 'null' END", "%(answer)s::bytea")
    return (
        "INSERT INTO db_idempotency_key (scope, key, request_hash, http_status, response, answer)"
        f" SELECT %(key_scope)s, %(key)s, %(request_hash)s, {', '.join(given)} FROM {source} ON CONFLICT DO NOTHING RETURNING 1"
    )


def answer(source: str) -> str:
    """A part that gives the key of the part `source` (its columns key_scope and key) its answer. Parameters: http_status, response, answer.

    Bytes that were given once stay: whoever repeats the key gets what was answered, not what became of it.
    """
    return (
        "UPDATE db_idempotency_key AS k SET http_status = CASE WHEN k.answer IS NULL THEN %(http_status)s ELSE k.http_status END,"
        " response = %(response)s::jsonb, answer = coalesce(k.answer, %(answer)s::bytea)"
        f" FROM {source} AS s WHERE k.scope = s.key_scope AND k.key = s.key"
    )


def find(tx: Transaction, scope: str, key: str, request: object) -> StoredResponse | None:
    """The stored answer, or None for a new key, which then belongs to this transaction: a second request with it waits for the first.

    `scope` says for whom a key counts, such as `checkout.complete/<business>`. IdempotencyKeyWasReused when `request` differs.
    """
    lock(tx, _lock_name(scope, key))
    return _found(tx.execute(_FIND, (scope, key)).fetchone(), key, request)


async def find_async(tx: AsyncTransaction, scope: str, key: str, request: object) -> StoredResponse | None:
    """The same in an asynchronous transaction."""
    await lock_async(tx, _lock_name(scope, key))
    return _found(await (await tx.execute(_FIND, (scope, key))).fetchone(), key, request)


def store(tx: Transaction, scope: str, key: str, request: object, answer: StoredResponse) -> None:
    """Remembers the answer, in the same transaction as the effect."""
    tx.execute(_STORE, (scope, key, request_hash(request), answer.http_status, json.dumps(answer.response)))


async def store_async(tx: AsyncTransaction, scope: str, key: str, request: object, answer: StoredResponse) -> None:
    """The same in an asynchronous transaction."""
    await tx.execute(_STORE, (scope, key, request_hash(request), answer.http_status, json.dumps(answer.response)))


async def keep_async(tx: AsyncTransaction, scope: str, key: str, request: object, answer: StoredResponse) -> StoredResponse | None:
    """Remembers the answer, sealed, in the transaction of its effect; what was answered before, when somebody was faster."""
    await lock_async(tx, _lock_name(scope, key))
    hashed = request_hash(request)
    found = await answer_of(tx, scope, key, hashed)
    if found is None:
        values = (scope, key, hashed, answer.http_status, sealed_answer(tx, answer.answer, scope, key))
        await tx.execute(_KEEP, values)
    return found


async def keep_first_async(tx: AsyncTransaction, scope: str, key: str, hashed: str, answer: StoredResponse) -> StoredResponse:
    """Remembers an answer that has no effect, such as a refusal: the first one given to the key, now or before. IdempotencyKeyWasReused.

    No lock is needed: nothing else is written with it. The answer of a key whose holder is still at work is not known: then `answer` is told.
    """
    kept = sealed_answer(tx, answer.answer, scope, key)
    if (await tx.execute(_KEEP_FIRST, (scope, key, hashed, answer.http_status, kept))).rowcount == 1:
        return answer
    found = await answer_of(tx, scope, key, hashed)
    return found if found is not None and found.answer is not None else answer


async def give_async(tx: AsyncTransaction, scope: str, key: str, answer: StoredResponse) -> bool:
    """Gives a claimed key the bytes that its holder is told now. False when it has bytes: those stay."""
    kept = sealed_answer(tx, answer.answer, scope, key)
    return (await tx.execute(_GIVE, (answer.http_status, kept, scope, key))).rowcount == 1


async def renew_async(tx: AsyncTransaction, scope: str, key: str, answer: StoredResponse) -> None:
    """Puts a better known answer in the place of the kept one, such as when the money of an effect has moved."""
    await tx.execute(
        "UPDATE db_idempotency_key SET http_status = %s, answer = %s WHERE scope = %s AND key = %s",
        (answer.http_status, sealed_answer(tx, answer.answer, scope, key), scope, key),
    )


async def answer_of(tx: AsyncTransaction, scope: str, key: str, hashed: str) -> StoredResponse | None:
    """What is stored for the key, without claiming it; IdempotencyKeyWasReused when the request's hash is another."""
    row = await (await tx.execute(_FIND, (scope, key))).fetchone()
    if row is not None and row["request_hash"] != hashed:
        raise _reused(key)
    if row is None:
        return None
    kept = bytes(row["answer"]) if row["answer"] is not None else None
    return StoredResponse(row["http_status"], row["response"], _opened(tx, kept, scope, key) if kept is not None else None)


def sealed_answer(tx: AsyncTransaction, answer: bytes | None, scope: str, key: str) -> bytes | None:
    """The bytes of an answer as they are kept: sealed where the database has keys, because an answer may name its buyer."""
    keys = sealer_of(tx)
    return keys.seal(answer.decode(), f"{_SEALED}/{scope}/{key}") if keys is not None and answer is not None else answer


def _opened(tx: AsyncTransaction, kept: bytes, scope: str, key: str) -> bytes:
    keys = sealer_of(tx)
    return keys.open(kept, f"{_SEALED}/{scope}/{key}").encode() if keys is not None and is_sealed(kept) else kept


def prune(tx: Transaction, *, hours: int = KEEP_HOURS) -> int:
    """Forgets keys older than `hours`; clients retry for a day at most."""
    return tx.execute(_PRUNE, (hours,)).rowcount


def reseal(tx: Transaction, keys: Sealer, again: Callable[[Any, Sealer], Any | None]) -> int:
    """Seals the answers again that an older key sealed; `again` does it for a response of its room, and gives None where none is needed."""
    renewed, after = 0, ("", "")
    while rows := tx.execute(_PAGE, (*after, RESEAL_BATCH)).fetchall():
        for row in rows:
            response, kept = again(row["response"], keys), bytes(row["answer"]) if row["answer"] is not None else b""
            is_old = kept and (not is_sealed(kept) or not keys.is_current(kept))
            if response is None and not is_old:
                continue
            context = f"{_SEALED}/{row['scope']}/{row['key']}"
            clear = keys.open(kept, context) if is_sealed(kept) else kept.decode()
            tx.execute(
                "UPDATE db_idempotency_key SET response = %s::jsonb, answer = %s WHERE scope = %s AND key = %s",
                (
                    json.dumps(row["response"] if response is None else response, ensure_ascii=False),
                    keys.seal(clear, context) if kept else None,
                    row["scope"],
                    row["key"],
                ),
            )
            renewed += 1
        after = (rows[-1]["scope"], rows[-1]["key"])
    return renewed


def request_hash(request: object) -> str:
    """The same for equal JSON whatever the order of its keys; dataclasses count as their fields."""
    try:
        text = _canonical.encode(request)
    except OverflowError:  # a number of more than 64 bits
        text = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(text).hexdigest()


def _lock_name(scope: str, key: str) -> str:
    return f"idempotency {scope} {key}"


def _found(row: dict[str, Any] | None, key: str, request: object) -> StoredResponse | None:
    if row is None:
        return None
    if row["request_hash"] != request_hash(request):
        raise _reused(key)
    return StoredResponse(row["http_status"], row["response"])


def _reused(key: str) -> IdempotencyKeyWasReused:
    return IdempotencyKeyWasReused(
        f"the idempotency key {key!r} was used before with a different request", hint="make a new key for every new request"
    )
