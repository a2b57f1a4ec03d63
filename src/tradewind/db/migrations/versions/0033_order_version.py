"""An order's version, so that nobody changes what they have not seen; indexes for the lists that programs page through."""

from alembic import op

revision = "0033_order_version"
down_revision = "0032_orders_sealed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The number of an order grows, so each list is one index read backwards."""
    op.execute("ALTER TABLE orders_order ADD COLUMN version bigint NOT NULL DEFAULT 1")
    op.execute("CREATE INDEX orders_order_by_market ON orders_order (market, number)")
    op.execute("CREATE INDEX orders_order_by_status ON orders_order (status, number)")


def downgrade() -> None:
    """Versions begin anew."""
    op.execute("DROP INDEX orders_order_by_market, orders_order_by_status")
    op.execute("ALTER TABLE orders_order DROP COLUMN version")
