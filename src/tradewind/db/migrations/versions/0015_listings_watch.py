"""The ledger knows a product's last two updates, and an account what Google held against it when its pushes stopped."""

from alembic import op

revision = "0015_listings_watch"
down_revision = "0014_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two updates in any 24 hours: a count since the first of them let a third one through at the day's end."""
    op.execute("ALTER TABLE listings_held ADD COLUMN updated_at timestamptz, ADD COLUMN updated_before timestamptz")
    op.execute("UPDATE listings_held SET updated_at = held_at, updated_before = CASE WHEN updates_count > 1 THEN updates_since END")
    op.execute("ALTER TABLE listings_held DROP COLUMN updates_count, DROP COLUMN updates_since")
    # Without a reason the account is not frozen; `acknowledged` names the issues that a person has settled and Google still lists.
    op.execute(
        "ALTER TABLE listings_account ALTER COLUMN frozen_reason DROP NOT NULL, ALTER COLUMN frozen_at DROP NOT NULL,"
        " ADD COLUMN facts jsonb NOT NULL DEFAULT '[]', ADD COLUMN acknowledged text[] NOT NULL DEFAULT '{}'"
    )


def downgrade() -> None:
    """The times of updates are lost: for a day the rule is not kept."""
    op.execute("DELETE FROM listings_account WHERE frozen_reason IS NULL")
    op.execute(
        "ALTER TABLE listings_account DROP COLUMN facts, DROP COLUMN acknowledged,"
        " ALTER COLUMN frozen_reason SET NOT NULL, ALTER COLUMN frozen_at SET NOT NULL"
    )
    op.execute(
        "ALTER TABLE listings_held DROP COLUMN updated_at, DROP COLUMN updated_before,"
        " ADD COLUMN updates_count smallint NOT NULL DEFAULT 0, ADD COLUMN updates_since timestamptz"
    )
