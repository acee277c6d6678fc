"""How popular a product is, who searched (for a day only), and the completions learned from what was searched for."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# NOT VALID: rows that are there have the default, so looking at each of them under a lock would find nothing.
POPULARITY = """
ALTER TABLE products ADD COLUMN popularity smallint NOT NULL DEFAULT 0;
ALTER TABLE products ADD CONSTRAINT popularity_is_0_to_100 CHECK (popularity BETWEEN 0 AND 100) NOT VALID;
COMMENT ON COLUMN products.popularity IS 'in steps of ten; written by aisle jobs, part of the version';
"""

SEARCHERS = """
ALTER TABLE search_log ADD COLUMN searcher bytea;
COMMENT ON COLUMN search_log.searcher IS 'keyed digest of user or address, another one each day; it counts heads';
"""

COMPLETIONS = """
CREATE TABLE completion_sets (
    version integer PRIMARY KEY CHECK (version > 0),
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE completion_sets IS 'the highest version is offered; learned by aisle jobs from search_log';
"""


def upgrade() -> None:
    """Add the columns and the table."""
    for part in (POPULARITY, SEARCHERS, COMPLETIONS):
        op.execute(part)
