"""Orders in PostgreSQL. One statement places an order with its lines, its timeline and what others must hear."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tradewind.db import AsyncTransaction, Step, Transaction, outbox, sealer_of
from tradewind.orders.model import (
    Adjustment,
    AdjustmentStatus,
    AdjustmentType,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    TimelineEntry,
)
from tradewind.orders.naming import email_digest, named, opened

PAGE = 50
PAGE_LIMIT = 201  # one more than a caller may ask for, to know whether more follow
TIMELINE_LIMIT = 500
EVENT = "orders:event"
MOVED = "stock:moved"
SHOPPER = "shopper_id"
"""What of an order's source names the account that placed it."""

_PLACE = f"""
    WITH made AS (
        INSERT INTO orders_order (order_id, session_id, payment_id, business, market, status, hold, currency, total_amount, email,
                                  email_digest, shopper_id, body, placed_at, updated_at)
        VALUES (%(order_id)s, %(session_id)s, %(payment_id)s, %(business)s, %(market)s, 'open', %(hold)s, %(currency)s, %(total_amount)s,
                %(email)s, %(email_digest)s, %(shopper_id)s, %(body)s::jsonb, %(at)s, %(at)s)
        RETURNING order_id, number
    ), lines AS (
        INSERT INTO orders_line (order_id, line_id, sku, location_id, lane_id, original, total)
        SELECT m.order_id, l.line_id, l.sku, l.location_id, l.lane_id, l.original, l.original
          FROM made AS m, jsonb_to_recordset(%(body)s::jsonb -> 'lines')
               AS l (line_id text, sku text, location_id text, lane_id text, original bigint)
    ), told AS (
        INSERT INTO orders_event (order_id, name, detail, at) SELECT order_id, 'created', '{{}}', %(at)s FROM made
    ), sent AS ({outbox.PUT_ALL})
    SELECT number FROM made
"""
_WITH_LINES = """
    SELECT o.*, (SELECT jsonb_agg(jsonb_build_object('line_id', l.line_id, 'total', l.total, 'fulfilled', l.fulfilled))
                   FROM orders_line AS l WHERE l.order_id = o.order_id) AS counts
      FROM orders_order AS o
"""
_FULFILL = """
    UPDATE orders_line AS l SET fulfilled = l.fulfilled + u.units
      FROM unnest(%(ids)s::text[], %(units)s::bigint[]) AS u (line_id, units)
     WHERE l.order_id = %(order_id)s AND l.line_id = u.line_id AND l.fulfilled + u.units <= l.total
"""
_WANT_LESS = """
    UPDATE orders_line AS l SET total = l.total - u.units
      FROM unnest(%(ids)s::text[], %(units)s::bigint[]) AS u (line_id, units)
     WHERE l.order_id = %(order_id)s AND l.line_id = u.line_id AND l.fulfilled <= l.total - u.units
"""


def placing(tx: AsyncTransaction, order: Order, *, moved: Sequence[str]) -> Step[int]:
    """Writes the order, tells that it exists and that the stock of the skus `moved`; its number. A session has one order at most."""
    facts = {**order.facts, "lines": [_fixed(line) for line in order.lines]}
    rows = outbox.rows(event_row(order.order_id, OrderEvent.CREATED), *moved_row(moved))
    values = {
        "order_id": order.order_id,
        "session_id": order.session_id,
        "payment_id": order.payment_id,
        "business": order.business,
        "market": order.market,
        "hold": order.hold,
        "currency": order.currency,
        "total_amount": order.total_amount,
        "shopper_id": (order.facts.get("source") or {}).get(SHOPPER),
        **named(sealer_of(tx), order.order_id, order.email, facts),
        "at": order.placed_at,
        "outbox": rows,
    }
    return Step(_PLACE, values, lambda rows: rows.all()[0]["number"])


async def place(tx: AsyncTransaction, order: Order, *, moved: Sequence[str]) -> int:
    """The step `placing` alone."""
    return await tx.run(placing(tx, order, moved=moved))


def event_row(order_id: str, event: OrderEvent) -> tuple[str, dict[str, Any], str]:
    """The outbox row of an event; the events of one order are told one after the other."""
    return EVENT, {"order_id": order_id, "event": event.value}, f"order {order_id}"


def moved_row(skus: Sequence[str]) -> list[tuple[str, dict[str, Any], str | None]]:
    """The outbox row that lets pages and channels know of moved stock; none without skus."""
    return [(MOVED, {"skus": sorted(set(skus))}, None)] if skus else []


async def order(tx: AsyncTransaction, order_id: str, *, lock: bool = False) -> Order | None:
    """The order with its lines, adjustments and timeline; with `lock` nobody else changes it in this transaction."""
    if lock:
        await tx.execute("SELECT 1 FROM orders_order WHERE order_id = %s FOR UPDATE", (order_id,))
    row = await (await tx.execute(f"{_WITH_LINES} WHERE o.order_id = %s", (order_id,))).fetchone()
    if row is None:
        return None
    adjustments = await tx.execute(
        "SELECT adjustment_id, type, status, amount, quantities, reason, made_by, made_at FROM orders_adjustment"
        " WHERE order_id = %s ORDER BY made_at, adjustment_id LIMIT %s",
        (order_id, TIMELINE_LIMIT),
    )
    changes = tuple(_adjustment(one) for one in await adjustments.fetchall())
    events = await tx.execute(
        "SELECT name, detail, at FROM orders_event WHERE order_id = %s ORDER BY event_id LIMIT %s", (order_id, TIMELINE_LIMIT)
    )
    return _order(tx, row, changes, tuple(TimelineEntry(**one) for one in await events.fetchall()))


async def order_id_of(tx: AsyncTransaction, number: int) -> str | None:
    """The id of the order with this number."""
    row = await (await tx.execute("SELECT order_id FROM orders_order WHERE number = %s", (number,))).fetchone()
    return row["order_id"] if row else None


async def orders(
    tx: AsyncTransaction,
    *,
    market: str | None = None,
    status: str | None = None,
    email: str | None = None,
    shopper_id: str | None = None,
    is_held: bool | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Order]:
    """The newest orders, below the number `before`, without adjustments and timeline."""
    wanted: dict[str, Any] = {"market": market, "status": status, "shopper_id": shopper_id}
    # Only what is asked stands in the statement, so that each question has its index.
    asked = [f"o.{name} = %({name})s" for name, value in wanted.items() if value is not None]
    asked += ["(o.email = %(email)s OR o.email_digest = %(digest)s)"] if email is not None else []
    asked += ["o.number < %(before)s"] if before is not None else []
    asked += ["(o.hold IS NOT NULL AND o.status = 'open') = %(is_held)s"] if is_held is not None else []
    rows = await tx.execute(
        f"{_WITH_LINES}{' WHERE ' if asked else ''}{' AND '.join(asked)} ORDER BY o.number DESC LIMIT %(limit)s",
        wanted
        | {
            "email": email,
            "digest": email_digest(sealer_of(tx), email) if email else None,
            "is_held": is_held,
            "before": before,
            "limit": min(limit, PAGE_LIMIT),
        },
    )
    return [_order(tx, row, (), ()) for row in await rows.fetchall()]


async def fulfill(tx: AsyncTransaction, order_id: str, units: Mapping[str, int]) -> bool:
    """So many units of the lines left. False when more than are open: then roll back."""
    done = await tx.execute(_FULFILL, {"order_id": order_id, "ids": list(units), "units": list(units.values())})
    return done.rowcount == len(units)


async def want_less(tx: AsyncTransaction, order_id: str, units: Mapping[str, int]) -> bool:
    """So many units of the lines are not wanted any more. False when they have left already: then roll back."""
    done = await tx.execute(_WANT_LESS, {"order_id": order_id, "ids": list(units), "units": list(units.values())})
    return done.rowcount == len(units)


async def set_state(tx: AsyncTransaction, order_id: str, status: OrderStatus, hold: str | None, at: datetime) -> None:
    """Writes the state and the hold of an order that this transaction has locked."""
    await tx.execute(
        "UPDATE orders_order SET status = %s, hold = %s, updated_at = %s, version = version + 1 WHERE order_id = %s",
        (status, hold, at, order_id),
    )


async def note(
    tx: AsyncTransaction, order_id: str, event: OrderEvent, detail: Mapping[str, Any], at: datetime, *, moved: Sequence[str] = ()
) -> None:
    """Writes an event into the timeline, and tells it."""
    await tx.execute(
        f"WITH told AS (INSERT INTO orders_event (order_id, name, detail, at) VALUES (%(order_id)s, %(name)s, %(detail)s::jsonb, %(at)s)),"
        f" sent AS ({outbox.PUT_ALL}) UPDATE orders_order SET updated_at = %(at)s, version = version + 1 WHERE order_id = %(order_id)s",
        {
            "order_id": order_id,
            "name": event,
            "detail": json.dumps(dict(detail)),
            "at": at,
            "outbox": outbox.rows(event_row(order_id, event), *moved_row(moved)),
        },
    )


async def add_adjustment(tx: AsyncTransaction, order_id: str, made: Adjustment) -> None:
    """Writes an adjustment."""
    await tx.execute(
        "WITH made AS (INSERT INTO orders_adjustment (adjustment_id, order_id, type, status, amount, quantities, reason, made_by, made_at,"
        " updated_at) VALUES (%(adjustment_id)s, %(order_id)s, %(type)s, %(status)s, %(amount)s, %(quantities)s::jsonb, %(reason)s,"
        " %(made_by)s, %(made_at)s, %(made_at)s) ON CONFLICT DO NOTHING RETURNING order_id)"
        " UPDATE orders_order AS o SET updated_at = %(made_at)s, version = version + 1 FROM made AS m WHERE o.order_id = m.order_id",
        {
            **{name: getattr(made, name) for name in ("adjustment_id", "type", "status", "amount", "reason", "made_by", "made_at")},
            "order_id": order_id,
            "quantities": json.dumps(dict(made.quantities)),
        },
    )


async def end_adjustment(tx: AsyncTransaction, adjustment_id: str, status: AdjustmentStatus, at: datetime) -> bool:
    """The end of a pending adjustment. False when it had ended."""
    done = await tx.execute(
        "WITH ended AS (UPDATE orders_adjustment SET status = %(status)s, updated_at = %(at)s"
        " WHERE adjustment_id = %(id)s AND status = 'pending' RETURNING order_id)"
        " UPDATE orders_order AS o SET updated_at = %(at)s, version = version + 1 FROM ended AS e WHERE o.order_id = e.order_id",
        {"status": status, "at": at, "id": adjustment_id},
    )
    return done.rowcount == 1


async def pending_adjustments(tx: AsyncTransaction, limit: int) -> list[tuple[str, Adjustment]]:
    """Adjustments whose money is still on its way, with their orders, the longest waiting first."""
    rows = await tx.execute(
        "SELECT order_id, adjustment_id, type, status, amount, quantities, reason, made_by, made_at FROM orders_adjustment"
        " WHERE status = 'pending' ORDER BY updated_at LIMIT %s",
        (limit,),
    )
    return [(row.pop("order_id"), _adjustment(row)) for row in await rows.fetchall()]


async def units_owed(tx: AsyncTransaction) -> dict[tuple[str, str], int]:
    """The units that orders not on hold still owe, by (sku, location): what stock must have allocated."""
    rows = await tx.execute(
        "SELECT l.sku, l.location_id, sum(l.total - l.fulfilled)::bigint AS units FROM orders_line AS l JOIN orders_order AS o USING (order_id)"
        " WHERE l.fulfilled < l.total AND o.status = 'open' AND o.hold IS NULL GROUP BY 1, 2"
    )
    return {(row["sku"], row["location_id"]): row["units"] for row in await rows.fetchall()}


def carried_out_at(tx: Transaction, market: str) -> datetime | None:
    """When the market's newest order was placed that came to its end: everything was delivered, or money that was taken went back."""
    row = tx.execute(
        "SELECT max(o.placed_at) AS placed_at FROM orders_order AS o WHERE o.market = %s AND (o.status = 'closed' OR EXISTS ("
        " SELECT FROM orders_adjustment AS a WHERE a.order_id = o.order_id AND a.type IN ('refund', 'return') AND a.status = 'completed'))",
        (market,),
    ).fetchone()
    return row["placed_at"] if row else None


def _fixed(line: OrderLine) -> dict[str, Any]:
    """What of a line never changes."""
    names = (
        "line_id",
        "offer_id",
        "sku",
        "title",
        "image",
        "unit_price",
        "listed",
        "discount",
        "paid",
        "tax",
        "location_id",
        "lane_id",
        "original",
    )
    return {name: getattr(line, name) for name in names}


def _order(tx: AsyncTransaction, row: Mapping[str, Any], adjustments: tuple[Adjustment, ...], timeline: tuple[TimelineEntry, ...]) -> Order:
    counts = {one["line_id"]: one for one in row["counts"] or ()}
    email, body = opened(sealer_of(tx), row)
    lines = tuple(
        OrderLine(**one, total=counts[one["line_id"]]["total"], fulfilled=counts[one["line_id"]]["fulfilled"]) for one in body.pop("lines")
    )
    names = ("order_id", "number", "session_id", "payment_id", "business", "market", "hold", "currency", "total_amount")
    return Order(
        **{name: row[name] for name in names},
        email=email,
        status=OrderStatus(row["status"]),
        lines=lines,
        facts=body,
        placed_at=row["placed_at"],
        updated_at=row["updated_at"],
        version=row["version"],
        adjustments=adjustments,
        timeline=timeline,
    )


def _adjustment(row: Mapping[str, Any]) -> Adjustment:
    return Adjustment(**{**row, "type": AdjustmentType(row["type"]), "status": AdjustmentStatus(row["status"])})
