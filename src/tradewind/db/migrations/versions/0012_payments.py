"""Payments with their operations, what providers told, and disputes with the money they moved."""

from alembic import op

revision = "0012_payments"
down_revision = "0011_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Persons stand here only as digests, for counting how often somebody tries."""
    op.execute(
        """
        CREATE TABLE payments_payment (
            payment_id       text        PRIMARY KEY,
            session_id       text        NOT NULL,
            order_id         text,
            provider         text        NOT NULL,
            method           text        NOT NULL,
            market           text        NOT NULL,
            currency         text        NOT NULL,
            amount           bigint      NOT NULL CHECK (amount > 0),
            authorized       bigint      NOT NULL DEFAULT 0 CHECK (authorized >= 0),
            captured         bigint      NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND authorized),
            refunded         bigint      NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
            status           text        NOT NULL CHECK (status IN ('begun', 'pending', 'unknown', 'authorized', 'captured', 'refunded',
                                                                    'voided', 'failed', 'expired')),
            live             boolean     NOT NULL DEFAULT true,
            verdict          text        NOT NULL DEFAULT 'accept' CHECK (verdict IN ('accept', 'review', 'refuse')),
            reasons          text[]      NOT NULL DEFAULT '{}',
            reference        text        NOT NULL DEFAULT '',
            code             text        NOT NULL DEFAULT '',
            message          text        NOT NULL DEFAULT '',
            challenge_url    text,
            authorized_until timestamptz,
            email_digest     text        NOT NULL DEFAULT '',
            address_digest   text        NOT NULL DEFAULT '',
            network_digest   text        NOT NULL DEFAULT '',
            card_digest      text        NOT NULL DEFAULT '',
            code_hash        text        NOT NULL DEFAULT '',
            code_tries       int         NOT NULL DEFAULT 0,
            created_at       timestamptz NOT NULL,
            updated_at       timestamptz NOT NULL
        )
        """
    )
    # Law of one payment: a session whose payment may still succeed cannot begin another.
    op.execute("CREATE UNIQUE INDEX payments_payment_live ON payments_payment (session_id) WHERE live")
    op.execute("CREATE INDEX payments_payment_session ON payments_payment (session_id, created_at)")
    op.execute("CREATE INDEX payments_payment_order ON payments_payment (order_id) WHERE order_id IS NOT NULL")
    op.execute("CREATE INDEX payments_payment_reference ON payments_payment (reference) WHERE reference <> ''")
    op.execute("CREATE INDEX payments_payment_open ON payments_payment (updated_at) WHERE status IN ('begun', 'pending', 'unknown')")
    op.execute(
        "CREATE INDEX payments_payment_orphan ON payments_payment (updated_at) WHERE status IN ('authorized', 'captured') AND order_id IS NULL"
    )
    op.execute("CREATE INDEX payments_payment_until ON payments_payment (authorized_until) WHERE status = 'authorized'")
    for signal in ("email", "address", "network", "card"):
        op.execute(f"CREATE INDEX payments_payment_{signal} ON payments_payment ({signal}_digest, created_at) WHERE {signal}_digest <> ''")
    op.execute(
        """
        CREATE TABLE payments_operation (
            key        text        PRIMARY KEY,
            payment_id text        NOT NULL REFERENCES payments_payment,
            kind       text        NOT NULL CHECK (kind IN ('authorize', 'capture', 'void', 'refund', 'renew')),
            cause      text        NOT NULL,
            amount     bigint      NOT NULL CHECK (amount >= 0),
            status     text        CHECK (status IN ('succeeded', 'failed', 'pending', 'unknown')),
            reference  text        NOT NULL DEFAULT '',
            code       text        NOT NULL DEFAULT '',
            message    text        NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            UNIQUE (payment_id, kind, cause)
        )
        """
    )
    op.execute(
        "CREATE INDEX payments_operation_open ON payments_operation (updated_at)"
        " WHERE kind <> 'authorize' AND (status IS NULL OR status IN ('pending', 'unknown'))"
    )
    op.execute(
        """
        CREATE TABLE payments_event (
            provider    text        NOT NULL,
            event_id    text        NOT NULL CHECK (length(event_id) BETWEEN 1 AND 200),
            name        text        NOT NULL,
            reference   text        NOT NULL,
            occurred_at timestamptz NOT NULL,
            received_at timestamptz NOT NULL,
            PRIMARY KEY (provider, event_id)
        )
        """
    )
    op.execute("CREATE INDEX payments_event_received_at ON payments_event (received_at)")
    op.execute(
        """
        CREATE TABLE payments_dispute (
            dispute_id      text        PRIMARY KEY,
            payment_id      text        NOT NULL REFERENCES payments_payment,
            reference       text        NOT NULL UNIQUE,
            reason          text        NOT NULL,
            amount          bigint      NOT NULL CHECK (amount >= 0),
            currency        text        NOT NULL,
            fee             bigint      NOT NULL DEFAULT 0 CHECK (fee >= 0),
            status          text        NOT NULL CHECK (status IN ('needs_response', 'under_review', 'won', 'lost', 'closed')),
            evidence_due_at timestamptz,
            evidence        jsonb       NOT NULL DEFAULT '{}',
            submitted_at    timestamptz,
            told_at         timestamptz NOT NULL,
            opened_at       timestamptz NOT NULL,
            updated_at      timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX payments_dispute_payment ON payments_dispute (payment_id)")
    op.execute(
        """
        CREATE TABLE payments_booking (
            booking_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            payment_id text        NOT NULL REFERENCES payments_payment,
            dispute_id text        REFERENCES payments_dispute,
            kind       text        NOT NULL CHECK (kind IN ('dispute_withdrawn', 'dispute_reinstated', 'dispute_fee')),
            amount     bigint      NOT NULL,
            currency   text        NOT NULL,
            booked_at  timestamptz NOT NULL,
            UNIQUE (dispute_id, kind)
        )
        """
    )


def downgrade() -> None:
    """Gone again."""
    for table in ("booking", "dispute", "event", "operation", "payment"):
        op.execute(f"DROP TABLE payments_{table}")
