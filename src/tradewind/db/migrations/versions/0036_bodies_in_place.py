"""Bodies of checkout sessions and kept answers lie in their rows.

They have 3 kB, are written three to five times a purchase and read as often: compressing them and putting them aside took a tenth of PostgreSQL's time for a
purchase over UCP (measured in November 2026, three pairs in turn).
"""

from alembic import op

revision = "0036_bodies_in_place"
down_revision = "0035_books"
branch_labels = None
depends_on = None

LARGEST_ROW = 8160


def upgrade() -> None:
    """Rows up to a page stay whole; larger ones go aside as before. Rows that are there keep their form until they are written again."""
    for table in ("checkout_session", "db_idempotency_key"):
        op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = {LARGEST_ROW})")


def downgrade() -> None:
    """Back to PostgreSQL's own limit of a quarter of a page."""
    for table in ("checkout_session", "db_idempotency_key"):
        op.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
