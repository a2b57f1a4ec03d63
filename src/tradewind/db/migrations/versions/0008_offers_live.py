"""What changes between runs: live availability, withdrawn offers, stock that knows when it was counted, and deltas that count once."""

from alembic import op

revision = "0008_offers_live"
down_revision = "0006_listings_held"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Offers keep their rows when they are withdrawn, so that a publication's count stays that of its run."""
    op.execute("ALTER TABLE offers_offer ADD COLUMN changed_at timestamptz, ADD COLUMN withdrawn_at timestamptz")
    # Counts withdrawals and returns, so that what was read once for a publication is read anew.
    op.execute("ALTER TABLE offers_publication ADD COLUMN withdrawals bigint NOT NULL DEFAULT 0")
    op.execute(
        """
        CREATE TABLE offers_withdrawn (
            sku          text        NOT NULL,
            market       text        NOT NULL,
            reason       text        NOT NULL CHECK (reason <> ''),
            withdrawn_by text        NOT NULL CHECK (withdrawn_by <> ''),
            withdrawn_at timestamptz NOT NULL,
            PRIMARY KEY (sku, market)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE offers_change (
            change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            market     text        NOT NULL,
            offer_id   text        NOT NULL,
            moved_at   timestamptz NOT NULL,
            written_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX offers_change_written_at ON offers_change (written_at)")
    op.execute("ALTER TABLE stock_level ADD COLUMN counted_at timestamptz NOT NULL DEFAULT now()")
    op.execute("UPDATE stock_level SET counted_at = updated_at")
    op.execute("CREATE INDEX stock_level_counted_at ON stock_level (location_id, counted_at)")
    op.execute("CREATE INDEX stock_level_updated_at ON stock_level (updated_at)")
    op.execute(
        """
        CREATE TABLE stock_delta (
            delta_id    text        PRIMARY KEY CHECK (length(delta_id) BETWEEN 1 AND 200),
            sku         text        NOT NULL,
            location_id text        NOT NULL,
            content     text        NOT NULL,
            applied_at  timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX stock_delta_applied_at ON stock_delta (applied_at)")


def downgrade() -> None:
    """Gone again; withdrawn offers come back with their rows."""
    op.execute("DROP TABLE stock_delta")
    op.execute("DROP INDEX stock_level_counted_at, stock_level_updated_at")
    op.execute("ALTER TABLE stock_level DROP COLUMN counted_at")
    op.execute("DROP TABLE offers_change")
    op.execute("DROP TABLE offers_withdrawn")
    op.execute("ALTER TABLE offers_publication DROP COLUMN withdrawals")
    op.execute("ALTER TABLE offers_offer DROP COLUMN changed_at, DROP COLUMN withdrawn_at")
