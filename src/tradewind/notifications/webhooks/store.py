"""Targets and deliveries in PostgreSQL. A delivery is taken by moving its next attempt: whoever dies with it gives it back by doing nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tradewind.db import AsyncTransaction, Transaction
from tradewind.notifications.webhooks.model import Delivery, DeliveryStatus, Endpoint, Lag, OrderHappening, Target, TargetKind
from tradewind.notifications.webhooks.rules import webhook_id

PAGE = 100
_TARGET = "t.target_id, t.kind, t.url, t.version, t.platform"
_DELIVERY = (
    "d.delivery_id, d.webhook_id::text AS webhook_id, d.order_id, d.event, d.number, d.occurred_at, d.status, d.attempts, d.next_at,"
    " d.sent_as, d.last_status, d.last_error, d.delivered_at"
)
_ENDPOINT = "target_id, url, events, description, is_paused, failures, created_at"
_FROM = "notifications_webhook_delivery AS d JOIN notifications_webhook_target AS t USING (target_id)"
# Of each order only the first that waits for a target may be sent; of each target only a few at once, so that a slow one leaves room.
_TAKE = f"""
WITH due AS (
    SELECT d.delivery_id, row_number() OVER (PARTITION BY d.target_id ORDER BY d.next_at, d.delivery_id) AS place
      FROM {_FROM}
     WHERE d.status = 'waiting' AND d.next_at <= %(now)s AND NOT t.is_paused AND NOT t.is_removed
       AND (t.asked_from IS NULL OR t.asked_from <= %(now)s) AND t.target_id <> ALL(%(busy)s)
       AND NOT EXISTS (SELECT 1 FROM notifications_webhook_delivery AS e
                        WHERE e.target_id = d.target_id AND e.order_id = d.order_id AND e.status = 'waiting'
                          AND e.delivery_id < d.delivery_id)
), chosen AS (
    SELECT d.delivery_id FROM notifications_webhook_delivery AS d JOIN due USING (delivery_id)
     WHERE due.place <= %(of_one)s AND d.status = 'waiting' AND d.next_at <= %(now)s
     ORDER BY d.delivery_id LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED
), taken AS (
    UPDATE notifications_webhook_delivery AS d
       SET attempts = d.attempts + 1, next_at = %(until)s,
           sent_as = coalesce(d.sent_as, greatest(extract(epoch FROM d.occurred_at)::bigint,
               1 + (SELECT max(o.sent_as) FROM notifications_webhook_delivery AS o
                     WHERE o.target_id = d.target_id AND o.order_id = d.order_id)))
      FROM chosen WHERE d.delivery_id = chosen.delivery_id
    RETURNING d.*
)
SELECT {_DELIVERY}, {_TARGET} FROM taken AS d JOIN notifications_webhook_target AS t USING (target_id) ORDER BY d.delivery_id
"""
# What is sent again is later than everything its target has heard of the order, in the old order.
_REPLAY = """
WITH chosen AS (
    SELECT delivery_id, target_id, order_id, row_number() OVER (PARTITION BY target_id, order_id ORDER BY delivery_id) AS place
      FROM notifications_webhook_delivery
     WHERE status <> 'waiting' AND (%(id)s::bigint IS NULL OR delivery_id = %(id)s) AND (%(id)s::bigint IS NOT NULL OR status = 'dead')
       AND (%(order_id)s::text IS NULL OR order_id = %(order_id)s) AND (%(target_id)s::text IS NULL OR target_id = %(target_id)s)
       AND target_id NOT IN (SELECT target_id FROM notifications_webhook_target WHERE is_removed)
), last AS (
    SELECT o.target_id, o.order_id, max(o.sent_as) AS sent_as FROM notifications_webhook_delivery AS o
     WHERE (o.target_id, o.order_id) IN (SELECT target_id, order_id FROM chosen) GROUP BY 1, 2
)
UPDATE notifications_webhook_delivery AS d
   SET status = 'waiting', attempts = 0, next_at = %(at)s, delivered_at = NULL, sent_as = last.sent_as + chosen.place
  FROM chosen JOIN last USING (target_id, order_id) WHERE d.delivery_id = chosen.delivery_id
"""
_LAG = """
SELECT count(*) AS delivered,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY delivered_at - occurred_at) AS p50,
       percentile_disc(0.99) WITHIN GROUP (ORDER BY delivered_at - occurred_at) AS p99
  FROM notifications_webhook_delivery WHERE status = 'delivered' AND delivered_at >= %s
"""


@dataclass(frozen=True, slots=True)
class Taking:
    """How much is taken at once: `limit` in all, `of_one` target, nothing of the `busy` ones; whoever takes has until `until`."""

    now: datetime
    until: datetime
    limit: int
    of_one: int
    busy: Sequence[str] = ()


async def know_target(tx: AsyncTransaction, target: Target, at: datetime) -> None:
    """Writes a target that was not known, or has moved."""
    await tx.execute(
        "INSERT INTO notifications_webhook_target (target_id, kind, url, version, platform, created_at) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (target_id) DO UPDATE SET url = excluded.url WHERE notifications_webhook_target.url <> excluded.url",
        (target.target_id, target.kind, target.url, target.version, target.platform, at),
    )


async def enqueue(tx: AsyncTransaction, target_id: str, wanted: Sequence[OrderHappening], at: datetime) -> int:
    """Writes a delivery for each happening that has none yet; how many are new."""
    if not wanted:
        return 0
    done = await tx.execute(
        "INSERT INTO notifications_webhook_delivery (target_id, order_id, event, number, webhook_id, occurred_at, next_at, created_at)"
        " SELECT %(target_id)s, %(order_id)s, w.event, w.number, w.webhook_id, w.occurred_at, %(at)s, %(at)s"
        " FROM unnest(%(events)s::text[], %(numbers)s::int[], %(ids)s::uuid[], %(times)s::timestamptz[]) WITH ORDINALITY"
        " AS w (event, number, webhook_id, occurred_at, place) ORDER BY w.place ON CONFLICT DO NOTHING",
        {
            "target_id": target_id,
            "order_id": wanted[0].order_id,
            "events": [one.event for one in wanted],
            "numbers": [one.number for one in wanted],
            "ids": [webhook_id(target_id, one) for one in wanted],
            "times": [one.at for one in wanted],
            "at": at,
        },
    )
    return done.rowcount


async def take(tx: AsyncTransaction, taking: Taking) -> list[Delivery]:
    """The deliveries that are sent now, each with its timestamp; nobody else sends them before `until`."""
    values = {"now": taking.now, "until": taking.until, "limit": taking.limit, "of_one": taking.of_one, "busy": list(taking.busy)}
    return [_delivery(row) for row in await (await tx.execute(_TAKE, values)).fetchall()]


@dataclass(frozen=True, slots=True)
class Said:
    """What a target said to the last attempt: its status, None where nobody answered, and what is worth keeping of it."""

    status: int | None
    error: str = ""


async def end(tx: AsyncTransaction, delivery: Delivery, status: DeliveryStatus, said: Said, at: datetime) -> None:
    """The end of a delivery that waited."""
    await tx.execute(
        "UPDATE notifications_webhook_delivery SET status = %(status)s, last_status = %(answer)s, last_error = %(error)s,"
        " delivered_at = CASE WHEN %(status)s = 'delivered' THEN %(at)s::timestamptz END WHERE delivery_id = %(id)s AND status = 'waiting'",
        {"status": status, "answer": said.status, "error": said.error, "at": at, "id": delivery.delivery_id},
    )


async def postpone(tx: AsyncTransaction, delivery: Delivery, said: Said, until: datetime) -> None:
    """The next attempt of a delivery that was not heard."""
    await tx.execute(
        "UPDATE notifications_webhook_delivery SET next_at = %s, last_status = %s, last_error = %s WHERE delivery_id = %s AND status = 'waiting'",
        (until, said.status, said.error, delivery.delivery_id),
    )


async def note_failure(tx: AsyncTransaction, target_id: str) -> int:
    """Counts a failure of a target; how many there were since it last heard something."""
    row = await (
        await tx.execute(
            "UPDATE notifications_webhook_target SET failures = failures + 1 WHERE target_id = %s RETURNING failures", (target_id,)
        )
    ).fetchone()
    return int(row["failures"]) if row else 0


async def ask_from(tx: AsyncTransaction, target_id: str, at: datetime | None) -> None:
    """A target is left alone until `at`; with None it has heard, and its failures are forgotten."""
    await tx.execute(
        "UPDATE notifications_webhook_target SET asked_from = %(at)s, failures = CASE WHEN %(at)s::timestamptz IS NULL THEN 0 ELSE failures END"
        " WHERE target_id = %(id)s AND (asked_from IS NOT NULL OR failures > 0 OR %(at)s::timestamptz IS NOT NULL)",
        {"at": at, "id": target_id},
    )


async def next_due(tx: AsyncTransaction) -> datetime | None:
    """When the next waiting delivery may be sent."""
    row = await (
        await tx.execute(
            f"SELECT min(greatest(d.next_at, t.asked_from)) AS at FROM {_FROM} WHERE d.status = 'waiting' AND NOT t.is_paused AND NOT t.is_removed"
        )
    ).fetchone()
    return row["at"] if row else None


async def deliveries(
    tx: AsyncTransaction,
    *,
    status: str | None = None,
    order_id: str | None = None,
    target_id: str | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Delivery]:
    """The newest deliveries, below the id `before`."""
    wanted: dict[str, Any] = {"status": status, "order_id": order_id, "target_id": target_id}
    # Only what is asked stands in the statement, so that each question has its index.
    asked = [f"d.{name} = %({name})s" for name, value in wanted.items() if value is not None]
    asked += ["d.delivery_id < %(before)s"] if before is not None else []
    rows = await tx.execute(
        f"SELECT {_DELIVERY}, {_TARGET} FROM {_FROM}{' WHERE ' if asked else ''}{' AND '.join(asked)} ORDER BY d.delivery_id DESC LIMIT %(limit)s",
        wanted | {"before": before, "limit": limit},
    )
    return [_delivery(row) for row in await rows.fetchall()]


async def replay(
    tx: AsyncTransaction, at: datetime, *, delivery_id: int | None = None, order_id: str | None = None, target_id: str | None = None
) -> int:
    """Sends again: one delivery whatever became of it, or every dead one of an order or target. They get a new time; how many."""
    done = await tx.execute(_REPLAY, {"at": at, "id": delivery_id, "order_id": order_id, "target_id": target_id})
    return done.rowcount


async def lag(tx: AsyncTransaction, since: datetime) -> Lag:
    """How far behind the deliveries were since a moment, and what waits or is dead now."""
    heard = await (await tx.execute(_LAG, (since,))).fetchone() or {}
    now = (
        await (
            await tx.execute(
                "SELECT count(*) FILTER (WHERE status = 'waiting') AS waiting, min(occurred_at) FILTER (WHERE status = 'waiting') AS oldest,"
                " count(*) FILTER (WHERE status = 'dead') AS dead FROM notifications_webhook_delivery WHERE status IN ('waiting', 'dead')"
            )
        ).fetchone()
        or {}
    )
    return Lag(heard["delivered"], _millis(heard["p50"]), _millis(heard["p99"]), now["waiting"], now["oldest"], now["dead"])


async def add_endpoint(tx: AsyncTransaction, endpoint: Endpoint, sealed: bytes) -> None:
    """Writes an endpoint of the retailer's."""
    await tx.execute(
        "INSERT INTO notifications_webhook_target (target_id, kind, url, events, description, secret_sealed, created_at)"
        " VALUES (%s, 'own', %s, %s, %s, %s, %s)",
        (endpoint.endpoint_id, endpoint.url, list(endpoint.events), endpoint.description, sealed, endpoint.created_at),
    )


async def endpoints(tx: AsyncTransaction) -> list[Endpoint]:
    """The retailer's endpoints, the oldest first."""
    rows = await tx.execute(
        f"SELECT {_ENDPOINT} FROM notifications_webhook_target WHERE kind = 'own' AND NOT is_removed ORDER BY created_at, target_id"
    )
    return [_endpoint(row) for row in await rows.fetchall()]


async def pause_endpoint(tx: AsyncTransaction, endpoint_id: str, *, is_paused: bool) -> Endpoint | None:
    """The endpoint, paused or asked again at once; None when there is none."""
    return await _changed(tx, "is_paused = %(value)s, asked_from = NULL, failures = 0", endpoint_id, is_paused)


async def remove_endpoint(tx: AsyncTransaction, endpoint_id: str) -> bool:
    """Nothing is sent there any more; its deliveries stay until they are pruned."""
    done = await tx.execute(
        "UPDATE notifications_webhook_target SET is_removed = true WHERE target_id = %s AND kind = 'own' AND NOT is_removed", (endpoint_id,)
    )
    await tx.execute(
        "UPDATE notifications_webhook_delivery SET status = 'dead', last_error = 'the endpoint was removed'"
        " WHERE target_id = %s AND status = 'waiting'",
        (endpoint_id,),
    )
    return done.rowcount == 1


async def secret_sealed(tx: AsyncTransaction, endpoint_id: str) -> bytes | None:
    """The sealed secret of an endpoint."""
    row = await (await tx.execute("SELECT secret_sealed FROM notifications_webhook_target WHERE target_id = %s", (endpoint_id,))).fetchone()
    return bytes(row["secret_sealed"]) if row and row["secret_sealed"] is not None else None


async def set_secret(tx: AsyncTransaction, endpoint_id: str, sealed: bytes) -> Endpoint | None:
    """The endpoint, with this secret from now on; None when there is none."""
    return await _changed(tx, "secret_sealed = %(value)s", endpoint_id, sealed)


async def _changed(tx: AsyncTransaction, change: str, endpoint_id: str, value: object) -> Endpoint | None:
    row = await (
        await tx.execute(
            f"UPDATE notifications_webhook_target SET {change}"
            f" WHERE target_id = %(id)s AND kind = 'own' AND NOT is_removed RETURNING {_ENDPOINT}",
            {"id": endpoint_id, "value": value},
        )
    ).fetchone()
    return _endpoint(row) if row else None


def prune(tx: Transaction, now: datetime, keep: timedelta) -> int:
    """Forgets deliveries that ended longer ago than `keep`, and targets that nothing is kept for; how many deliveries."""
    done = tx.execute("DELETE FROM notifications_webhook_delivery WHERE status <> 'waiting' AND created_at < %s", (now - keep,)).rowcount
    tx.execute(
        "DELETE FROM notifications_webhook_target AS t WHERE (t.kind <> 'own' OR t.is_removed) AND t.created_at < %s"
        " AND NOT EXISTS (SELECT 1 FROM notifications_webhook_delivery AS d WHERE d.target_id = t.target_id)",
        (now - keep,),
    )
    return done


def _delivery(row: Mapping[str, Any]) -> Delivery:
    told = dict(row)
    target = Target(told.pop("target_id"), TargetKind(told.pop("kind")), told.pop("url"), told.pop("version"), told.pop("platform"))
    timestamp, status = told.pop("sent_as"), DeliveryStatus(told.pop("status"))
    return Delivery(**told, target=target, timestamp=timestamp, status=status)


def _endpoint(row: Mapping[str, Any]) -> Endpoint:
    told = dict(row)
    return Endpoint(**{"endpoint_id": told.pop("target_id"), **told, "events": tuple(told["events"])})


def _millis(span: timedelta | None) -> int | None:
    return span // timedelta(milliseconds=1) if span is not None else None
