"""Stock: the level of each sku at each location, and the ledger that explains it (law 6)."""

from alembic import op

revision = "0002_stock"
down_revision = "0001_db"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The counters and their ledger; `available` is derived and never stored by hand."""
    op.execute(
        """
        CREATE TABLE stock_level (
            sku          text   NOT NULL,
            location_id  text   NOT NULL,
            on_hand      bigint NOT NULL DEFAULT 0,
            reserved     bigint NOT NULL DEFAULT 0,
            allocated    bigint NOT NULL DEFAULT 0,
            unavailable  bigint NOT NULL DEFAULT 0,
            available    bigint GENERATED ALWAYS AS (on_hand - reserved - allocated - unavailable) STORED,
            updated_at   timestamptz NOT NULL,
            PRIMARY KEY (sku, location_id),
            CONSTRAINT stock_level_counts_are_not_negative
                CHECK (on_hand >= 0 AND reserved >= 0 AND allocated >= 0 AND unavailable >= 0),
            CONSTRAINT stock_level_promises_no_more_than_it_holds
                CHECK (reserved + allocated + unavailable <= on_hand)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE stock_movement (
            movement_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            sku          text   NOT NULL,
            location_id  text   NOT NULL,
            on_hand      bigint NOT NULL DEFAULT 0,
            reserved     bigint NOT NULL DEFAULT 0,
            allocated    bigint NOT NULL DEFAULT 0,
            unavailable  bigint NOT NULL DEFAULT 0,
            reason       text   NOT NULL,
            reference    text   NOT NULL,
            moved_at     timestamptz NOT NULL,
            FOREIGN KEY (sku, location_id) REFERENCES stock_level (sku, location_id),
            CONSTRAINT stock_movement_moves_something
                CHECK (on_hand <> 0 OR reserved <> 0 OR allocated <> 0 OR unavailable <> 0)
        )
        """
    )
    op.execute("CREATE INDEX stock_movement_by_level ON stock_movement (sku, location_id, movement_id)")


def downgrade() -> None:
    """Gone again, with everything in it."""
    op.execute("DROP TABLE stock_movement")
    op.execute("DROP TABLE stock_level")
