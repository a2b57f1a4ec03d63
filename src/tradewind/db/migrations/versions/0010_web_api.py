"""Keys of programs that call the API: only their hashes, and what each may do."""

from alembic import op

revision = "0010_web_api"
down_revision = "0009_offer_facts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A key is shown once, when it is made."""
    op.execute(
        """
        CREATE TABLE web_api_key (
            name       text        PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 60),
            key_hash   text        NOT NULL UNIQUE,
            scopes     text[]      NOT NULL,
            created_at timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    """Gone again; programs need new keys."""
    op.execute("DROP TABLE web_api_key")
