"""What an order's total is made of, tax rates, shipping methods, discount codes, address books and parcels.

The new constraints on `orders` and `order_lines` are NOT VALID: they hold for every row written from now on. Earlier
rows, which have neither discount, shipping nor tax, fulfil them without being read.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ORDER_TOTALS = """
ALTER TABLE orders
    ADD COLUMN items_minor bigint,
    ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN shipping_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN prices_include_tax boolean NOT NULL DEFAULT false,
    ADD COLUMN shipping_tax_name text NOT NULL DEFAULT '',
    ADD COLUMN shipping_tax_ppm integer NOT NULL DEFAULT 0,
    ADD COLUMN shipping_tax_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN shipping_method text,
    ADD COLUMN discount_code text;
COMMENT ON COLUMN orders.items_minor IS 'sum of the lines; NULL in orders of releases before it, whose total it is';
COMMENT ON COLUMN orders.tax_minor IS 'all tax, that on shipping included; part of the amounts if prices_include_tax';
ALTER TABLE orders ADD CONSTRAINT order_totals_agree CHECK (
    items_minor IS NULL OR (
        discount_minor BETWEEN 0 AND items_minor AND shipping_minor >= 0 AND shipping_tax_minor BETWEEN 0 AND tax_minor
        AND total_minor = items_minor - discount_minor + shipping_minor
            + CASE WHEN prices_include_tax THEN 0 ELSE tax_minor END
    )
) NOT VALID;

ALTER TABLE order_lines
    ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax_name text NOT NULL DEFAULT '',
    ADD COLUMN tax_ppm integer NOT NULL DEFAULT 0,
    ADD COLUMN tax_minor bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN order_lines.tax_ppm IS 'millionths: 210000 is 21 %';
ALTER TABLE order_lines ADD CONSTRAINT line_discount_is_a_part CHECK (
    discount_minor BETWEEN 0 AND line_total_minor AND tax_minor >= 0
) NOT VALID;
"""

TARIFF = """
CREATE TABLE tariff_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version bigint NOT NULL
);
INSERT INTO tariff_version (version) VALUES (0);
COMMENT ON TABLE tariff_version IS 'rises with every change of tax_rates, shipping_methods and shipping_prices';

CREATE TABLE tax_rates (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    ppm integer NOT NULL CHECK (ppm BETWEEN 0 AND 1000000),
    applies_to text NOT NULL DEFAULT 'items' CHECK (applies_to IN ('items', 'shipping')),
    country text NOT NULL DEFAULT '',
    region text NOT NULL DEFAULT '' CHECK (region = '' OR country <> ''),
    category_id bigint REFERENCES categories (id) ON DELETE CASCADE CHECK (category_id IS NULL OR applies_to = 'items'),
    created_by text NOT NULL,
    updated_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (applies_to, country, region, category_id)
);
COMMENT ON COLUMN tax_rates.country IS 'ISO 3166-1 alpha-2; empty is everywhere, an empty region all of the country';

CREATE TABLE shipping_methods (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    is_active boolean NOT NULL DEFAULT true,
    created_by text NOT NULL,
    updated_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE shipping_prices (
    method_id bigint NOT NULL REFERENCES shipping_methods (id) ON DELETE CASCADE,
    country text NOT NULL DEFAULT '',
    region text NOT NULL DEFAULT '' CHECK (region = '' OR country <> ''),
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    free_from_minor bigint CHECK (free_from_minor >= 0),
    PRIMARY KEY (method_id, country, region)
);
COMMENT ON COLUMN shipping_prices.free_from_minor IS 'items after discount from which it costs nothing; NULL is never';
"""

DISCOUNTS = """
CREATE TABLE discount_codes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code = upper(code) AND code <> ''),
    kind text NOT NULL CHECK (kind IN ('percent', 'fixed')),
    ppm integer NOT NULL DEFAULT 0 CHECK (ppm BETWEEN 0 AND 1000000),
    amount_minor bigint NOT NULL DEFAULT 0 CHECK (amount_minor >= 0),
    product_ids bigint[],
    min_items_minor bigint NOT NULL DEFAULT 0 CHECK (min_items_minor >= 0),
    valid_from timestamptz,
    valid_until timestamptz,
    max_uses bigint,
    max_uses_per_customer bigint CHECK (max_uses_per_customer > 0),
    uses bigint NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_by text NOT NULL,
    updated_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (valid_until > valid_from),
    CONSTRAINT discount_is_never_used_beyond_its_limit CHECK (uses >= 0 AND uses <= max_uses)
);
COMMENT ON COLUMN discount_codes.product_ids IS 'what it takes off the price of; NULL is everything';
COMMENT ON COLUMN discount_codes.uses IS 'rows of discount_uses not given back; changed under this row''s lock';

CREATE TABLE discount_uses (
    order_id uuid PRIMARY KEY REFERENCES orders (id),
    discount_id bigint NOT NULL REFERENCES discount_codes (id),
    customer text NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now(),
    given_back_at timestamptz
);
COMMENT ON COLUMN discount_uses.customer IS 'user:<id>, or email:<lower case> of a guest; empty for one without';
CREATE INDEX discount_uses_customer ON discount_uses (discount_id, customer) WHERE given_back_at IS NULL;
"""

ADDRESSES_AND_PARCELS = """
CREATE TABLE addresses (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label text NOT NULL DEFAULT '',
    address jsonb NOT NULL,
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX addresses_user ON addresses (user_id, id);
CREATE UNIQUE INDEX addresses_one_default ON addresses (user_id) WHERE is_default;

CREATE TABLE parcels (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    carrier text NOT NULL CHECK (carrier <> ''),
    tracking_number text NOT NULL DEFAULT '',
    tracking_link text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX parcels_order ON parcels (order_id, id);

CREATE TABLE parcel_lines (
    parcel_id bigint NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    order_id uuid NOT NULL,
    line_number smallint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (parcel_id, line_number),
    FOREIGN KEY (order_id, line_number) REFERENCES order_lines (order_id, line_number)
);
CREATE INDEX parcel_lines_order ON parcel_lines (order_id);
"""


def upgrade() -> None:
    """Create the tables and the columns."""
    for part in (ORDER_TOTALS, TARIFF, DISCOUNTS, ADDRESSES_AND_PARCELS):
        op.execute(part)
