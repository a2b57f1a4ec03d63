"""The shop's core: carts, checkout sessions, orders and shipments."""

from alembic import op

revision = "0020_checkout"
down_revision = "0019_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The database itself holds the promises: one order a session, no more shipped than ordered, one state of each kind."""
    op.execute(
        """
        CREATE TABLE checkout_cart (
            cart_id    text        PRIMARY KEY,
            business   text        NOT NULL,
            market     text        NOT NULL,
            version    integer     NOT NULL,
            body       jsonb       NOT NULL,
            expires_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX checkout_cart_expires_at ON checkout_cart (expires_at)")
    op.execute(
        """
        CREATE TABLE checkout_session (
            session_id text        PRIMARY KEY,
            business   text        NOT NULL,
            market     text        NOT NULL,
            cart_id    text,
            status     text        NOT NULL CHECK (status IN ('incomplete', 'requires_escalation', 'ready_for_complete',
                                                              'complete_in_progress', 'completed', 'canceled')),
            version    integer     NOT NULL,
            body       jsonb       NOT NULL,
            payment_id text,
            order_id   text,
            key_scope  text,
            key        text,
            expires_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT checkout_session_is_completed_by_an_order CHECK ((status = 'completed') = (order_id IS NOT NULL))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX checkout_session_of_cart ON checkout_session (cart_id) WHERE status IN ('incomplete', 'ready_for_complete')"
    )
    op.execute(
        "CREATE INDEX checkout_session_in_progress ON checkout_session (updated_at) WHERE status IN ('complete_in_progress', 'requires_escalation')"
    )
    op.execute("CREATE INDEX checkout_session_expires_at ON checkout_session (expires_at)")
    op.execute("CREATE SEQUENCE orders_number START 100001")
    op.execute(
        """
        CREATE TABLE orders_order (
            order_id     text        PRIMARY KEY,
            number       bigint      NOT NULL UNIQUE DEFAULT nextval('orders_number'),
            session_id   text        NOT NULL UNIQUE,
            payment_id   text        NOT NULL UNIQUE,
            business     text        NOT NULL,
            market       text        NOT NULL,
            status       text        NOT NULL CHECK (status IN ('open', 'canceled', 'closed')),
            hold         text,
            currency     text        NOT NULL,
            total_amount bigint      NOT NULL CHECK (total_amount >= 0),
            email        text        NOT NULL,
            body         jsonb       NOT NULL,
            placed_at    timestamptz NOT NULL,
            updated_at   timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX orders_order_placed_at ON orders_order (placed_at DESC, order_id)")
    op.execute("CREATE INDEX orders_order_email ON orders_order (email, placed_at)")
    op.execute(
        """
        CREATE TABLE orders_line (
            order_id    text   NOT NULL REFERENCES orders_order (order_id),
            line_id     text   NOT NULL,
            sku         text   NOT NULL,
            location_id text   NOT NULL,
            lane_id     text   NOT NULL,
            original    bigint NOT NULL,
            total       bigint NOT NULL,
            fulfilled   bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (order_id, line_id),
            CONSTRAINT orders_line_ships_no_more_than_was_ordered CHECK (0 <= fulfilled AND fulfilled <= total AND total <= original)
        )
        """
    )
    op.execute("CREATE INDEX orders_line_to_ship ON orders_line (sku, location_id) WHERE fulfilled < total")
    op.execute(
        """
        CREATE TABLE orders_adjustment (
            adjustment_id text        PRIMARY KEY,
            order_id      text        NOT NULL REFERENCES orders_order (order_id),
            type          text        NOT NULL CHECK (type IN ('refund', 'return', 'credit', 'price_adjustment', 'dispute', 'cancellation')),
            status        text        NOT NULL CHECK (status IN ('pending', 'completed', 'failed')),
            amount        bigint      NOT NULL,
            quantities    jsonb       NOT NULL,
            reason        text        NOT NULL,
            made_by       text        NOT NULL,
            made_at       timestamptz NOT NULL,
            updated_at    timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX orders_adjustment_order_id ON orders_adjustment (order_id)")
    op.execute(
        """
        CREATE TABLE orders_event (
            event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            order_id text        NOT NULL REFERENCES orders_order (order_id),
            name     text        NOT NULL,
            detail   jsonb       NOT NULL,
            at       timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX orders_event_order_id ON orders_event (order_id, event_id)")
    op.execute(
        """
        CREATE TABLE fulfillment_shipment (
            shipment_id  text        PRIMARY KEY,
            order_id     text        NOT NULL,
            carrier      text        NOT NULL,
            tracking     text        NOT NULL,
            tracking_url text        NOT NULL,
            lines        jsonb       NOT NULL,
            shipped_at   timestamptz NOT NULL,
            delivered_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX fulfillment_shipment_order_id ON fulfillment_shipment (order_id)")


def downgrade() -> None:
    """Gone again, with every order in them."""
    for table in ("fulfillment_shipment", "orders_event", "orders_adjustment", "orders_line", "orders_order"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE orders_number")
    for table in ("checkout_session", "checkout_cart"):
        op.execute(f"DROP TABLE {table}")
