"""What was searched for and clicked, and every version of the synonyms and rules that staff saved.

The log holds no user and no address. Clicks point at no row: a click may arrive before its search is written.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEARCH_LOG = """
CREATE TABLE search_log (
    query_id uuid PRIMARY KEY,
    query text NOT NULL,
    first_page boolean NOT NULL,
    results bigint NOT NULL CHECK (results >= 0),
    answered_by text NOT NULL,
    degraded boolean NOT NULL,
    filters jsonb NOT NULL,
    searched_at timestamptz NOT NULL
);
COMMENT ON COLUMN search_log.query IS 'normalised: folded case, single blanks; empty when browsing';
COMMENT ON COLUMN search_log.first_page IS 'reports count these; later pages belong to the same search';
COMMENT ON COLUMN search_log.degraded IS 'answered without the index, so that nothing found says nothing';
CREATE INDEX search_log_time ON search_log (searched_at);

CREATE TABLE search_clicks (
    query_id uuid NOT NULL,
    product_id bigint NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    clicked_at timestamptz NOT NULL,
    PRIMARY KEY (query_id, product_id)
);
CREATE INDEX search_clicks_time ON search_clicks (clicked_at);
"""

MERCHANDISING = """
CREATE TABLE merchandising_versions (
    kind text NOT NULL CHECK (kind IN ('synonyms', 'rules')),
    version integer NOT NULL CHECK (version > 0),
    content jsonb NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, version)
);
COMMENT ON TABLE merchandising_versions IS 'the highest version of a kind is in effect; the others are its history';
"""


def upgrade() -> None:
    """Create the tables."""
    for part in (SEARCH_LOG, MERCHANDISING):
        op.execute(part)
