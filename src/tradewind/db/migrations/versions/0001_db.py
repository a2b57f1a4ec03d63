"""The outbox, idempotency keys, the audit trail, and the tables of the job queue."""

from importlib.resources import files
from typing import Any

from alembic import op

revision = "0001_db"
down_revision = None

_TABLES = """
CREATE TABLE db_outbox (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue         TEXT NOT NULL,
    task          TEXT NOT NULL,
    args          JSONB NOT NULL,
    priority      INTEGER NOT NULL DEFAULT 0,
    lock          TEXT,
    scheduled_at  TIMESTAMPTZ,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    relayed_at    TIMESTAMPTZ
);
CREATE INDEX db_outbox_waiting ON db_outbox (id) WHERE relayed_at IS NULL;
CREATE INDEX db_outbox_relayed_at ON db_outbox (relayed_at) WHERE relayed_at IS NOT NULL;

CREATE TABLE db_idempotency_key (
    scope         TEXT NOT NULL,
    key           TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash  TEXT NOT NULL,
    http_status   INTEGER NOT NULL,
    response      JSONB NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
);
CREATE INDEX db_idempotency_key_created_at ON db_idempotency_key (created_at);

CREATE TABLE db_audit_entry (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    actor         TEXT NOT NULL CHECK (actor <> ''),
    action        TEXT NOT NULL CHECK (action <> ''),
    subject       TEXT NOT NULL,
    detail        JSONB NOT NULL
);
CREATE INDEX db_audit_entry_subject ON db_audit_entry (subject, id);

CREATE FUNCTION db_audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER db_audit_entry_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON db_audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION db_audit_entry_is_final();
"""


def upgrade() -> None:
    queue_schema = files("procrastinate").joinpath("sql", "schema.sql").read_text(encoding="utf-8")
    # The driver itself: SQLAlchemy would read `:name` and `%` in the functions of the schema as parameters.
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(queue_schema)
    driver.execute(_TABLES)
