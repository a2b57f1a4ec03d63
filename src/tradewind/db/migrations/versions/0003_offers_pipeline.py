"""What the store window sells: the published offers of each market, and which run published them."""

from alembic import op

revision = "0003_offers_pipeline"
down_revision = "0002_stock"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The columns stand in the order of offers.parquet, because rows arrive by COPY."""
    op.execute(
        """
        CREATE TABLE offers_offer (
            market         text    NOT NULL,
            offer_id       text    NOT NULL,
            sku            text    NOT NULL,
            product_id     text    NOT NULL,
            run_id         text    NOT NULL,
            language       text    NOT NULL,
            text_from      text    NOT NULL,
            title          text    NOT NULL,
            description    text    NOT NULL,
            brand          text,
            gtin           text,
            mpn            text,
            category       text    NOT NULL,
            home_category  text,
            color          text,
            size           text,
            material       text,
            pattern        text,
            gender         text,
            age_group      text,
            options        jsonb   NOT NULL,
            specs          jsonb   NOT NULL,
            images         text[]  NOT NULL,
            condition      text    NOT NULL,
            price_minor    bigint  NOT NULL,
            currency       text    NOT NULL,
            tax_included   boolean NOT NULL,
            availability   text    NOT NULL,
            quantity       bigint  NOT NULL,
            location_id    text    NOT NULL,
            lane_id        text    NOT NULL,
            ships_from     text    NOT NULL,
            min_days       bigint  NOT NULL,
            max_days       bigint  NOT NULL,
            return_days    bigint  NOT NULL,
            weight_g       bigint  NOT NULL,
            rating_milli   bigint,
            rating_count   bigint,
            defaulted      text[]  NOT NULL,
            cost_amount    bigint  NOT NULL,
            freight_amount bigint  NOT NULL,
            customs_value_amount bigint NOT NULL,
            duty_amount    bigint  NOT NULL,
            fee_amount     bigint  NOT NULL,
            margin_amount  bigint  NOT NULL,
            tax_amount     bigint  NOT NULL,
            ending_amount  bigint  NOT NULL,
            duty_ppm       bigint  NOT NULL,
            tax_ppm        bigint  NOT NULL,
            margin_ppm     bigint  NOT NULL,
            fx_numerator   bigint  NOT NULL,
            fx_denominator bigint  NOT NULL,
            rate_card_id   text    NOT NULL,
            rule_ids       text[]  NOT NULL,
            certainty      text    NOT NULL,
            verdict        text    NOT NULL,
            content_hash   text    NOT NULL,
            PRIMARY KEY (market, offer_id),
            CONSTRAINT offers_offer_price_is_the_sum_of_its_parts CHECK (
                price_minor > 0 AND price_minor = cost_amount + freight_amount + duty_amount + fee_amount
                                                + margin_amount + tax_amount + ending_amount),
            CONSTRAINT offers_offer_quantity_is_not_negative CHECK (quantity >= 0)
        )
        """
    )
    op.execute("CREATE INDEX offers_offer_by_category ON offers_offer (market, category, offer_id)")
    op.execute("CREATE INDEX offers_offer_by_product ON offers_offer (market, product_id)")
    op.execute(
        """
        CREATE TABLE offers_publication (
            market          text PRIMARY KEY,
            run_id          text        NOT NULL,
            published_at    timestamptz NOT NULL,
            approved_by     text,
            offers_count    bigint      NOT NULL,
            previous_run_id text
        )
        """
    )


def downgrade() -> None:
    """Gone again; a run can publish them anew."""
    op.execute("DROP TABLE offers_publication")
    op.execute("DROP TABLE offers_offer")
