"""What changed since a search index was made: every index reads the log from its own place on."""

from alembic import op

revision = "0019_search"
down_revision = "0018_offer_sale"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The writing transaction's id orders the log by visibility; an offer id of NULL stands for all offers of the market."""
    op.execute(
        """
        CREATE TABLE search_change (
            change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            market     text        NOT NULL,
            offer_id   text,
            written_by xid8        NOT NULL DEFAULT pg_current_xact_id(),
            noted_at   timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX search_change_of_market ON search_change (market, written_by)")
    op.execute("CREATE INDEX search_change_noted_at ON search_change (noted_at)")
    op.execute("CREATE TABLE search_forgotten (written_by xid8 NOT NULL)")


def downgrade() -> None:
    """Gone again; every index can be built anew."""
    op.execute("DROP TABLE search_forgotten")
    op.execute("DROP TABLE search_change")
