"""Buyers that go on ordering while servers and processes die around them."""

import itertools
import threading
from collections.abc import Sequence
from typing import Any, Self

from tests.factories.running_shop import V1, RunningShop

PAUSE_SECONDS = 0.1


class Traffic:
    """Orders each product once, one after another, in a thread of its own; remembers what was answered."""

    def __init__(self, shop: RunningShop, products: Sequence[Any], store_id: int) -> None:
        self._shop = shop
        self._products = iter(products)
        self._store_id = store_id
        self._numbers = itertools.count(1)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.confirmed: dict[str, str] = {}  # order id to the buyer's address
        self.sold: set[int] = set()
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(60)

    def _run(self) -> None:
        for product in self._products:
            if self._stopped.wait(PAUSE_SECONDS):
                return
            self._buy(product)

    def _buy(self, product: Any) -> None:
        email = f"buyer{next(self._numbers)}@example.com"
        line = {"product_id": product["id"], "quantity": 1}
        body = {"store_id": self._store_id, "email": email, "items": [line]}
        try:
            answer = self._shop.anyone.call("POST", f"{V1}/orders", body)
        except OSError as error:
            self.failures.append(repr(error))
            return
        if answer.status == 201:
            self.confirmed[answer.json["id"]] = email
            self.sold.add(product["id"])
        else:
            self.failures.append(f"{answer.status} {answer.body[:200]!r}")
