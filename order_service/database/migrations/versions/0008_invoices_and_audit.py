"""Invoices with numbers that have no gap, the audit trail of what staff did, and room for the outcomes of keys."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INVOICES = """
CREATE TABLE invoices (
    order_id uuid PRIMARY KEY REFERENCES orders (id),
    number bigint NOT NULL UNIQUE CHECK (number > 0),
    issued_on date NOT NULL DEFAULT current_date
);

CREATE TABLE invoice_counter (
    last bigint NOT NULL,
    only_row boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row)
);
COMMENT ON TABLE invoice_counter IS 'a locked row, not a sequence: what rolls back takes its number back';
INSERT INTO invoice_counter (last) VALUES (0);
"""

AUDIT = """
CREATE TABLE audit_trail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    reason text NOT NULL DEFAULT '',
    request_id text,
    done_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN audit_trail.subject IS 'kind:id of what was acted on';
CREATE INDEX audit_trail_subject ON audit_trail (subject, id DESC);
CREATE INDEX audit_trail_actor ON audit_trail (actor, id DESC);

CREATE FUNCTION refuse_to_rewrite_the_audit_trail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_trail is append-only';
END $$;
CREATE TRIGGER audit_trail_append_only BEFORE UPDATE OR DELETE ON audit_trail
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_the_audit_trail();
"""


KEYS = """
ALTER TABLE idempotency_keys SET (fillfactor = 60);
COMMENT ON TABLE idempotency_keys IS 'rows are updated once, soon: room on their page spares the indexes';
"""


def upgrade() -> None:
    """Create the tables."""
    for part in (INVOICES, AUDIT, KEYS):
        op.execute(part)
