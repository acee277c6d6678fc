"""`aisle seed`: fills an empty shop with a demonstration catalogue, stores, stock and customers."""

import click

from cli.dependencies import load_settings, with_database
from order_service.accounts.create_user import NewAccount, create_user
from order_service.accounts.passwords import PasswordHasher
from order_service.actor import Actor
from order_service.catalog.import_products import import_products
from order_service.catalog.import_report import Destination, ImportReport
from order_service.catalog.import_stores import import_stores
from order_service.catalog.seed.catalogue import product_lines, products
from order_service.catalog.seed.shops import inventory_lines, store_lines
from order_service.database.engine import Database
from order_service.errors import InvalidInput
from order_service.stock.import_inventory import import_inventory
from schemas.shop_settings import ShopSettings

DEMO_PASSWORD = "aisle-demo-2026"  # noqa: S105 - of the demonstration's customers, documented in docs/reference
CUSTOMERS = (
    NewAccount("customer", "customer@example.com", DEMO_PASSWORD),
    NewAccount("second-customer", "second.customer@example.com", DEMO_PASSWORD),
)


@click.command()
def seed() -> None:
    """Add the demonstration data; what is there already stays as it is."""
    shop = load_settings(ShopSettings)
    for line in with_database("seed", lambda database: _seed(database, shop.currency)):
        click.echo(line)


async def _seed(database: Database, currency: str) -> list[str]:
    """Add what is missing and tell how much that was; stock goes to products that have none in the store yet."""
    destination = Destination(database, Actor("seed"), existing="keep")
    catalogue, stores = ImportReport(on_bad=_refuse), ImportReport(on_bad=_refuse)
    stock = ImportReport(on_bad=_pass_over)
    await import_stores(destination, store_lines(), stores)
    await import_products(destination, product_lines(currency), currency, catalogue)
    await import_inventory(destination, inventory_lines(fields["id"] for fields in products(currency)), stock)
    customers = await _customers(database)
    added = {"stores": stores, "products": catalogue, "stock levels": stock}
    return [
        *(f"{what}: {report.created} added, {report.unchanged} there before" for what, report in added.items()),
        f"customers: {customers} added, {len(CUSTOMERS) - customers} there before",
    ]


async def _customers(database: Database) -> int:
    added = 0
    for account in CUSTOMERS:
        try:
            await create_user(database, PasswordHasher(), account)
            added += 1
        except InvalidInput as error:
            if {fault.message for fault in error.faults} != {"is already used"}:
                raise
    return added


def _refuse(number: int, reason: str) -> None:
    """Tell of a line that does not go in, which would be a fault of the seed itself."""
    click.echo(f"line {number}: {reason}", err=True)


def _pass_over(number: int, reason: str) -> None:
    """Say nothing of stock whose product or store somebody has deleted since the first seed."""
