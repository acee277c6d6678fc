"""The providers of one installation by name; the API and the jobs open them, use cases choose from them."""

from collections.abc import Iterable

from order_service.errors import NotFound
from order_service.payments.manual_provider import ManualProvider
from order_service.payments.provider import Provider
from order_service.payments.stripe_provider import StripeProvider
from schemas.shop_settings import StripeSettings


class Providers:
    """Share one per event loop, and `close` it at the end."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._by_name = {each.name: each for each in providers}

    @property
    def names(self) -> list[str]:
        """Those that are configured."""
        return sorted(self._by_name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Provider:
        """Give a provider; raises NotFound for one that is not configured here."""
        if name not in self._by_name:
            raise NotFound("payment provider", name)
        return self._by_name[name]

    async def close(self) -> None:
        """Close every connection."""
        for each in self._by_name.values():
            await each.close()


def open_providers(stripe: StripeSettings) -> Providers:
    """Make every provider that the settings turn on; nothing connects before it is used."""
    providers: list[Provider] = [ManualProvider()]
    if stripe.secret_key:
        providers.append(StripeProvider(stripe))
    return Providers(providers)
