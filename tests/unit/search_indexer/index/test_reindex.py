import pytest

from search_indexer.index import reindex
from search_indexer.storage.product_count import ProductCount


@pytest.mark.parametrize(
    ("indexed", "before", "after", "refused", "agrees"),
    [
        (5, ProductCount(5, 0), ProductCount(5, 0), 0, True),
        (4, ProductCount(5, 0), ProductCount(5, 0), 0, False),
        (6, ProductCount(5, 0), ProductCount(5, 0), 0, False),
        (4, ProductCount(5, 0), ProductCount(5, 0), 1, True),
        (6, ProductCount(5, 0), ProductCount(7, 0), 0, True),
        (3, ProductCount(5, 2), ProductCount(5, 0), 0, True),
    ],
)
def test_the_gate_allows_for_what_is_on_its_way_and_no_more(
    indexed: int, before: ProductCount, after: ProductCount, refused: int, *, agrees: bool
) -> None:
    assert reindex._agree(indexed, before, after, refused=refused) is agrees
