"""Orders name their buyers under seal: the e-mail is found by a keyed digest, and an account's orders by the account."""

from alembic import op

revision = "0032_orders_sealed"
down_revision = "0031_ucp_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What orders of before name in clear is sealed by `tradewind keys reseal`, because only the application holds the keys."""
    op.execute("ALTER TABLE orders_order ADD COLUMN email_digest bytea, ADD COLUMN shopper_id text, ALTER COLUMN email DROP NOT NULL")
    op.execute("CREATE INDEX orders_order_email_digest ON orders_order (email_digest, number DESC)")
    op.execute("CREATE INDEX orders_order_shopper ON orders_order (shopper_id, number DESC) WHERE shopper_id IS NOT NULL")


def downgrade() -> None:
    """Sealed orders lose the way to be found by their e-mail."""
    op.execute("UPDATE orders_order SET email = '' WHERE email IS NULL")
    op.execute("ALTER TABLE orders_order DROP COLUMN email_digest, DROP COLUMN shopper_id, ALTER COLUMN email SET NOT NULL")
