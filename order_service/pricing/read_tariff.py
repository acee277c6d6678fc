"""Keeps the tariff of one process, and reads it again when its tables have changed; used by placements."""

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from order_service.pricing.tariff import NO_TARIFF, ShippingOffer, Tariff, TaxRule

READ = text("""
SELECT v.version, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'applies_to', r.applies_to, 'category_id', r.category_id, 'country', r.country, 'region', r.region,
        'name', r.name, 'ppm', r.ppm)), '[]')
    FROM tax_rates r
)::text AS rules, (
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', m.code, 'name', m.name, 'prices', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'country', p.country, 'region', p.region, 'price_minor', p.price_minor,
            'free_from_minor', p.free_from_minor)), '[]')
        FROM shipping_prices p WHERE p.method_id = m.id))), '[]')
    FROM shipping_methods m WHERE m.is_active
)::text AS offers
FROM tariff_version v
""")

CHANGED = text("UPDATE tariff_version SET version = version + 1")


class TariffReader:
    """Gives the tariff of a version; share one per process. Orders read the version along with their stock."""

    def __init__(self) -> None:
        self._tariff = NO_TARIFF

    async def at(self, connection: AsyncConnection, version: int) -> Tariff:
        """Give the tariff of this version or a later one; asks Postgres only when the kept one is older."""
        if self._tariff.version < version:
            self._tariff = await read_tariff(connection)
        return self._tariff


async def read_tariff(connection: AsyncConnection) -> Tariff:
    """Read rates and shipping prices as they are now."""
    row = (await connection.execute(READ)).one()
    rules = msgspec.json.decode(row.rules, type=list[TaxRule])
    return Tariff(row.version, rules, msgspec.json.decode(row.offers, type=list[ShippingOffer]))


async def mark_tariff_changed(connection: AsyncConnection) -> None:
    """Raise the version, in the transaction of the change; waits for whoever else changes the tariff."""
    await connection.execute(CHANGED)
