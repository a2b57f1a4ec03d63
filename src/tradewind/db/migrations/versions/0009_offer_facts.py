"""Offers carry what decides their notices and how their duty came about: tariff code, battery, band, the bottom of the duty's range."""

from alembic import op

revision = "0009_offer_facts"
down_revision = "0008_offers_live"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty for offers of an earlier release: the next run fills them."""
    op.execute(
        "ALTER TABLE offers_offer ADD COLUMN band bigint, ADD COLUMN duty_low_amount bigint, ADD COLUMN hs_code text, ADD COLUMN battery text"
    )


def downgrade() -> None:
    """Gone again; a run can publish them anew."""
    op.execute("ALTER TABLE offers_offer DROP COLUMN battery, DROP COLUMN hs_code, DROP COLUMN duty_low_amount, DROP COLUMN band")
