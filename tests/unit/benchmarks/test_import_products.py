from benchmarks.import_products import CATEGORIES, feed_lines
from order_service.catalog.feed_product import parse_feed_line

COUNT = 2_000


def test_every_line_is_a_good_product_of_its_own() -> None:
    products = [parse_feed_line(line, "USD") for line in feed_lines(COUNT)]
    assert len({product.sku for product in products}) == COUNT
    assert len({product.category for product in products}) == CATEGORIES


def test_lines_are_as_long_as_those_the_goals_are_stated_for() -> None:
    assert 700 < sum(len(line) for line in feed_lines(COUNT)) / COUNT < 900


def test_the_feed_is_the_same_each_time() -> None:
    assert list(feed_lines(20)) == list(feed_lines(20))
