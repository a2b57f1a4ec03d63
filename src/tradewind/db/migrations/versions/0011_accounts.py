"""Shoppers' accounts: what names a person is sealed, visits and links are stored as hashes."""

from alembic import op

revision = "0011_accounts"
down_revision = "0010_web_api"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An erased account keeps its id alone, which is why its other columns may be empty then."""
    op.execute(
        """
        CREATE TABLE accounts_shopper (
            shopper_id    text        PRIMARY KEY,
            email_digest  bytea       UNIQUE,
            email_sealed  bytea,
            name_sealed   bytea,
            password_hash text        NOT NULL,
            language      text        NOT NULL,
            market        text        NOT NULL,
            marketing     boolean     NOT NULL DEFAULT false,
            created_at    timestamptz NOT NULL,
            confirmed_at  timestamptz,
            erased_at     timestamptz,
            CONSTRAINT accounts_shopper_has_an_email_until_it_is_erased
                CHECK ((erased_at IS NULL) = (email_digest IS NOT NULL AND email_sealed IS NOT NULL AND name_sealed IS NOT NULL))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE accounts_session (
            token_hash bytea       PRIMARY KEY,
            shopper_id text        NOT NULL REFERENCES accounts_shopper,
            form_token text        NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ends_at    timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX accounts_session_by_shopper ON accounts_session (shopper_id)")
    op.execute(
        """
        CREATE TABLE accounts_address (
            address_id     text        PRIMARY KEY,
            shopper_id     text        NOT NULL REFERENCES accounts_shopper,
            address_sealed bytea       NOT NULL,
            is_default     boolean     NOT NULL,
            created_at     timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX accounts_address_by_shopper ON accounts_address (shopper_id)")
    op.execute("CREATE UNIQUE INDEX accounts_address_one_default ON accounts_address (shopper_id) WHERE is_default")
    op.execute(
        """
        CREATE TABLE accounts_code (
            code_id    text        PRIMARY KEY,
            shopper_id text        NOT NULL REFERENCES accounts_shopper,
            purpose    text        NOT NULL,
            expires_at timestamptz NOT NULL,
            UNIQUE (shopper_id, purpose)
        )
        """
    )
    op.execute("CREATE TABLE accounts_attempt (digest bytea PRIMARY KEY, since timestamptz NOT NULL, attempts bigint NOT NULL)")


def downgrade() -> None:
    """The accounts are lost: only for a database that never had one."""
    for table in ("attempt", "code", "address", "session", "shopper"):
        op.execute(f"DROP TABLE accounts_{table}")
