"""Which rows of purchases that came to nothing are old."""

from tradewind.db.retention import Old

OLD_CARTS = Old("carts", "checkout_cart", "expires_at <= %(before)s")
OLD_SESSIONS = Old(
    "checkout sessions", "checkout_session", "expires_at <= %(before)s AND status IN ('incomplete', 'ready_for_complete', 'canceled')"
)
