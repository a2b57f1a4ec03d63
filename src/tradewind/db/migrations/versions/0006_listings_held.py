"""What channels hold of our listings: the ledger of sends, and accounts whose pushes are stopped."""

from alembic import op

revision = "0006_listings_held"
down_revision = "0005_price_history"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row with `urgency` waits; one with `sending_version` is on its way. The index holds only what waits."""
    op.execute(
        """
        CREATE TABLE listings_held (
            feed              text        NOT NULL,
            offer_id          text        NOT NULL,
            wanted_hash       text,
            wanted_price      bigint,
            wanted_available  boolean,
            wanted_at         timestamptz NOT NULL,
            urgency           smallint,
            held_hash         text,
            held_price        bigint,
            held_available    boolean,
            held_version      bigint,
            held_at           timestamptz,
            expires_at        timestamptz,
            sending_version   bigint,
            sending_hash      text,
            sending_price     bigint,
            sending_available boolean,
            sending_urgency   smallint,
            batch_id          text,
            sending_at        timestamptz,
            updates_count     smallint    NOT NULL DEFAULT 0,
            updates_since     timestamptz,
            attempts          smallint    NOT NULL DEFAULT 0,
            next_attempt_at   timestamptz,
            result            text,
            reason            text,
            detail            text,
            PRIMARY KEY (feed, offer_id),
            CONSTRAINT listings_held_result_is_known CHECK (result IN ('succeeded', 'failed', 'retry', 'unknown')),
            CONSTRAINT listings_held_send_is_whole CHECK ((sending_version IS NULL) = (sending_at IS NULL))
        ) WITH (fillfactor = 80)
        """
    )
    op.execute("CREATE INDEX listings_held_waiting ON listings_held (feed, urgency, wanted_at, offer_id) WHERE urgency IS NOT NULL")
    op.execute("CREATE INDEX listings_held_sending ON listings_held (feed, sending_at) WHERE sending_version IS NOT NULL")
    op.execute("CREATE TABLE listings_account (account text PRIMARY KEY, frozen_reason text NOT NULL, frozen_at timestamptz NOT NULL)")
    op.execute(
        """
        CREATE TABLE listings_issue (
            feed       text        NOT NULL,
            offer_id   text        NOT NULL,
            code       text        NOT NULL,
            attribute  text        NOT NULL,
            severity   text        NOT NULL,
            countries  text[]      NOT NULL,
            detail     text        NOT NULL,
            seen_at    timestamptz NOT NULL,
            PRIMARY KEY (feed, code, attribute, offer_id)
        )
        """
    )


def downgrade() -> None:
    """Gone again; a reconcile can read most of it back from the channel."""
    op.execute("DROP TABLE listings_issue")
    op.execute("DROP TABLE listings_account")
    op.execute("DROP TABLE listings_held")
