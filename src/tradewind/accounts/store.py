"""Accounts in PostgreSQL. What identifies a person arrives and leaves sealed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tradewind.db import AsyncTransaction, Transaction

RESEAL_BATCH = 500

_SHOPPER = "shopper_id, email_sealed, name_sealed, password_hash, language, market, marketing, created_at, confirmed_at"


async def add_shopper(tx: AsyncTransaction, row: dict[str, Any]) -> bool:
    """A new account. False when the e-mail has one already; nothing has changed then."""
    found = await tx.execute(
        "INSERT INTO accounts_shopper (shopper_id, email_digest, email_sealed, name_sealed, password_hash, language, market, marketing,"
        " created_at) VALUES (%(shopper_id)s, %(email_digest)s, %(email_sealed)s, %(name_sealed)s, %(password_hash)s, %(language)s,"
        " %(market)s, %(marketing)s, %(at)s) ON CONFLICT (email_digest) DO NOTHING",
        row,
    )
    return found.rowcount == 1


async def shopper_by_email(tx: AsyncTransaction, digest: bytes) -> dict[str, Any] | None:
    """The account of the address, if there is one."""
    return await (await tx.execute(f"SELECT {_SHOPPER} FROM accounts_shopper WHERE email_digest = %s", (digest,))).fetchone()


async def shopper_by_id(tx: AsyncTransaction, shopper_id: str) -> dict[str, Any] | None:
    """The account, unless it was erased."""
    return await (
        await tx.execute(f"SELECT {_SHOPPER} FROM accounts_shopper WHERE shopper_id = %s AND email_digest IS NOT NULL", (shopper_id,))
    ).fetchone()


async def set_password(tx: AsyncTransaction, shopper_id: str, password_hash: str) -> None:
    """The new password; every visit ends, also the thief's."""
    await tx.execute("UPDATE accounts_shopper SET password_hash = %s WHERE shopper_id = %s", (password_hash, shopper_id))
    await tx.execute("DELETE FROM accounts_session WHERE shopper_id = %s", (shopper_id,))


async def rehash(tx: AsyncTransaction, shopper_id: str, before: str, after: str) -> None:
    """The same password under newer parameters, unless it was changed meanwhile."""
    await tx.execute(
        "UPDATE accounts_shopper SET password_hash = %s WHERE shopper_id = %s AND password_hash = %s", (after, shopper_id, before)
    )


async def confirm(tx: AsyncTransaction, shopper_id: str, at: datetime) -> None:
    """The e-mail address belongs to the shopper."""
    await tx.execute("UPDATE accounts_shopper SET confirmed_at = coalesce(confirmed_at, %s) WHERE shopper_id = %s", (at, shopper_id))


async def erase(tx: AsyncTransaction, shopper_id: str, at: datetime) -> bool:
    """Takes away everything that names the person; the bare number stays, because orders refer to it."""
    for table in ("accounts_session", "accounts_address", "accounts_code"):
        await tx.execute(f"DELETE FROM {table} WHERE shopper_id = %s", (shopper_id,))
    found = await tx.execute(
        "UPDATE accounts_shopper SET email_digest = NULL, email_sealed = NULL, name_sealed = NULL, password_hash = '', marketing = false,"
        " confirmed_at = NULL, erased_at = %s WHERE shopper_id = %s AND erased_at IS NULL",
        (at, shopper_id),
    )
    return found.rowcount == 1


async def add_session(tx: AsyncTransaction, row: dict[str, Any]) -> None:
    """A new visit."""
    await tx.execute(
        "INSERT INTO accounts_session (token_hash, shopper_id, form_token, created_at, expires_at, ends_at)"
        " VALUES (%(token_hash)s, %(shopper_id)s, %(form_token)s, %(created_at)s, %(expires_at)s, %(ends_at)s)",
        row,
    )


async def session(tx: AsyncTransaction, token_hash: bytes, at: datetime, idle: timedelta) -> dict[str, Any] | None:
    """The visit that holds at `at`; one that is half spent is prolonged by the same statement, never beyond its end."""
    found = await tx.execute(
        "WITH held AS (SELECT token_hash, shopper_id, form_token, created_at, expires_at FROM accounts_session"
        " WHERE token_hash = %(hash)s AND expires_at > %(at)s), prolonged AS (UPDATE accounts_session AS s"
        " SET expires_at = least(%(at)s + %(idle)s, s.ends_at) FROM held AS h WHERE s.token_hash = h.token_hash"
        " AND h.expires_at < %(at)s + %(idle)s / 2 AND h.expires_at < s.ends_at RETURNING s.expires_at)"
        " SELECT h.shopper_id, h.form_token, h.created_at, coalesce((SELECT expires_at FROM prolonged), h.expires_at) AS expires_at FROM held AS h",
        {"hash": token_hash, "at": at, "idle": idle},
    )
    return await found.fetchone()


async def end_session(tx: AsyncTransaction, token_hash: bytes) -> None:
    """The visit ends."""
    await tx.execute("DELETE FROM accounts_session WHERE token_hash = %s", (token_hash,))


async def add_code(tx: AsyncTransaction, code_id: str, shopper_id: str, purpose: str, expires_at: datetime) -> None:
    """A link that works once; an older one of the same purpose ends."""
    await tx.execute("DELETE FROM accounts_code WHERE shopper_id = %s AND purpose = %s", (shopper_id, purpose))
    await tx.execute(
        "INSERT INTO accounts_code (code_id, shopper_id, purpose, expires_at) VALUES (%s, %s, %s, %s)",
        (code_id, shopper_id, purpose, expires_at),
    )


async def spend_code(tx: AsyncTransaction, code_id: str, purpose: str, at: datetime) -> str | None:
    """Whose link it is; it is gone then."""
    found = await tx.execute(
        "DELETE FROM accounts_code WHERE code_id = %s AND purpose = %s AND expires_at > %s RETURNING shopper_id", (code_id, purpose, at)
    )
    row = await found.fetchone()
    return str(row["shopper_id"]) if row else None


async def attempt(tx: AsyncTransaction, digest: bytes, window: timedelta, at: datetime) -> int:
    """Counts one more attempt in the window that runs since the first of them; how many there are now."""
    found = await tx.execute(
        "INSERT INTO accounts_attempt AS a (digest, since, attempts) VALUES (%(digest)s, %(at)s, 1) ON CONFLICT (digest) DO UPDATE"
        " SET since = CASE WHEN a.since + %(window)s <= %(at)s THEN excluded.since ELSE a.since END,"
        " attempts = CASE WHEN a.since + %(window)s <= %(at)s THEN 1 ELSE a.attempts + 1 END RETURNING attempts",
        {"digest": digest, "at": at, "window": window},
    )
    row = await found.fetchone()
    return int(row["attempts"]) if row else 0


async def clear_attempts(tx: AsyncTransaction, digest: bytes) -> None:
    """A success forgets the failures before it."""
    await tx.execute("DELETE FROM accounts_attempt WHERE digest = %s", (digest,))


async def addresses(tx: AsyncTransaction, shopper_id: str) -> list[dict[str, Any]]:
    """The sealed addresses, the default first."""
    found = await tx.execute(
        "SELECT address_id, address_sealed, is_default FROM accounts_address WHERE shopper_id = %s ORDER BY is_default DESC, created_at, address_id",
        (shopper_id,),
    )
    return await found.fetchall()


async def put_address(tx: AsyncTransaction, row: dict[str, Any], limit: int) -> bool:
    """Writes a new address or another version of a known one. False when the account holds `limit` others, or it is somebody else's."""
    await tx.execute("SELECT 1 FROM accounts_shopper WHERE shopper_id = %(shopper_id)s FOR UPDATE", row)
    if row["is_default"]:
        await tx.execute("UPDATE accounts_address SET is_default = false WHERE shopper_id = %(shopper_id)s", row)
    found = await tx.execute(
        "INSERT INTO accounts_address (address_id, shopper_id, address_sealed, is_default, created_at)"
        " SELECT %(address_id)s, %(shopper_id)s, %(address_sealed)s, %(is_default)s, %(at)s"
        " WHERE (SELECT count(*) FROM accounts_address WHERE shopper_id = %(shopper_id)s AND address_id <> %(address_id)s) < %(limit)s"
        " ON CONFLICT (address_id) DO UPDATE SET address_sealed = excluded.address_sealed, is_default = excluded.is_default"
        " WHERE accounts_address.shopper_id = %(shopper_id)s",
        row | {"limit": limit},
    )
    return found.rowcount == 1


async def drop_address(tx: AsyncTransaction, shopper_id: str, address_id: str) -> bool:
    """Forgets the address."""
    found = await tx.execute("DELETE FROM accounts_address WHERE shopper_id = %s AND address_id = %s", (shopper_id, address_id))
    return found.rowcount == 1


def prune(tx: Transaction, at: datetime, attempts_older_than: timedelta) -> int:
    """Removes visits, links and counters that have run out; how many rows."""
    gone = tx.execute("DELETE FROM accounts_session WHERE expires_at <= %s", (at,)).rowcount
    gone += tx.execute("DELETE FROM accounts_code WHERE expires_at <= %s", (at,)).rowcount
    return gone + tx.execute("DELETE FROM accounts_attempt WHERE since <= %s", (at - attempts_older_than,)).rowcount


def sealed_rows(tx: Transaction, table: str, column: str, after: str) -> Sequence[dict[str, Any]]:
    """The next rows of a sealed column, by id, locked."""
    key = SEALED[table][0]
    return tx.execute(
        f"SELECT {key} AS id, {column} AS sealed FROM {table} WHERE {key} > %s AND {column} IS NOT NULL"
        f" ORDER BY {key} LIMIT {RESEAL_BATCH} FOR UPDATE",
        (after,),
    ).fetchall()


def set_sealed(tx: Transaction, table: str, row_id: str, column: str, sealed: bytes) -> None:
    """The same value under the newest key."""
    tx.execute(f"UPDATE {table} SET {column} = %s WHERE {SEALED[table][0]} = %s", (sealed, row_id))


SEALED: dict[str, tuple[str, tuple[str, ...]]] = {
    "accounts_shopper": ("shopper_id", ("email_sealed", "name_sealed")),
    "accounts_address": ("address_id", ("address_sealed",)),
}
"""Each table with its key and its sealed columns; a value's context is table.column/key."""
