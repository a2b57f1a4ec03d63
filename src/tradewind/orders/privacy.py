"""What a buyer may ask for: everything that orders hold of a person, and to be forgotten as far as tax law allows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tradewind import fulfillment
from tradewind.db import AsyncTransaction, Sealer, Transaction, sealer_of
from tradewind.orders import naming, store
from tradewind.orders.model import Order, OrderStatus

PAGE = 500
YEARS_KEPT = 10
"""How long an invoice's name and address stay: as Germany asked for until 2024, and longer than it asks for since (§ 147 AO)."""
INVOICE = ("name", "country", "region", "postcode", "city", "lines")

ForgetSessions = Callable[[AsyncTransaction, Sequence[str]], Awaitable[int]]
"""Takes the buyers out of the checkout sessions of orders; how many sessions."""


async def no_sessions(_tx: AsyncTransaction, _session_ids: Sequence[str]) -> int:
    """Where no checkout is at hand, none is changed."""
    return 0


_PERSONS = """
    SELECT order_id, session_id, status, email, body FROM orders_order
     WHERE order_id > %(after)s AND (email_digest = %(digest)s OR email = %(email)s OR shopper_id = %(shopper)s)
     ORDER BY order_id LIMIT %(limit)s FOR UPDATE
"""
_REWRITE = (
    "UPDATE orders_order SET email = %(email)s, email_digest = %(email_digest)s, shopper_id = CASE WHEN %(keep)s THEN shopper_id END,"
    " body = %(body)s::jsonb WHERE order_id = %(order_id)s"
)
_UNNAME = """
    UPDATE orders_order SET email = NULL, email_digest = NULL, shopper_id = NULL, body = body - 'sealed' - 'buyer' - 'destination'
     WHERE order_id IN (SELECT order_id FROM orders_order WHERE placed_at < %s AND status <> 'open'
                           AND body ?| array['sealed', 'buyer', 'destination'] LIMIT %s)
"""


async def of_person(tx: AsyncTransaction, email: str, shopper_id: str | None = None) -> list[Order]:
    """The newest orders of an e-mail address, and of an account when one is named; without adjustments and timeline."""
    found = {one.order_id: one for one in await store.orders(tx, email=email)} if email else {}
    if shopper_id:
        found |= {one.order_id: one for one in await store.orders(tx, shopper_id=shopper_id)}
    return sorted(found.values(), key=lambda one: -one.number)


async def export(tx: AsyncTransaction, email: str, shopper_id: str | None = None) -> list[dict[str, Any]]:
    """Everything that orders hold of a person, guest or not, as plain data (GDPR, articles 15 and 20)."""
    told = []
    for one in await of_person(tx, email, shopper_id):
        whole = await store.order(tx, one.order_id)
        shipments = await fulfillment.of_order(tx, one.order_id)
        told.append({**asdict(whole or one), "shipments": [asdict(shipment) for shipment in shipments]})
    return told


async def forget_person(tx: AsyncTransaction, email: str, shopper_id: str | None = None) -> tuple[list[str], int]:
    """Takes e-mail, phone and consent out of a person's finished orders.

    The sessions of these orders, and how many orders are still open, which stay as they are.

    The invoice's name and address stay until the tax law's time is over; nobody finds them by the person any more (GDPR, article 17).
    """
    keys, after, forgotten, left = sealer_of(tx), "", list[str](), 0
    values = {"digest": naming.email_digest(keys, email), "email": email or None, "shopper": shopper_id, "limit": PAGE}
    while rows := await (await tx.execute(_PERSONS, values | {"after": after})).fetchall():
        for row in rows:
            if row["status"] == OrderStatus.OPEN:
                left += 1
                continue
            facts = naming.opened(keys, row)[1]
            place = facts.get("destination") or {}
            bare = {**facts, "buyer": {}, "destination": {name: place[name] for name in INVOICE if name in place}}
            changed = naming.named(keys, row["order_id"], "", bare)
            await tx.execute(_REWRITE, {"order_id": row["order_id"], "keep": False, **changed})
            forgotten.append(row["session_id"])
        after = rows[-1]["order_id"]
    return forgotten, left


def forget_old(tx: Transaction, at: datetime, limit: int = PAGE) -> int:
    """Takes the buyers out of finished orders whose invoices need not be kept any longer; how many orders."""
    # The 29th of February has no like in other years.
    before = at.replace(year=at.year - YEARS_KEPT, day=min(at.day, 28))
    return tx.execute(_UNNAME, (before, limit)).rowcount


def reseal(tx: Transaction, keys: Sealer) -> int:
    """Seals again what an older key sealed, and what was written in clear before; how many orders."""
    renewed, after = 0, ""
    while rows := _rows(tx, after):
        for row in rows:
            sealed = row["body"].get("sealed")
            is_clear = sealed is None and (row["email"] or row["body"].keys() & set(naming.PERSONAL))
            if is_clear or (sealed is not None and not keys.is_current_json(sealed)):
                changed = naming.named(keys, row["order_id"], *naming.opened(keys, row))
                tx.execute(_REWRITE, {"order_id": row["order_id"], "keep": True, **changed})
                renewed += 1
        after = rows[-1]["order_id"]
    return renewed


def _rows(tx: Transaction, after: str) -> list[Mapping[str, Any]]:
    found = tx.execute(
        "SELECT order_id, email, body FROM orders_order WHERE order_id > %s ORDER BY order_id LIMIT %s FOR UPDATE", (after, PAGE)
    )
    return list(found.fetchall())
