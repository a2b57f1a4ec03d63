"""When sold-out articles are expected again."""

from alembic import op

revision = "0028_stock_expected"
down_revision = "0027_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table beside the levels: an article that nobody has counted yet may be expected too."""
    op.execute(
        """
        CREATE TABLE stock_expected (
            sku         text        NOT NULL,
            location_id text        NOT NULL,
            expected_on date        NOT NULL,
            updated_at  timestamptz NOT NULL,
            PRIMARY KEY (sku, location_id)
        )
        """
    )


def downgrade() -> None:
    """Forgets the dates."""
    op.execute("DROP TABLE stock_expected")
