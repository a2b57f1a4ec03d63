"""Invoices in PostgreSQL. A series counts up in the transaction that writes the paper, so a number is given once and none is left out."""

import base64
import hashlib
from datetime import datetime
from typing import Any

from tradewind.books.model import CREDIT_NOTE, Issued
from tradewind.db import AsyncTransaction, Sealer, Transaction
from tradewind.db.sealing import is_sealed, sealer_of

PAGE = 200
RESEAL_BATCH = 200
_COLUMNS = "number, kind, order_id, cause, total, currency, issued_at, sha256, content"


async def next_number(tx: AsyncTransaction, seller: str, series: str) -> int:
    """The next number of a seller's series; whoever else wants one waits until this transaction has ended."""
    row = await (
        await tx.execute(
            "INSERT INTO books_series (seller, series, last_number) VALUES (%s, %s, 1)"
            " ON CONFLICT (seller, series) DO UPDATE SET last_number = books_series.last_number + 1 RETURNING last_number",
            (seller, series),
        )
    ).fetchone()
    return int(row["last_number"]) if row else 1


async def insert(tx: AsyncTransaction, seller: str, paper: Issued) -> None:
    """Keeps a paper for ever, its bytes sealed."""
    await tx.execute(
        f"INSERT INTO books_invoice (seller, {_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            seller,
            paper.number,
            paper.kind,
            paper.order_id,
            paper.cause,
            paper.total,
            paper.currency,
            paper.issued_at,
            paper.sha256,
            _kept(sealer_of(tx), paper.number, paper.content),
        ),
    )


async def find(tx: AsyncTransaction, order_id: str, kind: str, cause: str = "") -> Issued | None:
    """The paper of an order for this cause."""
    rows = await tx.execute(
        f"SELECT {_COLUMNS} FROM books_invoice WHERE order_id = %s AND kind = %s AND cause = %s", (order_id, kind, cause)
    )
    row = await rows.fetchone()
    return _issued(tx, row) if row else None


async def of_order(tx: AsyncTransaction, order_id: str) -> list[Issued]:
    """Every paper of an order, oldest first."""
    rows = await tx.execute(
        f"SELECT {_COLUMNS} FROM books_invoice WHERE order_id = %s ORDER BY issued_at, number LIMIT %s", (order_id, PAGE)
    )
    return [_issued(tx, row) for row in await rows.fetchall()]


async def credited(tx: AsyncTransaction, order_id: str) -> int:
    """What the credit notes of an order gave back so far; 0 or less."""
    statement = "SELECT coalesce(sum(total), 0)::bigint AS total FROM books_invoice WHERE order_id = %s AND kind = %s"
    row = await (await tx.execute(statement, (order_id, CREDIT_NOTE))).fetchone()
    return int(row["total"]) if row else 0


def reseal(tx: Transaction, keys: Sealer) -> int:
    """Seals again the papers that an older key sealed; how many."""
    renewed, after = 0, ("", "")
    statement = "SELECT seller, number, content FROM books_invoice WHERE (seller, number) > (%s, %s) ORDER BY seller, number LIMIT %s"
    while rows := tx.execute(statement, (*after, RESEAL_BATCH)).fetchall():
        for row in rows:
            kept = bytes(row["content"])
            if not is_sealed(kept) or not keys.is_current(kept):
                content = _kept(keys, row["number"], _opened(keys, row["number"], kept))
                tx.execute(
                    "UPDATE books_invoice SET content = %s WHERE seller = %s AND number = %s", (content, row["seller"], row["number"])
                )
                renewed += 1
        after = (rows[-1]["seller"], rows[-1]["number"])
    return renewed


def digest(content: bytes) -> str:
    """The SHA-256 of a paper's bytes."""
    return hashlib.sha256(content).hexdigest()


def new_issue(number: str, kind: str, order_id: str, cause: str, total: int, currency: str, at: datetime, content: bytes) -> Issued:  # noqa: PLR0917
    """A paper that is given out now."""
    return Issued(number, kind, order_id, cause, total, currency, at, digest(content), content)


def _issued(tx: AsyncTransaction, row: dict[str, Any]) -> Issued:
    return Issued(**{**row, "content": _opened(sealer_of(tx), row["number"], bytes(row["content"]))})


def _kept(keys: Sealer | None, number: str, content: bytes) -> bytes:
    return keys.seal(base64.b64encode(content).decode(), f"books_invoice/{number}") if keys else content


def _opened(keys: Sealer | None, number: str, kept: bytes) -> bytes:
    return base64.b64decode(keys.open(kept, f"books_invoice/{number}")) if keys and is_sealed(kept) else kept
