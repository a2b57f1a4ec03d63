"""Offers carry the reduction that may be announced of them: the price it counts from, and its first and last day."""

from alembic import op

revision = "0018_offer_sale"
down_revision = "0015_listings_watch"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty for offers of an earlier release: nothing is struck through until a run has measured it."""
    op.execute(
        "ALTER TABLE offers_offer ADD COLUMN list_price_minor bigint, ADD COLUMN sale_starts date, ADD COLUMN sale_ends date,"
        " ADD CONSTRAINT offers_offer_list_price_is_above CHECK (list_price_minor > price_minor)"
    )


def downgrade() -> None:
    """Gone again; a run can publish them anew."""
    op.execute("ALTER TABLE offers_offer DROP COLUMN sale_ends, DROP COLUMN sale_starts, DROP COLUMN list_price_minor")
