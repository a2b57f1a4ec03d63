"""Takes buyers out of sessions whose orders forget them: what was bought, and for how much, stays until the session itself goes."""

from collections.abc import Sequence

from msgspec import structs

from tradewind.checkout.codec import dumped, session_from
from tradewind.checkout.model import Buyer
from tradewind.db import AsyncTransaction, sealer_of

ACCOUNT = "shopper_id"
_OF_ORDERS = "SELECT session_id, body FROM checkout_session WHERE session_id = ANY(%s) ORDER BY session_id FOR UPDATE"
_THEIR_CARTS = (
    "DELETE FROM checkout_cart WHERE cart_id IN (SELECT cart_id FROM checkout_session WHERE session_id = ANY(%s) AND cart_id IS NOT NULL)"
)


async def forget_buyers(tx: AsyncTransaction, session_ids: Sequence[str]) -> int:
    """Takes contact, address, consent and account out of these sessions, and forgets the carts they came from; how many sessions."""
    keys = sealer_of(tx)
    rows = await (await tx.execute(_OF_ORDERS, (list(session_ids),))).fetchall()
    for row in rows:
        session = session_from(row["body"], keys)
        source = {name: value for name, value in session.source.items() if name != ACCOUNT}
        nobody = structs.replace(session, buyer=Buyer(), destination=None, source=source)
        await tx.execute("UPDATE checkout_session SET body = %s::jsonb WHERE session_id = %s", (dumped(nobody, keys), row["session_id"]))
    await tx.execute(_THEIR_CARTS, (list(session_ids),))
    return len(rows)
