"""Payments, refunds and returns. Rows of an order are changed only under the lock of the order's row.

Constraints keep money straight: what is paid back, refunds still under way included, never exceeds what was captured,
and no line takes back more than was sold.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PAYMENTS = """
CREATE TABLE payments (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    provider text NOT NULL CHECK (provider <> ''),
    status text NOT NULL CHECK (status IN (
        'PENDING', 'REQUIRES_ACTION', 'AUTHORISED', 'CAPTURING', 'CAPTURED', 'VOIDING', 'VOIDED', 'FAILED'
    )),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    captures boolean NOT NULL,
    method text NOT NULL DEFAULT '',
    captured_minor bigint NOT NULL DEFAULT 0,
    refunded_minor bigint NOT NULL DEFAULT 0,
    reference text,
    client_secret text,
    failure text NOT NULL DEFAULT '',
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT no_more_is_captured_than_was_asked_for CHECK (captured_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT no_more_is_refunded_than_was_captured CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    CONSTRAINT captured_payments_have_captured CHECK ((status = 'CAPTURED') = (captured_minor > 0))
);
COMMENT ON COLUMN payments.captures IS 'whether the provider captures at once, or authorises only';
COMMENT ON COLUMN payments.method IS 'the token of the means of payment, as the provider gave it to the shopper';
COMMENT ON COLUMN payments.refunded_minor IS 'sum of its refunds that are not FAILED, those under way included';
COMMENT ON COLUMN payments.reference IS 'the id that the provider gave it';
CREATE INDEX payments_order ON payments (order_id, id);
CREATE UNIQUE INDEX payments_reference ON payments (provider, reference);
CREATE INDEX payments_in_flight ON payments (updated_at) WHERE status IN ('PENDING', 'CAPTURING', 'VOIDING');
CREATE INDEX payments_waiting ON payments (updated_at)
    WHERE status IN ('REQUIRES_ACTION', 'AUTHORISED') AND reference IS NOT NULL;
"""

RETURNS = """
CREATE TABLE returns (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    reason text NOT NULL DEFAULT '',
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX returns_order ON returns (order_id, id);

CREATE TABLE return_lines (
    return_id uuid NOT NULL REFERENCES returns (id),
    order_id uuid NOT NULL,
    line_number smallint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    restocked boolean NOT NULL,
    PRIMARY KEY (return_id, line_number),
    FOREIGN KEY (order_id, line_number) REFERENCES order_lines (order_id, line_number)
);
CREATE INDEX return_lines_line ON return_lines (order_id, line_number);

ALTER TABLE order_lines ADD COLUMN returned bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT no_more_comes_back_than_was_sold CHECK (returned BETWEEN 0 AND quantity);
COMMENT ON COLUMN order_lines.returned IS 'pieces that came back, restocked or not; sum of its return_lines';
"""

REFUNDS = """
CREATE TABLE refunds (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    payment_id uuid NOT NULL REFERENCES payments (id),
    return_id uuid REFERENCES returns (id),
    provider text NOT NULL CHECK (provider <> ''),
    status text NOT NULL CHECK (status IN ('PENDING', 'SUCCEEDED', 'FAILED')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    reason text NOT NULL DEFAULT '',
    reference text,
    failure text NOT NULL DEFAULT '',
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX refunds_order ON refunds (order_id, id);
CREATE UNIQUE INDEX refunds_reference ON refunds (provider, reference);
CREATE INDEX refunds_in_flight ON refunds (updated_at) WHERE status = 'PENDING';
"""

UNPAID = """
CREATE INDEX orders_unpaid ON orders (created_at) WHERE status = 'CONFIRMED';
"""
"""The job that cancels unpaid orders looks for the oldest of them, among all that there ever were."""

EARLIER_ORDERS = """
INSERT INTO payments (id, order_id, provider, status, amount_minor, currency, captures, captured_minor,
                      refunded_minor, actor, created_at, updated_at)
SELECT uuidv7(), o.id, 'manual', 'CAPTURED', o.total_minor, o.currency, true, o.total_minor,
       CASE WHEN o.status IN ('REFUNDED', 'CANCELLED') THEN o.total_minor ELSE 0 END, h.actor, h.created_at,
       h.created_at
FROM orders o JOIN order_history h ON h.order_id = o.id AND h.to_status = 'PAID'
WHERE o.total_minor > 0;

INSERT INTO refunds (id, order_id, payment_id, provider, status, amount_minor, currency, actor, created_at, updated_at)
SELECT uuidv7(), p.order_id, p.id, 'manual', 'SUCCEEDED', p.refunded_minor, p.currency, h.actor, h.created_at,
       h.created_at
FROM payments p JOIN order_history h ON h.order_id = p.order_id AND h.to_status IN ('REFUNDED', 'CANCELLED')
WHERE p.refunded_minor > 0;
"""
"""Orders that staff had moved to PAID get the manual payment, and the refund, that such a move records from now on."""


def upgrade() -> None:
    """Create the tables and enter what earlier moves of orders meant."""
    for part in (PAYMENTS, RETURNS, REFUNDS, UNPAID, EARLIER_ORDERS):
        op.execute(part)
