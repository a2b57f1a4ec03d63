"""Which carts and sessions are old. An order needs neither: it holds its own lines, prices, buyer, policies and rules."""

from tradewind.db.retention import Old

OLD_CARTS = Old("carts", "checkout_cart", "expires_at <= %(before)s")
OLD_SESSIONS = Old(
    "checkout sessions", "checkout_session", "expires_at <= %(before)s AND status IN ('incomplete', 'ready_for_complete', 'canceled')"
)
OLD_COMPLETED = Old("completed checkout sessions", "checkout_session", "expires_at <= %(before)s AND status = 'completed'")
