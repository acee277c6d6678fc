"""Product bodies become what the use cases take."""

import pytest
from msgspec import UNSET

from api.handlers.products import new_product, product_changes, product_filter
from api.reading.query_parameters import QueryParameters
from order_service.catalog.products import ProductFilter
from order_service.catalog.write_product import NewProduct, ProductChanges
from order_service.errors import InvalidInput
from schemas.http_api.products import NewProductBody, ProductChangesBody
from schemas.ids import StoreId


def test_a_price_becomes_minor_units_and_name_means_title() -> None:
    body = NewProductBody(name="Cable", price="12.5", category="cables", stock=4)
    assert new_product(body, "USD") == NewProduct(title="Cable", price_minor=1250, category="cables", stock=4)


def test_a_product_has_one_title() -> None:
    for body in (
        NewProductBody(price="1", category=1),
        NewProductBody(title="a", name="b", price="1", category=1),
    ):
        with pytest.raises(InvalidInput):
            new_product(body, "USD")


def test_only_named_fields_change() -> None:
    assert product_changes(ProductChangesBody(price="2"), "USD") == ProductChanges(price_minor=200)
    assert product_changes(ProductChangesBody(brand=None), "USD").brand is None
    assert product_changes(ProductChangesBody(), "USD").title is UNSET


def test_filters_are_read() -> None:
    parameters = QueryParameters("q=c&category=1&brand=HP&price_min=1&in_stock=1&store_id=2&ordering=-price")
    assert product_filter(parameters, "USD") == ProductFilter(
        q="c",
        category=("1",),
        brand=("HP",),
        price_min_minor=100,
        in_stock=True,
        store_id=StoreId(2),
        ordering="-price",
    )
