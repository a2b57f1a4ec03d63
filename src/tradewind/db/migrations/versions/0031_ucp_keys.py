"""The keys that sign this shop's messages: published by their profile, private halves sealed."""

from alembic import op

revision = "0031_ucp_keys"
down_revision = "0028_stock_expected"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A key is published from the start, signs from `signs_from`, and is gone from the profile after `retires_at`."""
    op.execute(
        """
        CREATE TABLE ucp_key (
            kid        text        PRIMARY KEY,
            algorithm  text        NOT NULL CHECK (algorithm IN ('ES256', 'ES384')),
            sealed     bytea       NOT NULL,
            created_at timestamptz NOT NULL,
            signs_from timestamptz NOT NULL,
            retires_at timestamptz
        )
        """
    )


def downgrade() -> None:
    """Messages are signed with a new key afterwards."""
    op.execute("DROP TABLE ucp_key")
