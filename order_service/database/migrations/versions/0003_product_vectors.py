"""Sentence vectors of product texts, so that a rebuild of the index embeds nothing twice.

A vector belongs to a text and a model, not to a product: products that say the same share it, and a price that changes
leaves it alone.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PRODUCT_VECTORS = """
CREATE TABLE product_vectors (
    model text NOT NULL,
    text_hash bytea NOT NULL CHECK (octet_length(text_hash) = 32),
    vector bytea NOT NULL,
    PRIMARY KEY (model, text_hash)
);
COMMENT ON TABLE product_vectors IS 'derived: whatever is missing is computed again';
COMMENT ON COLUMN product_vectors.text_hash IS 'SHA-256 of the text that was embedded, as UTF-8';
COMMENT ON COLUMN product_vectors.vector IS 'components times 10,000 as signed 16-bit integers, little endian';
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(PRODUCT_VECTORS)
