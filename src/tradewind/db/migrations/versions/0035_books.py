"""Invoices and credit notes: numbered without gaps for each seller and series, and never changed."""

from alembic import op

revision = "0035_books"
down_revision = "0034_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The bytes may be sealed again with a newer key; nothing else of a paper ever changes."""
    op.execute(
        """
        CREATE TABLE books_series (
            seller      text   NOT NULL,
            series      text   NOT NULL,
            last_number bigint NOT NULL,
            PRIMARY KEY (seller, series)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE books_invoice (
            seller    text        NOT NULL,
            number    text        NOT NULL,
            kind      text        NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
            order_id  text        NOT NULL,
            cause     text        NOT NULL,
            total     bigint      NOT NULL,
            currency  text        NOT NULL,
            issued_at timestamptz NOT NULL,
            sha256    text        NOT NULL,
            content   bytea       NOT NULL,
            PRIMARY KEY (seller, number),
            UNIQUE (order_id, kind, cause)
        )
        """
    )
    op.execute(
        """
        CREATE FUNCTION books_invoice_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content' THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'an invoice is never changed' USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER books_invoice_is_final BEFORE UPDATE OR DELETE ON books_invoice"
        " FOR EACH ROW EXECUTE FUNCTION books_invoice_is_final()"
    )


def downgrade() -> None:
    """Gone again, with every paper."""
    op.execute("DROP TABLE books_invoice")
    op.execute("DROP FUNCTION books_invoice_is_final")
    op.execute("DROP TABLE books_series")
