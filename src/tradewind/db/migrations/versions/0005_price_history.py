"""What every offer was published at and since when: the memory that an announced price reduction is measured against."""

from alembic import op

revision = "0005_price_history"
down_revision = "0003_offers_pipeline"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`entry` orders the rows even when a clock goes backwards; a null price says that the offer was no longer published."""
    op.execute(
        """
        CREATE TABLE pricing_history (
            entry       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            market      text        NOT NULL,
            offer_id    text        NOT NULL,
            since       timestamptz NOT NULL,
            price_minor bigint,
            currency    text        NOT NULL,
            run_id      text        NOT NULL,
            CONSTRAINT pricing_history_price_is_positive CHECK (price_minor > 0)
        )
        """
    )
    op.execute("CREATE INDEX pricing_history_by_offer ON pricing_history (market, offer_id, entry DESC)")
    op.execute(
        """
        CREATE FUNCTION pricing_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the history of published prices is append-only' USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER pricing_history_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pricing_history"
        " FOR EACH STATEMENT EXECUTE FUNCTION pricing_history_stays()"
    )


def downgrade() -> None:
    """The history is lost: only for a database that never published."""
    op.execute("DROP TABLE pricing_history")
    op.execute("DROP FUNCTION pricing_history_stays()")
