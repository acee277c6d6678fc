"""Catalogue, stores, stock with its ledger, accounts, orders, outbox, inbox, idempotency and mail due times.

Constraints carry the invariants of stock: a transaction that would break one cannot commit. Migrations only go
forward; a backup is the way back.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CATALOGUE = """
CREATE TABLE categories (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id bigint REFERENCES categories (id),
    name text NOT NULL CHECK (name <> ''),
    slug text NOT NULL UNIQUE,
    path_ids bigint[] NOT NULL,
    path_names text[] NOT NULL,
    path_slugs text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (parent_id, name)
);
COMMENT ON COLUMN categories.path_ids IS 'from the root to this category, itself included; the other paths likewise';
CREATE INDEX categories_path_ids ON categories USING gin (path_ids);

CREATE TABLE products (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL UNIQUE CHECK (sku <> ''),
    group_id text,
    title text NOT NULL CHECK (title <> ''),
    description text NOT NULL DEFAULT '',
    brand text,
    category_id bigint NOT NULL REFERENCES categories (id),
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    gtin text,
    mpn text,
    image_link text,
    attributes jsonb NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
COMMENT ON COLUMN products.version IS 'rises with every change of an indexed field, availability per store included';
CREATE INDEX products_category ON products (category_id);
CREATE INDEX products_price ON products (price_minor, id) WHERE deleted_at IS NULL;
CREATE INDEX products_created ON products (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX products_title ON products (title, id) WHERE deleted_at IS NULL;

CREATE TABLE stores (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    city text NOT NULL DEFAULT '',
    region text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    country text NOT NULL DEFAULT '',
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
"""

STOCK = """
CREATE TABLE stock_levels (
    store_id bigint NOT NULL REFERENCES stores (id),
    product_id bigint NOT NULL REFERENCES products (id),
    on_hand bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    received bigint NOT NULL DEFAULT 0,
    adjusted bigint NOT NULL DEFAULT 0,
    sold bigint NOT NULL DEFAULT 0,
    returned bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id, product_id),
    CONSTRAINT stock_is_never_promised_twice CHECK (on_hand >= reserved AND reserved >= 0),
    CONSTRAINT stock_counters_agree CHECK (received + adjusted = on_hand + sold - returned)
) WITH (fillfactor = 80);
CREATE INDEX stock_levels_product ON stock_levels (product_id, store_id);

CREATE TABLE stock_movements (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id bigint NOT NULL,
    product_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('received', 'adjusted', 'sold', 'returned')),
    quantity bigint NOT NULL CHECK (quantity <> 0),
    order_id uuid,
    reason text NOT NULL DEFAULT '',
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (store_id, product_id) REFERENCES stock_levels (store_id, product_id)
);
COMMENT ON COLUMN stock_movements.quantity IS 'the change of on_hand: sold is negative';
CREATE INDEX stock_movements_level ON stock_movements (store_id, product_id, id);
CREATE INDEX stock_movements_order ON stock_movements (order_id) WHERE order_id IS NOT NULL;

CREATE FUNCTION refuse_to_rewrite_the_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock_movements is append-only';
END $$;
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_the_ledger();
"""

ACCOUNTS = """
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'customer' CHECK (role IN ('customer', 'staff', 'admin')),
    phone text NOT NULL DEFAULT '',
    first_name text NOT NULL DEFAULT '',
    last_name text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    family_id uuid NOT NULL,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    successor_id uuid REFERENCES refresh_tokens (id) DEFERRABLE INITIALLY DEFERRED,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);

CREATE TABLE failed_sign_ins (
    subject text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN failed_sign_ins.subject IS 'account:<lower-case name> or address:<client address>';
CREATE INDEX failed_sign_ins_subject ON failed_sign_ins (subject, failed_at);
"""

ORDERS = """
CREATE SEQUENCE order_numbers START 100001;

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    user_id bigint REFERENCES users (id),
    store_id bigint REFERENCES stores (id),
    cart_id uuid,
    status text NOT NULL CHECK (
        status IN ('CONFIRMED', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED', 'REJECTED')
    ),
    reason text NOT NULL DEFAULT '',
    currency text NOT NULL,
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    email text,
    note text NOT NULL DEFAULT '',
    shipping_address jsonb,
    billing_address jsonb,
    event_sequence bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN orders.event_sequence IS 'sequence of the latest outbox row of this order';
CREATE INDEX orders_user ON orders (user_id, created_at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX orders_store ON orders (store_id, created_at DESC, id DESC);
CREATE INDEX orders_created ON orders (created_at DESC, id DESC);
CREATE UNIQUE INDEX orders_one_per_cart ON orders (cart_id) WHERE status <> 'REJECTED';

CREATE TABLE order_lines (
    order_id uuid NOT NULL REFERENCES orders (id),
    line_number smallint NOT NULL,
    product_id bigint NOT NULL REFERENCES products (id),
    store_id bigint REFERENCES stores (id),
    sku text NOT NULL,
    product_title text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor > 0),
    line_total_minor bigint NOT NULL,
    PRIMARY KEY (order_id, line_number),
    CHECK (line_total_minor = quantity * unit_price_minor)
);
CREATE INDEX order_lines_product ON order_lines (product_id);

CREATE TABLE order_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    from_status text,
    to_status text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_history_order ON order_history (order_id, id);

CREATE TABLE idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    outcome jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
"""

EVENTS = """
CREATE SEQUENCE published_positions;

CREATE TABLE outbox (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    sequence bigint NOT NULL,
    request_id text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    shard smallint NOT NULL,
    published_position bigint,
    UNIQUE (aggregatetype, aggregateid, sequence)
);
COMMENT ON TABLE outbox IS 'the Debezium outbox event router reads it as it stands';
CREATE INDEX outbox_unpublished ON outbox (shard, id) WHERE published_position IS NULL;
CREATE INDEX outbox_published ON outbox (published_position) WHERE published_position IS NOT NULL;

CREATE TABLE product_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL,
    request_id text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE product_changes IS 'marks what moved; a row a change, so that nobody waits for a mark';

CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE notifications (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    event_id uuid NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    context jsonb NOT NULL,
    status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SENT', 'FAILED')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    UNIQUE (event_id, kind, recipient)
);
CREATE INDEX notifications_due ON notifications (due_at) WHERE status = 'PENDING';
"""


def upgrade() -> None:
    """Create every table of the first release."""
    for part in (CATALOGUE, STOCK, ACCOUNTS, ORDERS, EVENTS):
        op.execute(part)
