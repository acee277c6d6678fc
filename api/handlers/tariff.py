"""`/tax-rates` and `/shipping-methods`: kept by staff; shipping methods are read by everybody."""

from typing import ClassVar

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import CATALOG, CATALOG_ADMIN_WRITE
from api.reading.pricing import new_shipping_method, new_tax_rate, shipping_method_changes, tax_rate_changes
from api.reading.query_parameters import QueryParameters
from api.rendering.pricing import shipping_method_body, tax_rate_body
from api.routing import Route
from order_service.errors import NotFound
from order_service.pricing.place import MAX_REGION, Place, place_faults, place_named
from order_service.pricing.shipping_methods import (
    change_shipping_method,
    create_shipping_method,
    delete_shipping_method,
    list_shipping_methods,
    read_shipping_method,
)
from order_service.pricing.tax_rates import (
    change_tax_rate,
    create_tax_rate,
    delete_tax_rate,
    list_tax_rates,
    read_tax_rate,
)
from schemas.http_api.lists import Page
from schemas.http_api.pricing import (
    NewShippingMethodBody,
    NewTaxRateBody,
    ShippingMethodChangesBody,
    TaxRateChangesBody,
)

READ = Rule(Access.ANYONE, (CATALOG,))
STAFF_READ = Rule(Access.STAFF)
WRITE = Rule(Access.STAFF, (CATALOG_ADMIN_WRITE,))


class TaxRates(ApiHandler):
    """The table of tax rates."""

    rules: ClassVar = {"GET": STAFF_READ, "POST": WRITE}

    async def get(self) -> None:
        """List a page by place."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        parameters.finish()
        rates, count = await list_tax_rates(self.dependencies.database, page, page_size)
        self.answer(Page(count, page, page_size, [tax_rate_body(each) for each in rates]))

    async def post(self) -> None:
        """Add one."""
        new = new_tax_rate(self.body(NewTaxRateBody))
        rate = await create_tax_rate(self.dependencies.database, new, self.actor)
        self.answer_created(tax_rate_body(rate), f"/api/v1/tax-rates/{rate.id}")


class OneTaxRate(ApiHandler):
    """One tax rate by its id."""

    rules: ClassVar = {"GET": STAFF_READ, "PATCH": WRITE, "DELETE": WRITE}

    async def get(self, rate_id: str) -> None:
        """Show it."""
        self.parameters().finish()
        self.answer(tax_rate_body(await read_tax_rate(self.dependencies.database, int(rate_id))))

    async def patch(self, rate_id: str) -> None:
        """Change its name or its rate."""
        changes = tax_rate_changes(self.body(TaxRateChangesBody))
        rate = await change_tax_rate(self.dependencies.database, int(rate_id), changes, self.actor)
        self.answer(tax_rate_body(rate))

    async def delete(self, rate_id: str) -> None:
        """Take it out of the table."""
        await delete_tax_rate(self.dependencies.database, int(rate_id), self.actor)
        self.set_status(204)


class ShippingMethods(ApiHandler):
    """Ways of shipping."""

    rules: ClassVar = {"GET": READ, "POST": WRITE}

    async def get(self) -> None:
        """List a page by id; `country` and `region` ask for those that go there, each with its price there."""
        parameters = self.parameters()
        page, page_size = parameters.page()
        to = read_place(parameters)
        parameters.finish()
        all_too = is_for_staff(self)
        methods, count = await list_shipping_methods(
            self.dependencies.database, page, page_size, inactive_too=all_too, to=to
        )
        bodies = [shipping_method_body(each, self.currency, for_staff=all_too) for each in methods]
        self.answer(Page(count, page, page_size, bodies))

    async def post(self) -> None:
        """Add one."""
        new = new_shipping_method(self.body(NewShippingMethodBody), self.currency)
        method = await create_shipping_method(self.dependencies.database, new, self.actor)
        body = shipping_method_body(method, self.currency, for_staff=True)
        self.answer_created(body, f"/api/v1/shipping-methods/{method.id}")


class OneShippingMethod(ApiHandler):
    """One way of shipping by its id."""

    rules: ClassVar = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}

    async def get(self, method_id: str) -> None:
        """Show it."""
        self.parameters().finish()
        method = await read_shipping_method(self.dependencies.database, int(method_id))
        if not (method.is_active or is_for_staff(self)):
            raise NotFound("shipping method", method_id)
        self.answer(shipping_method_body(method, self.currency, for_staff=is_for_staff(self)))

    async def patch(self, method_id: str) -> None:
        """Change the fields that the body names."""
        changes = shipping_method_changes(self.body(ShippingMethodChangesBody), self.currency)
        method = await change_shipping_method(self.dependencies.database, int(method_id), changes, self.actor)
        self.answer(shipping_method_body(method, self.currency, for_staff=True))

    async def delete(self, method_id: str) -> None:
        """Take it away for good."""
        await delete_shipping_method(self.dependencies.database, int(method_id), self.actor)
        self.set_status(204)


def read_place(parameters: QueryParameters) -> Place | None:
    """Read where goods are to go; None when it is not said."""
    country, region = parameters.text("country", 2), parameters.text("region", MAX_REGION)
    if country is None and region is None:
        return None
    place = place_named(country or "", region or "")
    for fault in place_faults(place):
        parameters.fault(fault.field, fault.message)
    return place


def is_for_staff(handler: ApiHandler) -> bool:
    """Whether who asks sees inactive methods and who changed what."""
    return handler.principal is not None and handler.principal.is_staff


ROUTES = [
    Route("/api/v1/tax-rates", TaxRates),
    Route("/api/v1/tax-rates/{rate_id}", OneTaxRate),
    Route("/api/v1/shipping-methods", ShippingMethods),
    Route("/api/v1/shipping-methods/{method_id}", OneShippingMethod),
]
