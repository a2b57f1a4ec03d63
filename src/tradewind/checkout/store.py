"""Sessions and carts in PostgreSQL. A change, its idempotency key and its stored answer are one statement: all of them happen, or none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import errors

from tradewind.checkout.codec import dumped, session_from
from tradewind.checkout.model import CheckoutSession
from tradewind.db import AsyncTransaction, Step, idempotency, sealer_of
from tradewind.offers import live
from tradewind.offers.live import SellingOffer

OK = 200
CREATED = 201
ONE_OF_A_CART = "checkout_session_of_cart"
"""The index by which a cart has one open session at most."""

_CREATE = f"""
    WITH claimed AS ({idempotency.claim("(SELECT) AS always", answered=True)})
    INSERT INTO checkout_session (session_id, business, market, cart_id, status, version, body, expires_at, updated_at)
    SELECT %(session_id)s, %(business)s, %(market)s, %(cart_id)s, %(status)s, %(version)s, %(response)s::jsonb, %(expires_at)s, %(at)s FROM claimed
"""
# The row is locked before the key is claimed: a session that changed meanwhile leaves no key behind.
_CHANGE = f"""
    WITH locked AS (
        SELECT 1 FROM checkout_session WHERE session_id = %(session_id)s AND version = %(before)s AND status = %(was)s FOR UPDATE
    ), claimed AS ({idempotency.claim("locked", answered=True)})
    UPDATE checkout_session SET status = %(status)s, version = %(version)s, body = %(response)s::jsonb, updated_at = %(at)s
      FROM claimed WHERE session_id = %(session_id)s
"""
_BEGIN = f"""
    WITH locked AS (
        SELECT 1 FROM checkout_session WHERE session_id = %(session_id)s AND version = %(before)s AND status = 'ready_for_complete' FOR UPDATE
    ), claimed AS ({idempotency.claim("locked")})
    UPDATE checkout_session
       SET status = %(status)s, version = %(version)s, body = %(response)s::jsonb, payment_id = %(payment_id)s,
           key_scope = %(key_scope)s, key = %(key)s, updated_at = %(at)s
      FROM claimed WHERE session_id = %(session_id)s
"""
_END = f"""
    WITH written AS (
        UPDATE checkout_session
           SET status = %(status)s, version = %(version)s, body = %(response)s::jsonb, order_id = %(order_id)s, updated_at = %(at)s
         WHERE session_id = %(session_id)s AND payment_id = %(payment_id)s AND status IN ('complete_in_progress', 'requires_escalation')
           AND version = %(before)s
        RETURNING key_scope, key
    ), answered AS ({idempotency.answer("written")})
    SELECT 1 AS done FROM written
"""
_READ = "SELECT body, version, status FROM checkout_session WHERE session_id = %s"
_OF_ITS_LINES = "ARRAY(SELECT line ->> 'offer_id' FROM session, jsonb_array_elements(body -> 'lines') AS line)"
_READ_WITH_OFFERS = f"""
    WITH session AS (SELECT body, market FROM checkout_session WHERE session_id = %(session_id)s),
    offer AS ({live.selling_part("(SELECT market FROM session)", f"coalesce(%(ids)s::text[], {_OF_ITS_LINES})")})
    SELECT body, (SELECT json_agg(offer) FROM offer) AS offers FROM session
"""


_CREATE_CART = f"""
    WITH claimed AS ({idempotency.claim("(SELECT) AS always", answered=True)})
    INSERT INTO checkout_cart (cart_id, business, market, version, body, expires_at, updated_at)
    SELECT %(session_id)s, %(business)s, %(market)s, %(version)s, %(response)s::jsonb, %(expires_at)s, %(at)s FROM claimed
"""
_CHANGE_CART = """
    UPDATE checkout_cart SET version = %(version)s, body = %(body)s::jsonb, expires_at = %(expires_at)s, updated_at = %(at)s
     WHERE cart_id = %(cart_id)s AND version = %(before)s
"""
# As with sessions: the row is locked before the key is claimed.
_LOCKED_CART = "SELECT 1 FROM checkout_cart WHERE cart_id = %(session_id)s AND version = %(before)s FOR UPDATE"
_CHANGE_CART_ANSWERED = f"""
    WITH locked AS ({_LOCKED_CART}), claimed AS ({idempotency.claim("locked", answered=True)})
    UPDATE checkout_cart SET version = %(version)s, body = %(response)s::jsonb, expires_at = %(expires_at)s, updated_at = %(at)s
      FROM claimed WHERE cart_id = %(session_id)s
"""
_CANCEL_CART_ANSWERED = f"""
    WITH locked AS ({_LOCKED_CART}), claimed AS ({idempotency.claim("locked", answered=True)})
    DELETE FROM checkout_cart USING claimed WHERE cart_id = %(session_id)s
"""
_CANCEL_ANSWERED = f"""
    WITH claimed AS ({idempotency.claim("(SELECT) AS always", answered=True)})
    UPDATE checkout_session SET status = %(status)s, version = %(version)s, body = %(response)s::jsonb, updated_at = %(at)s
      FROM claimed WHERE session_id = %(session_id)s AND version = %(before)s
"""
_CANCEL = """
    UPDATE checkout_session SET status = %(status)s, version = %(version)s, body = %(response)s::jsonb, updated_at = %(at)s
     WHERE session_id = %(session_id)s AND version = %(before)s
"""
_KEEP_ANSWER = idempotency.claim("(SELECT) AS always", answered=True)
_END_EXPIRED = """
    UPDATE checkout_session SET status = 'canceled', body = jsonb_set(body, '{status}', '"canceled"'), updated_at = %(at)s
     WHERE cart_id = %(cart_id)s AND status IN ('incomplete', 'ready_for_complete') AND expires_at <= %(at)s
"""
_OPEN_OF_CART = (
    "SELECT body FROM checkout_session WHERE cart_id = %s AND status IN ('incomplete', 'ready_for_complete') AND expires_at > %s"
)


class CartIsCheckedOut(Exception):
    """Another session of the cart is open."""


class Overtaken(Exception):
    """Somebody else changed the session first: raised inside a transaction."""


def anybody(_session: CheckoutSession) -> None:
    """Whoever knows a session's id may change it."""


@dataclass(slots=True)
class Reply:
    """How a surface wants the answers of a key kept: byte for byte. `render` makes status and body of a session.

    `check` raises when the session is not the caller's; `given` is what was rendered last. A repeat of the key ends in AlreadyAnswered.
    """

    scope: str
    key: str
    request_hash: str
    render: Callable[[CheckoutSession], tuple[int, bytes]]
    check: Callable[[CheckoutSession], None] = anybody
    given: tuple[int, bytes] | None = None
    told: CheckoutSession | None = None

    def answer(self, session: CheckoutSession) -> tuple[int, bytes]:
        """Status and body for this state of the session, made anew."""
        self.told, self.given = session, self.render(session)
        return self.given

    def rendered(self, session: CheckoutSession) -> tuple[int, bytes]:
        """The same, made anew only where it was not made for this very state."""
        return self.given if self.given is not None and self.told is session else self.answer(session)


@dataclass(frozen=True, slots=True)
class Key:
    """A caller's idempotency key: for whom it counts, and the hash of what was asked with it."""

    scope: str
    key: str
    request_hash: str
    reply: Reply | None = None

    def told(self, tx: AsyncTransaction, session: CheckoutSession, http_status: int) -> dict[str, Any]:
        """The status of the answer, and its bytes where the surface keeps them."""
        if self.reply is None:
            return {"http_status": http_status, "answer": None}
        status, body = self.reply.answer(session)
        return {"http_status": status, "answer": idempotency.sealed_answer(tx, body, self.scope, self.key)}


async def read(tx: AsyncTransaction, session_id: str, *, lock: bool = False) -> CheckoutSession | None:
    """The session, or None; with `lock` nobody else changes it in this transaction."""
    row = await (await tx.execute(_READ + (" FOR UPDATE" if lock else ""), (session_id,))).fetchone()
    return session_from(row["body"], sealer_of(tx)) if row else None


async def read_with_offers(
    tx: AsyncTransaction, session_id: str, offer_ids: Sequence[str] | None
) -> tuple[CheckoutSession, Mapping[str, SellingOffer]] | None:
    """The session, and its market's offers of these ids as they are sold now; of its own lines where no ids are given."""
    row = (await tx.execute(_READ_WITH_OFFERS, {"session_id": session_id, "ids": list(offer_ids) if offer_ids is not None else None})).one()
    return (session_from(row["body"], sealer_of(tx)), live.selling_from(row["offers"] or ())) if row else None


async def create(tx: AsyncTransaction, session: CheckoutSession, key: Key, at: datetime) -> bool:
    """Writes a new session with the answer to its key. False when the key is known; nothing has changed then. CartIsCheckedOut."""
    values = _values(tx, session, key, at) | {
        "business": session.business,
        "market": session.market,
        "cart_id": session.cart_id,
        "expires_at": session.expires_at,
        **key.told(tx, session, CREATED),
    }
    try:
        return (await tx.execute(_CREATE, values)).rowcount == 1
    except errors.UniqueViolation as error:
        if error.diag.constraint_name == ONE_OF_A_CART:
            raise CartIsCheckedOut(session.cart_id or "") from None
        raise


async def change(tx: AsyncTransaction, before: CheckoutSession, after: CheckoutSession, key: Key, at: datetime) -> bool:
    """Writes a change with the answer to its key. False when the session is not `before` any more, or the key is known."""
    values = _values(tx, after, key, at) | {"before": before.version, "was": before.status, **key.told(tx, after, OK)}
    return (await tx.execute(_CHANGE, values)).rowcount == 1


def beginning(tx: AsyncTransaction, before: CheckoutSession, after: CheckoutSession, key: Key, at: datetime) -> Step[None]:
    """The session is being completed: its key is claimed and has no answer yet. Overtaken where `change` says False: then roll back."""
    payment_id = after.payment.payment_id if after.payment else None
    values = _values(tx, after, key, at) | {"before": before.version, "payment_id": payment_id}
    return Step(_BEGIN, values, lambda rows: _be_first(is_first=rows.rowcount == 1))


def ending(tx: AsyncTransaction, before: CheckoutSession, after: CheckoutSession, at: datetime, reply: Reply | None = None) -> Step[None]:
    """How completing ended (or where it waits), with the answer to its key. Overtaken when somebody else ended it: then roll back."""
    status, answer = reply.answer(after) if reply is not None else (OK, None)
    if reply is not None:
        answer = idempotency.sealed_answer(tx, answer, reply.scope, reply.key)
    values = {
        "session_id": after.session_id,
        "payment_id": before.payment.payment_id if before.payment else None,
        "status": after.status,
        "before": before.version,
        "version": after.version,
        "response": dumped(after, sealer_of(tx)),
        "order_id": after.order_id,
        "http_status": status,
        "answer": answer,
        "at": at,
    }
    return Step(_END, values, lambda rows: _be_first(is_first=rows.one() is not None))


async def cancel(tx: AsyncTransaction, before: CheckoutSession, after: CheckoutSession, at: datetime, key: Key | None = None) -> bool:
    """Writes a canceled session, with the answer to a key. False when it is not `before` any more, or the key is known."""
    if key is not None:
        answered = _values(tx, after, key, at) | {"before": before.version, **key.told(tx, after, OK)}
        return (await tx.execute(_CANCEL_ANSWERED, answered)).rowcount == 1
    values = {
        "session_id": after.session_id,
        "status": after.status,
        "version": after.version,
        "response": dumped(after, sealer_of(tx)),
        "before": before.version,
        "at": at,
    }
    return (await tx.execute(_CANCEL, values)).rowcount == 1


async def create_cart(tx: AsyncTransaction, cart: CheckoutSession, key: Key, at: datetime, expires_at: datetime) -> bool:
    """Writes a new cart with the answer to its key. False when the key is known."""
    values = _values(tx, cart, key, at) | {
        "business": cart.business,
        "market": cart.market,
        "expires_at": expires_at,
        **key.told(tx, cart, CREATED),
    }
    return (await tx.execute(_CREATE_CART, values)).rowcount == 1


async def change_cart(tx: AsyncTransaction, cart: CheckoutSession, before: int, at: datetime, key: Key | None = None) -> bool:
    """Writes a cart over its version `before`, with the answer to a key. False when it has another version, or the key is known."""
    if key is not None:
        answered = _values(tx, cart, key, at) | {"before": before, "expires_at": cart.expires_at, **key.told(tx, cart, OK)}
        return (await tx.execute(_CHANGE_CART_ANSWERED, answered)).rowcount == 1
    values = {
        "cart_id": cart.session_id,
        "version": cart.version,
        "body": dumped(cart, sealer_of(tx)),
        "before": before,
        "expires_at": cart.expires_at,
        "at": at,
    }
    return (await tx.execute(_CHANGE_CART, values)).rowcount == 1


async def cancel_cart(tx: AsyncTransaction, cart: CheckoutSession, key: Key | None, at: datetime) -> bool:
    """Forgets a cart that still has this version, with the answer to a key. False when it changed, or the key is known."""
    if key is not None:
        answered = _values(tx, cart, key, at) | {"before": cart.version, **key.told(tx, cart, OK)}
        return (await tx.execute(_CANCEL_CART_ANSWERED, answered)).rowcount == 1
    done = await tx.execute("DELETE FROM checkout_cart WHERE cart_id = %s AND version = %s", (cart.session_id, cart.version))
    return done.rowcount == 1


async def read_cart(tx: AsyncTransaction, cart_id: str, at: datetime) -> CheckoutSession | None:
    """The cart as the session that it would become; None when it is unknown or has expired."""
    row = await (await tx.execute("SELECT body FROM checkout_cart WHERE cart_id = %s AND expires_at > %s", (cart_id, at))).fetchone()
    return session_from(row["body"], sealer_of(tx)) if row else None


async def open_session_of(tx: AsyncTransaction, cart_id: str, at: datetime) -> CheckoutSession | None:
    """The open session that a cart became."""
    row = await (await tx.execute(_OPEN_OF_CART, (cart_id, at))).fetchone()
    return session_from(row["body"], sealer_of(tx)) if row else None


async def end_expired_of(tx: AsyncTransaction, cart_id: str, at: datetime) -> None:
    """A session of the cart whose time is over no longer stands in the way of a new one."""
    await tx.execute(_END_EXPIRED, {"cart_id": cart_id, "at": at})


async def keep_answer(tx: AsyncTransaction, session: CheckoutSession, key: Key, at: datetime) -> bool:
    """Keeps what is answered to a key that changes nothing. False when the key is known."""
    values = _values(tx, session, key, at) | key.told(tx, session, OK)
    return (await (await tx.execute(_KEEP_ANSWER, values)).fetchone()) is not None


async def in_progress(tx: AsyncTransaction, before: datetime, limit: int) -> list[str]:
    """Sessions that have waited for their payment since before a moment, the longest first."""
    rows = await tx.execute(
        "SELECT session_id FROM checkout_session WHERE status IN ('complete_in_progress', 'requires_escalation') AND updated_at <= %s"
        " ORDER BY updated_at LIMIT %s",
        (before, limit),
    )
    return [row["session_id"] for row in await rows.fetchall()]


async def touch(tx: AsyncTransaction, session_id: str, at: datetime) -> None:
    """Nothing is known yet: others come first next time."""
    await tx.execute("UPDATE checkout_session SET updated_at = %s WHERE session_id = %s", (at, session_id))


def _be_first(*, is_first: bool) -> None:
    if not is_first:
        raise Overtaken


def _values(tx: AsyncTransaction, session: CheckoutSession, key: Key, at: datetime) -> dict[str, Any]:
    values: Mapping[str, Any] = {
        "session_id": session.session_id,
        "status": session.status,
        "version": session.version,
        "response": dumped(session, sealer_of(tx)),
        "key_scope": key.scope,
        "key": key.key,
        "request_hash": key.request_hash,
        "at": at,
    }
    return dict(values)
