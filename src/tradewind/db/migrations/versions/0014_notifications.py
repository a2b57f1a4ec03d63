"""Which mails went out, so that none goes twice."""

from alembic import op

revision = "0014_notifications"
down_revision = "0013_stock_reservation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A reference names a mail; it holds ids, never an address."""
    op.execute(
        """
        CREATE TABLE notifications_mail (
            reference text        PRIMARY KEY,
            template  text        NOT NULL,
            outcome   text        NOT NULL CHECK (outcome IN ('sent', 'refused')),
            at        timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    """Whatever waits in the outbox may be sent once more."""
    op.execute("DROP TABLE notifications_mail")
