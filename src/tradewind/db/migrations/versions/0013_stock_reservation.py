"""Units that are held for a checkout until a moment."""

from alembic import op

revision = "0013_stock_reservation"
down_revision = "0012_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row is a hold; it goes when the hold ends, and the ledger keeps the story."""
    op.execute(
        """
        CREATE TABLE stock_reservation (
            reference   text        NOT NULL,
            sku         text        NOT NULL,
            location_id text        NOT NULL,
            quantity    bigint      NOT NULL CHECK (quantity > 0),
            made_at     timestamptz NOT NULL,
            expires_at  timestamptz NOT NULL,
            PRIMARY KEY (reference, sku, location_id),
            FOREIGN KEY (sku, location_id) REFERENCES stock_level (sku, location_id)
        )
        """
    )
    op.execute("CREATE INDEX stock_reservation_expires_at ON stock_reservation (expires_at)")


def downgrade() -> None:
    """Gone again; what was held stays in the counters and their ledger."""
    op.execute("DROP TABLE stock_reservation")
