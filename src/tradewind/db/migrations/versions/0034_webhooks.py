"""Webhooks: who is told of orders, and what each of them has still to hear."""

from alembic import op

revision = "0034_webhooks"
down_revision = "0033_order_version"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A delivery is rendered when it is sent, so it holds no personal data: only which thing of which order is for whom."""
    op.execute(
        """
        CREATE TABLE notifications_webhook_target (
            target_id     text        PRIMARY KEY,
            kind          text        NOT NULL CHECK (kind IN ('ucp', 'google', 'own')),
            url           text        NOT NULL,
            version       text        NOT NULL DEFAULT '',
            platform      text        NOT NULL DEFAULT '',
            events        text[]      NOT NULL DEFAULT '{}',
            description   text        NOT NULL DEFAULT '',
            secret_sealed bytea,
            is_paused     boolean     NOT NULL DEFAULT false,
            is_removed    boolean     NOT NULL DEFAULT false,
            failures      int         NOT NULL DEFAULT 0,
            asked_from    timestamptz,
            created_at    timestamptz NOT NULL,
            CHECK (kind <> 'own' OR secret_sealed IS NOT NULL)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE notifications_webhook_delivery (
            delivery_id  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            target_id    text        NOT NULL REFERENCES notifications_webhook_target,
            order_id     text        NOT NULL,
            event        text        NOT NULL,
            number       int         NOT NULL,
            webhook_id   uuid        NOT NULL,
            occurred_at  timestamptz NOT NULL,
            status       text        NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'dead')),
            attempts     int         NOT NULL DEFAULT 0,
            next_at      timestamptz NOT NULL,
            sent_as      bigint,
            last_status  int,
            last_error   text        NOT NULL DEFAULT '',
            created_at   timestamptz NOT NULL,
            delivered_at timestamptz,
            UNIQUE (target_id, order_id, event, number)
        )
        """
    )
    op.execute("CREATE INDEX notifications_webhook_due ON notifications_webhook_delivery (next_at) WHERE status = 'waiting'")
    op.execute(
        "CREATE INDEX notifications_webhook_line ON notifications_webhook_delivery (target_id, order_id, delivery_id) WHERE status = 'waiting'"
    )
    op.execute("CREATE INDEX notifications_webhook_dead ON notifications_webhook_delivery (delivery_id) WHERE status = 'dead'")
    op.execute("CREATE INDEX notifications_webhook_heard ON notifications_webhook_delivery (delivered_at) WHERE status = 'delivered'")
    op.execute("CREATE INDEX notifications_webhook_of_order ON notifications_webhook_delivery (order_id, target_id)")
    op.execute("CREATE INDEX notifications_mail_at ON notifications_mail (at)")


def downgrade() -> None:
    """What waits is not told any more."""
    op.execute("DROP INDEX notifications_mail_at")
    op.execute("DROP TABLE notifications_webhook_delivery")
    op.execute("DROP TABLE notifications_webhook_target")
