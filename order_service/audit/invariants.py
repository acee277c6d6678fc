"""What must hold of the tables at every commit, each as a query for the rows that break it; `verify_tables` runs them.

The numbers are those of docs/explanation/invariants.md. A query names its rows so that a person can find them.
"""

from typing import Final, NamedTuple

from sqlalchemy import TextClause, text


class Invariant(NamedTuple):
    """One rule in words, and the query for rows that break it (`{limit}` is added by who runs it)."""

    number: int
    rule: str
    broken: TextClause


def _invariant(number: int, rule: str, query: str) -> Invariant:
    return Invariant(number, rule, text(query + "\nLIMIT :most"))


INVARIANTS: Final = (
    _invariant(
        1,
        "received + adjusted = on hand + sold − returned, and on hand ≥ reserved ≥ 0",
        """
        SELECT store_id, product_id, on_hand, reserved, received, adjusted, sold, returned FROM stock_levels
        WHERE received + adjusted <> on_hand + sold - returned OR on_hand < reserved OR reserved < 0
        """,
    ),
    _invariant(
        1,
        "each counter of a stock level equals the sum of its rows in the ledger",
        """
        WITH ledger AS (
            SELECT store_id, product_id,
                   coalesce(sum(quantity) FILTER (WHERE kind = 'received'), 0) AS received,
                   coalesce(sum(quantity) FILTER (WHERE kind = 'adjusted'), 0) AS adjusted,
                   coalesce(-sum(quantity) FILTER (WHERE kind = 'sold'), 0) AS sold,
                   coalesce(sum(quantity) FILTER (WHERE kind = 'returned'), 0) AS returned
            FROM stock_movements GROUP BY store_id, product_id
        )
        SELECT l.store_id, l.product_id, l.received, l.adjusted, l.sold, l.returned,
               coalesce(m.received, 0) AS ledger_received, coalesce(m.adjusted, 0) AS ledger_adjusted,
               coalesce(m.sold, 0) AS ledger_sold, coalesce(m.returned, 0) AS ledger_returned
        FROM stock_levels l LEFT JOIN ledger m USING (store_id, product_id)
        WHERE (l.received, l.adjusted, l.sold, l.returned)
            IS DISTINCT FROM (coalesce(m.received, 0), coalesce(m.adjusted, 0), coalesce(m.sold, 0),
                              coalesce(m.returned, 0))
        """,
    ),
    _invariant(
        1,
        "what the ledger says was sold to an order is what the order's lines say",
        """
        WITH sold AS (
            SELECT order_id, store_id, product_id, -sum(quantity) AS quantity
            FROM stock_movements WHERE kind = 'sold' GROUP BY order_id, store_id, product_id
        ), ordered AS (
            SELECT l.order_id, l.store_id, l.product_id, sum(l.quantity) AS quantity
            FROM order_lines l JOIN orders o ON o.id = l.order_id AND o.status <> 'REJECTED'
            GROUP BY l.order_id, l.store_id, l.product_id
        )
        SELECT order_id, store_id, product_id, s.quantity AS in_ledger, o.quantity AS in_lines
        FROM sold s FULL JOIN ordered o USING (order_id, store_id, product_id)
        WHERE s.quantity IS DISTINCT FROM o.quantity
        """,
    ),
    _invariant(
        1,
        "what the ledger says came back of an order is what its returns put on the shelf, and the rest if CANCELLED",
        """
        WITH back AS (
            SELECT order_id, store_id, product_id, sum(quantity) AS pieces
            FROM stock_movements WHERE kind = 'returned' AND order_id IS NOT NULL
            GROUP BY order_id, store_id, product_id
        ), shelved AS (
            SELECT order_id, line_number, sum(quantity) AS pieces FROM return_lines WHERE restocked
            GROUP BY order_id, line_number
        ), due AS (
            SELECT l.order_id, l.store_id, l.product_id, sum(
                coalesce(s.pieces, 0) + CASE WHEN o.status = 'CANCELLED' THEN l.quantity - l.returned ELSE 0 END
            ) AS pieces
            FROM order_lines l JOIN orders o ON o.id = l.order_id LEFT JOIN shelved s USING (order_id, line_number)
            GROUP BY l.order_id, l.store_id, l.product_id
        )
        SELECT order_id, store_id, product_id, b.pieces AS in_ledger, d.pieces AS by_returns_and_cancel
        FROM back b FULL JOIN due d USING (order_id, store_id, product_id)
        WHERE coalesce(b.pieces, 0) <> coalesce(d.pieces, 0)
        """,
    ),
    _invariant(
        1,
        "no order gets back more than it bought",
        """
        SELECT order_id, store_id, product_id,
               -sum(quantity) FILTER (WHERE kind = 'sold') AS sold,
               sum(quantity) FILTER (WHERE kind = 'returned') AS returned
        FROM stock_movements WHERE order_id IS NOT NULL GROUP BY order_id, store_id, product_id
        HAVING sum(quantity) > 0
        """,
    ),
    _invariant(
        1,
        "what is reserved of a stock level is the sum of the reservations of carts",
        """
        SELECT l.store_id, l.product_id, l.reserved, coalesce(r.held, 0) AS held
        FROM stock_levels l LEFT JOIN (
            SELECT store_id, product_id, sum(quantity) AS held FROM reservations GROUP BY store_id, product_id
        ) r USING (store_id, product_id)
        WHERE l.reserved <> coalesce(r.held, 0)
        """,
    ),
    _invariant(
        2,
        "a reservation holds for an open cart, as many pieces of its item's product as the item has",
        """
        SELECT r.cart_id, r.item_id, r.product_id, r.quantity, i.quantity AS wanted, c.status
        FROM reservations r JOIN cart_items i ON i.id = r.item_id JOIN carts c ON c.id = r.cart_id
        WHERE c.status <> 'OPEN' OR (r.cart_id, r.product_id, r.quantity) <> (i.cart_id, i.product_id, i.quantity)
        """,
    ),
    _invariant(
        2,
        "no reservation outlives its time (by ten seconds; aisle_reservation_expiry_lag_seconds tells the usual)",
        """
        SELECT cart_id, item_id, store_id, product_id, quantity, expires_at FROM reservations
        WHERE expires_at < now() - interval '10 s'
        """,
    ),
    _invariant(
        3,
        "a cart was checked out exactly when there is an order of it that is not REJECTED",
        """
        SELECT c.id AS cart_id, c.status, o.id AS order_id FROM carts c
        FULL JOIN (SELECT id, cart_id FROM orders WHERE cart_id IS NOT NULL AND status <> 'REJECTED') o
            ON o.cart_id = c.id
        WHERE (c.status = 'CHECKED_OUT') IS DISTINCT FROM (o.id IS NOT NULL)
        """,
    ),
    _invariant(
        3,
        "every order that an idempotency key stands for exists",
        """
        SELECT scope, key, outcome->'order'->>'id' AS order_id FROM idempotency_keys
        WHERE outcome->>'type' = 'placed'
          AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = CAST(outcome->'order'->>'id' AS uuid))
        """,
    ),
    _invariant(
        3,
        "no two keys stand for one order",
        """
        SELECT outcome->'order'->>'id' AS order_id, count(*) AS keys, min(key) AS one, max(key) AS another
        FROM idempotency_keys WHERE outcome->>'type' = 'placed' GROUP BY 1 HAVING count(*) > 1
        """,
    ),
    _invariant(
        4,
        "a REJECTED order took nothing",
        """
        SELECT o.id AS order_id, m.store_id, m.product_id, m.quantity
        FROM orders o JOIN stock_movements m ON m.order_id = o.id WHERE o.status = 'REJECTED'
        """,
    ),
    _invariant(
        5,
        "each order's events are numbered 1 to n without a gap, n as the order says",
        """
        SELECT aggregateid AS order_id, count(*) AS events, max(e.sequence) AS last, o.event_sequence AS expected
        FROM outbox e LEFT JOIN orders o ON o.id = CAST(e.aggregateid AS uuid)
        WHERE e.aggregatetype = 'order' GROUP BY aggregateid, o.event_sequence
        HAVING count(*) <> max(e.sequence) OR max(e.sequence) IS DISTINCT FROM o.event_sequence
        """,
    ),
    _invariant(
        5,
        "every order has an event",
        """
        SELECT o.id AS order_id, o.status FROM orders o
        WHERE NOT EXISTS (
            SELECT 1 FROM outbox e WHERE e.aggregatetype = 'order' AND e.aggregateid = CAST(o.id AS text)
        )
        """,
    ),
    _invariant(
        7,
        "an order is where its history says",
        """
        SELECT o.id AS order_id, o.status, h.to_status AS in_history FROM orders o
        LEFT JOIN LATERAL (
            SELECT to_status FROM order_history WHERE order_id = o.id ORDER BY id DESC LIMIT 1
        ) h ON true
        WHERE h.to_status IS DISTINCT FROM o.status
        """,
    ),
    _invariant(
        8,
        "an order comes to what its lines and its shipping come to",
        """
        SELECT o.id AS order_id, o.items_minor, o.discount_minor, o.shipping_minor, o.tax_minor, o.total_minor,
               l.items AS in_lines, l.discounts AS discounts_in_lines, l.taxes AS taxes_in_lines
        FROM orders o JOIN (
            SELECT order_id, sum(line_total_minor) AS items, sum(discount_minor) AS discounts, sum(tax_minor) AS taxes
            FROM order_lines GROUP BY order_id
        ) l ON l.order_id = o.id
        WHERE coalesce(o.items_minor, o.total_minor) <> l.items OR o.discount_minor <> l.discounts
           OR o.tax_minor <> l.taxes + o.shipping_tax_minor
           OR o.total_minor <> l.items - l.discounts + o.shipping_minor
                             + CASE WHEN o.prices_include_tax THEN 0 ELSE o.tax_minor END
        """,
    ),
    _invariant(
        8,
        "a discount code was used as often as its counter says, and never beyond its limit",
        """
        SELECT d.id AS discount_id, d.code, d.uses, d.max_uses, coalesce(sum(u.uses), 0) AS recorded
        FROM discount_codes d LEFT JOIN (
            SELECT discount_id, count(*) AS uses FROM discount_uses WHERE given_back_at IS NULL GROUP BY 1
        ) u ON u.discount_id = d.id
        GROUP BY d.id HAVING d.uses <> coalesce(sum(u.uses), 0) OR d.uses > d.max_uses
        """,
    ),
    _invariant(
        7,
        "what is held back of a payment is the sum of its refunds that did not fail, never more than was captured",
        """
        SELECT p.id AS payment_id, p.order_id, p.captured_minor, p.refunded_minor, coalesce(r.sum, 0) AS refunds
        FROM payments p LEFT JOIN (
            SELECT payment_id, sum(amount_minor) FROM refunds WHERE status <> 'FAILED' GROUP BY payment_id
        ) r ON r.payment_id = p.id
        WHERE p.refunded_minor <> coalesce(r.sum, 0) OR p.refunded_minor > p.captured_minor
        """,
    ),
    _invariant(
        7,
        "captured − refunded agrees with the order's state",
        """
        WITH money AS (
            SELECT order_id, sum(captured_minor) AS captured, sum(refunded_minor) AS refunded
            FROM payments GROUP BY order_id
        )
        SELECT o.id AS order_id, o.status, o.total_minor, coalesce(m.captured, 0) AS captured,
               coalesce(m.refunded, 0) AS refunded
        FROM orders o LEFT JOIN money m ON m.order_id = o.id
        WHERE (o.status IN ('REJECTED', 'CANCELLED', 'REFUNDED') AND m.captured <> m.refunded)
           OR (o.status = 'PAID' AND coalesce(m.captured, 0) < o.total_minor)
           OR (o.status = 'CONFIRMED' AND m.captured - m.refunded >= o.total_minor AND o.total_minor > 0)
           OR m.captured - m.refunded > o.total_minor
        """,
    ),
    _invariant(
        7,
        "no line takes back more or less than its returns say",
        """
        SELECT l.order_id, l.line_number, l.quantity, l.returned, coalesce(sum(r.quantity), 0) AS in_returns
        FROM order_lines l LEFT JOIN return_lines r USING (order_id, line_number)
        GROUP BY l.order_id, l.line_number HAVING l.returned <> coalesce(sum(r.quantity), 0)
        """,
    ),
)
