"""Which jobs run depends on the shop's rules."""

import pytest

from cli.jobs import payment_tasks
from order_service.database.engine import open_database
from order_service.payments.providers import open_providers
from schemas.settings import DatabaseSettings
from schemas.shop_settings import ShopSettings, StripeSettings


@pytest.mark.parametrize("required", [True, False])
def test_unpaid_orders_are_cancelled_only_where_payment_is_required(*, required: bool) -> None:
    database = open_database(DatabaseSettings(url="postgresql://nobody@localhost/none"))
    tasks = payment_tasks(database, open_providers(StripeSettings()), ShopSettings(payment_required=required))
    assert ("cancel-unpaid" in [task.name for task in tasks]) is required
