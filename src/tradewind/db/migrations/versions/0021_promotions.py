"""How often promotions were used, in all and by each buyer."""

from alembic import op

revision = "0021_promotions"
down_revision = "0020_checkout"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The promotions themselves are the retailer's file; only their uses are counted here. Buyers are digests."""
    op.execute(
        """
        CREATE TABLE promotions_use (
            promotion_id  text        NOT NULL,
            session_id    text        NOT NULL,
            buyer         text        NOT NULL,
            total_counted boolean     NOT NULL,
            own_counted   boolean     NOT NULL,
            claimed_at    timestamptz NOT NULL,
            released_at   timestamptz,
            PRIMARY KEY (promotion_id, session_id)
        )
        """
    )
    op.execute("CREATE INDEX promotions_use_session ON promotions_use (session_id)")
    op.execute(
        """
        CREATE TABLE promotions_counter (
            promotion_id text   NOT NULL,
            buyer        text   NOT NULL,
            used         bigint NOT NULL CHECK (used >= 0),
            PRIMARY KEY (promotion_id, buyer)
        )
        """
    )


def downgrade() -> None:
    """Gone again."""
    op.execute("DROP TABLE promotions_use")
    op.execute("DROP TABLE promotions_counter")
