import pytest

from benchmarks import order_placement


@pytest.mark.parametrize("load", order_placement.LOADS, ids=lambda load: str(load.name))
def test_the_reference_writes_as_many_lines_as_python_orders(load: order_placement.Load) -> None:
    script = order_placement.reference_script(load.variables)
    lines = len(load.products())
    assert script.count("INSERT INTO order_lines") == lines
    assert script.count("UPDATE stock_levels") == lines
    assert script.count("FOR NO KEY UPDATE") == lines
    assert script.count("INSERT INTO outbox") == 1


def test_orders_draw_products_that_exist_and_none_twice() -> None:
    for load in order_placement.LOADS:
        for _ in range(50):
            products = [line.product_id for line in order_placement.an_order(load).lines]
            assert len(products) == len(set(products))
            assert all(1 <= product <= order_placement.PRODUCTS for product in products)
