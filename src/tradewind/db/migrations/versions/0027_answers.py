"""The answers of idempotency keys byte for byte, for surfaces whose callers may compare them."""

from alembic import op

revision = "0027_answers"
down_revision = "0026_offers_parted"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the bytes; keys of before have none."""
    op.execute("ALTER TABLE db_idempotency_key ADD COLUMN answer BYTEA")


def downgrade() -> None:
    """Keys answered with bytes alone would have no answer left: they are forgotten."""
    op.execute("DELETE FROM db_idempotency_key WHERE answer IS NOT NULL AND response = 'null'::jsonb")
    op.execute("ALTER TABLE db_idempotency_key DROP COLUMN answer")
