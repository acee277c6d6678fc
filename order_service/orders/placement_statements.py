"""The SQL of a placement, set-based over any number of orders; `place_orders` runs it.

One statement chooses stores (only for orders that name none), one locks, one writes. Locks are taken in
(store, product) order over the whole batch: a multi-row UPDATE alone takes them in any order and deadlocks.
"""

from typing import Final

from sqlalchemy import text

from order_service.outbox.append import INSERT_EVENTS

CHOOSE_STORES = text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:positions AS int[]), CAST(:products AS bigint[]), CAST(:quantities AS bigint[]))
        AS w (position, product_id, quantity)
), served AS (
    SELECT w.position, l.store_id, count(*) FILTER (WHERE l.on_hand - l.reserved >= w.quantity) AS lines
    FROM wanted w JOIN stock_levels l USING (product_id) JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
    GROUP BY w.position, l.store_id
)
SELECT DISTINCT ON (position) position, store_id, lines FROM served ORDER BY position, lines DESC, store_id
""")
"""For each order the store that serves most of its lines, the lowest id among equals; read without locks."""

CHOOSE_STORES_PER_LINE = text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:positions AS int[]), CAST(:products AS bigint[]), CAST(:quantities AS bigint[]))
        AS w (position, product_id, quantity)
)
SELECT DISTINCT ON (w.position, w.product_id) w.position, w.product_id, l.store_id,
       l.on_hand - l.reserved >= w.quantity AS serves
FROM wanted w JOIN stock_levels l USING (product_id) JOIN stores s ON s.id = l.store_id AND s.deleted_at IS NULL
ORDER BY w.position, w.product_id, least(l.on_hand - l.reserved, w.quantity) DESC, l.store_id
""")
"""For each line the lowest-id store that serves it alone, else the one that has most of it; read without locks."""

LOCK_STOCK = text("""
WITH wanted AS (
    SELECT DISTINCT store_id, product_id FROM unnest(CAST(:stores AS bigint[]), CAST(:products AS bigint[]))
        AS w (store_id, product_id)
), locked AS MATERIALIZED (
    SELECT l.store_id, l.product_id, l.on_hand - l.reserved AS available
    FROM stock_levels l JOIN wanted USING (store_id, product_id)
    ORDER BY l.store_id, l.product_id
    FOR NO KEY UPDATE OF l
)
SELECT w.store_id, w.product_id, k.available, p.sku, p.title, p.price_minor, s.id IS NOT NULL AS store_is_live,
       c.path_ids AS category_path, s.country, s.region, (SELECT version FROM tariff_version) AS tariff_version,
       (SELECT array_agg(nextval('order_numbers')) FROM generate_series(1, :orders)) AS numbers
FROM wanted w
LEFT JOIN locked k ON k.store_id = w.store_id AND k.product_id = w.product_id
LEFT JOIN products p ON p.id = w.product_id AND p.deleted_at IS NULL
LEFT JOIN categories c ON c.id = p.category_id
LEFT JOIN stores s ON s.id = w.store_id AND s.deleted_at IS NULL
""")
"""A row for every (store, product) asked for.

The same in each row are `numbers`, which holds one order number an order, and the version of the tariff.
"""

NEW_ORDERS: Final = """
WITH new_orders AS (
    INSERT INTO orders (id, number, user_id, store_id, status, reason, currency, total_minor, email, note,
                        cart_id, shipping_address, billing_address, items_minor, discount_minor, shipping_minor,
                        tax_minor, prices_include_tax, shipping_tax_name, shipping_tax_ppm, shipping_tax_minor,
                        shipping_method, discount_code, created_at, updated_at)
    SELECT id, number, user_id, store_id, status, reason, :currency, total_minor, email, note, cart_id,
           nullif(shipping_address, 'null'), nullif(billing_address, 'null'), items_minor, discount_minor,
           shipping_minor, tax_minor, :prices_include_tax, shipping_tax_name, shipping_tax_ppm, shipping_tax_minor,
           shipping_method, discount_code, :now, :now
    FROM ROWS FROM (
        unnest(
            CAST(:order_ids AS uuid[]), CAST(:numbers AS text[]), CAST(:user_ids AS bigint[]),
            CAST(:store_ids AS bigint[]), CAST(:statuses AS text[]), CAST(:reasons AS text[]),
            CAST(:totals AS bigint[]), CAST(:emails AS text[]), CAST(:notes AS text[]), CAST(:items AS bigint[]),
            CAST(:discounts AS bigint[]), CAST(:shippings AS bigint[]), CAST(:taxes AS bigint[]),
            CAST(:shipping_tax_names AS text[]), CAST(:shipping_tax_ppms AS int[]), CAST(:shipping_taxes AS bigint[]),
            CAST(:shipping_methods AS text[]), CAST(:discount_codes AS text[]), CAST(:cart_ids AS uuid[])
        ), jsonb_array_elements(CAST(:shipping AS jsonb)), jsonb_array_elements(CAST(:billing AS jsonb))
    ) AS o (id, number, user_id, store_id, status, reason, total_minor, email, note, items_minor, discount_minor,
            shipping_minor, tax_minor, shipping_tax_name, shipping_tax_ppm, shipping_tax_minor, shipping_method,
            discount_code, cart_id, shipping_address, billing_address)
), lines AS MATERIALIZED (
    SELECT * FROM unnest(
        CAST(:line_orders AS uuid[]), CAST(:line_numbers AS smallint[]), CAST(:line_products AS bigint[]),
        CAST(:line_stores AS bigint[]), CAST(:line_skus AS text[]), CAST(:line_titles AS text[]),
        CAST(:line_quantities AS bigint[]), CAST(:line_prices AS bigint[]), CAST(:line_sold AS boolean[]),
        CAST(:line_actors AS text[]), CAST(:line_discounts AS bigint[]), CAST(:line_tax_names AS text[]),
        CAST(:line_tax_ppms AS int[]), CAST(:line_taxes AS bigint[])
    ) AS l (order_id, line_number, product_id, store_id, sku, title, quantity, price_minor, sold, actor,
            discount_minor, tax_name, tax_ppm, tax_minor)
), new_lines AS (
    INSERT INTO order_lines (order_id, line_number, product_id, store_id, sku, product_title, quantity,
                             unit_price_minor, line_total_minor, discount_minor, tax_name, tax_ppm, tax_minor)
    SELECT order_id, line_number, product_id, store_id, sku, title, quantity, price_minor, quantity * price_minor,
           discount_minor, tax_name, tax_ppm, tax_minor
    FROM lines
), history AS (
    INSERT INTO order_history (order_id, to_status, actor, reason, created_at)
    SELECT * , CAST(:now AS timestamptz) FROM unnest(
        CAST(:order_ids AS uuid[]), CAST(:statuses AS text[]), CAST(:actors AS text[]), CAST(:reasons AS text[]))
), taken AS (
    UPDATE stock_levels s SET on_hand = s.on_hand - t.quantity, sold = s.sold + t.quantity
    FROM (SELECT store_id, product_id, sum(quantity) AS quantity FROM lines WHERE sold GROUP BY 1, 2) t
    WHERE s.store_id = t.store_id AND s.product_id = t.product_id
), ledger AS (
    INSERT INTO stock_movements (store_id, product_id, kind, quantity, order_id, actor, created_at)
    SELECT store_id, product_id, 'sold', -quantity, order_id, actor, :now FROM lines WHERE sold
)
"""

WRITE_ORDERS = text(NEW_ORDERS + INSERT_EVENTS)

EMAILS = text("SELECT id, email FROM users WHERE id = ANY(CAST(:user_ids AS bigint[]))")
