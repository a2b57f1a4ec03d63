"""Each market's offers in a table of their own: one that is rewritten as a whole is built aside, and takes the old one's place at once."""

from alembic import op

revision = "0026_offers_parted"
down_revision = "0021_promotions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of before becomes the partition of every market that has none of its own yet: no row is copied."""
    op.execute("ALTER TABLE offers_offer RENAME TO offers_offer_rest")
    for name in ("pkey", "by_category", "by_product"):
        op.execute(f"ALTER INDEX offers_offer_{name} RENAME TO offers_offer_rest_{name}")
    op.execute(
        "CREATE TABLE offers_offer (LIKE offers_offer_rest INCLUDING DEFAULTS INCLUDING CONSTRAINTS,"
        " PRIMARY KEY (market, offer_id)) PARTITION BY LIST (market)"
    )
    op.execute("CREATE INDEX offers_offer_by_category ON offers_offer (market, category, offer_id)")
    op.execute("CREATE INDEX offers_offer_by_product ON offers_offer (market, product_id)")
    op.execute("CREATE INDEX offers_offer_changed ON offers_offer (market, sku) WHERE changed_at IS NOT NULL")
    op.execute("ALTER TABLE offers_offer ATTACH PARTITION offers_offer_rest DEFAULT")


def downgrade() -> None:
    """One table again, with the rows of all markets."""
    op.execute("ALTER TABLE offers_offer RENAME TO offers_offer_parted")
    for name in ("pkey", "by_category", "by_product", "changed"):
        op.execute(f"ALTER INDEX offers_offer_{name} RENAME TO offers_offer_parted_{name}")
    op.execute(
        "CREATE TABLE offers_offer (LIKE offers_offer_parted INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY (market, offer_id))"
    )
    op.execute("INSERT INTO offers_offer SELECT * FROM offers_offer_parted")
    op.execute("CREATE INDEX offers_offer_by_category ON offers_offer (market, category, offer_id)")
    op.execute("CREATE INDEX offers_offer_by_product ON offers_offer (market, product_id)")
    op.execute("DROP TABLE offers_offer_parted")
