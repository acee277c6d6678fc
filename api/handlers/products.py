"""`/products`: read by everybody, written by staff."""

from typing import Any, ClassVar, get_args

import msgspec
from msgspec import UNSET

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import CATALOG, CATALOG_ADMIN_WRITE
from api.reading.query_parameters import QueryParameters
from api.reading.search_requests import search_words
from api.rendering.products import product_body
from api.routing import Route
from order_service.catalog.products import Ordering, ProductFilter, list_products, read_product
from order_service.catalog.write_product import (
    NewProduct,
    ProductChanges,
    change_product,
    create_product,
    delete_product,
)
from order_service.errors import FieldFault, InvalidInput
from schemas.http_api.lists import Page
from schemas.http_api.products import NewProductBody, ProductChangesBody
from schemas.ids import ProductId, StoreId
from schemas.money import to_minor_units

READ = Rule(Access.ANYONE, (CATALOG,))
WRITE = Rule(Access.STAFF, (CATALOG_ADMIN_WRITE,))
ORDERINGS: tuple[str, ...] = get_args(Ordering)


class Products(ApiHandler):
    """All products."""

    rules: ClassVar = {"GET": READ, "POST": WRITE}
    tagged = True

    async def get(self) -> None:
        """List a filtered page."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        wanted = product_filter(parameters, self.currency)
        parameters.finish()
        products, count = await list_products(self.dependencies.database, wanted, page, page_size)
        self.answer(Page(count, page, page_size, [product_body(each, self.currency) for each in products]))

    async def post(self) -> None:
        """Create one."""
        new = new_product(self.body(NewProductBody), self.currency)
        product = await create_product(self.dependencies.database, new, self.actor)
        self.send_index_token({product.id: product.version})
        self.answer_created(product_body(product, self.currency), f"/api/v1/products/{product.id}")


class OneProduct(ApiHandler):
    """One product by its id."""

    rules: ClassVar = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}
    tagged = True

    async def get(self, product_id: str) -> None:
        """Show it."""
        self.parameters().finish()
        product = await read_product(self.dependencies.database, ProductId(int(product_id)))
        self.answer(product_body(product, self.currency))

    async def patch(self, product_id: str) -> None:
        """Change the fields that the body names."""
        changes = product_changes(self.body(ProductChangesBody), self.currency)
        product = await change_product(self.dependencies.database, ProductId(int(product_id)), changes, self.actor)
        self.send_index_token({product.id: product.version})
        self.answer(product_body(product, self.currency))

    async def delete(self, product_id: str) -> None:
        """Take it out of the shop; orders keep it."""
        number = ProductId(int(product_id))
        version = await delete_product(self.dependencies.database, number, self.actor)
        self.send_index_token({number: version})
        self.set_status(204)


def product_filter(parameters: QueryParameters, currency: str) -> ProductFilter:
    """Read the filters of a product list."""
    low, high = parameters.price_range(currency)
    store_id = parameters.id("store_id")
    return ProductFilter(
        q=search_words(parameters, 200),
        category=tuple(parameters.texts("category")),
        brand=tuple(parameters.texts("brand")),
        price_min_minor=low,
        price_max_minor=high,
        in_stock=parameters.boolean("in_stock"),
        store_id=None if store_id is None else StoreId(store_id),
        ordering=msgspec.convert(parameters.choice("ordering", ORDERINGS, "id"), Ordering),
    )


def new_product(body: NewProductBody, currency: str) -> NewProduct:
    """Turn the body into what the use case takes; raises InvalidInput unless it has exactly one title."""
    values = msgspec.structs.asdict(body)
    del values["name"], values["currency"]
    title = one_title(body)
    if title is UNSET:
        raise InvalidInput([FieldFault("title", "is required")])
    values |= {"title": title, "price_minor": to_minor_units(values.pop("price"), currency)}
    return NewProduct(**values)


def product_changes(body: ProductChangesBody, currency: str) -> ProductChanges:
    """Turn the body into what the use case takes."""
    values = msgspec.structs.asdict(body)
    del values["name"], values["currency"]
    price = values.pop("price")
    values |= {"title": one_title(body), "price_minor": UNSET if price is UNSET else to_minor_units(price, currency)}
    return ProductChanges(**values)


def one_title(body: NewProductBody | ProductChangesBody) -> Any:
    """Give `title` or its earlier synonym `name`, UNSET without either; raises InvalidInput for two that differ."""
    if body.title is not UNSET and body.name is not UNSET and body.title != body.name:
        raise InvalidInput([FieldFault("name", "contradicts title")])
    return body.name if body.title is UNSET else body.title


ROUTES = [
    Route("/api/v1/products", Products),
    Route("/api/v1/products/{product_id}", OneProduct),
]
