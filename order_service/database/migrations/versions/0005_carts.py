"""Carts with their items, and the reservations that hold stock for them.

A reservation is a row as long as it holds: releasing or converting it deletes the row in the transaction that lowers
`stock_levels.reserved`, so that no unit is given back twice.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CARTS = """
CREATE TABLE carts (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id bigint REFERENCES users (id),
    session_digest bytea,
    client_digest bytea,
    store_id bigint REFERENCES stores (id),
    status text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'CHECKED_OUT', 'ABANDONED', 'MERGED')),
    merged_into uuid REFERENCES carts (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    active_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    CHECK ((user_id IS NULL) <> (session_digest IS NULL)),
    CHECK ((status = 'OPEN') = (closed_at IS NULL)),
    CHECK ((status = 'MERGED') = (merged_into IS NOT NULL))
);
COMMENT ON COLUMN carts.session_digest IS 'SHA-256 of a guest''s session id, which opens the cart like a password';
COMMENT ON COLUMN carts.client_digest IS 'keyed digest of a guest''s address, for the cap on holds; open carts only';
COMMENT ON COLUMN carts.store_id IS 'the store its owner asked for; without one any store may serve it';
CREATE UNIQUE INDEX carts_one_open_per_user ON carts (user_id) WHERE status = 'OPEN';
CREATE UNIQUE INDEX carts_one_open_per_session ON carts (session_digest) WHERE status = 'OPEN';
CREATE INDEX carts_idle ON carts (active_at) WHERE status = 'OPEN';
CREATE INDEX carts_client ON carts (client_digest) WHERE status = 'OPEN';

CREATE TABLE cart_items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cart_id uuid NOT NULL REFERENCES carts (id),
    product_id bigint NOT NULL REFERENCES products (id),
    quantity bigint NOT NULL CHECK (quantity > 0),
    seen_price_minor bigint NOT NULL CHECK (seen_price_minor > 0),
    UNIQUE (cart_id, product_id)
);
COMMENT ON COLUMN cart_items.seen_price_minor IS 'the price when its owner last chose the quantity';

CREATE TABLE reservations (
    item_id bigint PRIMARY KEY REFERENCES cart_items (id),
    cart_id uuid NOT NULL REFERENCES carts (id),
    store_id bigint NOT NULL,
    product_id bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (store_id, product_id) REFERENCES stock_levels (store_id, product_id)
);
CREATE INDEX reservations_cart ON reservations (cart_id);
CREATE INDEX reservations_due ON reservations (expires_at);
CREATE INDEX reservations_level ON reservations (store_id, product_id);

ALTER TABLE orders ADD FOREIGN KEY (cart_id) REFERENCES carts (id);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(CARTS)
