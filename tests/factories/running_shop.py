"""A whole shop of real processes on given servers, and what tests do with it from outside."""

import contextlib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.factories.http_client import HttpClient
from tests.factories.processes import AisleProcess, eventually, free_port, run_aisle

STAFF = ("staff@example.com", "Correct-horse-battery-1")
V1 = "/api/v1"


class RunningShop:
    """API, relay and both consumers; `start` returns when the API is ready."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        port, metrics = free_port(), free_port()
        self.environment = {
            **environment,
            "AISLE_PASSWORD": STAFF[1],
            "METRICS_PORT": str(metrics),
            **{f"RATE_{scope}": "100000/min" for scope in ("ANON", "USER", "CATALOG", "CATALOG_ADMIN_WRITE", "ORDERS")},
            **{f"RATE_{scope}": "100000/min" for scope in ("AUTH", "SEARCH")},
        }
        self.metrics_url = f"http://127.0.0.1:{metrics}/metrics"
        self.anyone = HttpClient(f"http://127.0.0.1:{port}")
        self.processes = {
            "api": AisleProcess(self.environment, folder, "serve", "--port", str(port)),
            "relay": AisleProcess(self.environment, folder, "relay"),
            "index": AisleProcess(self.environment, folder, "consume", "index"),
            "notifications": AisleProcess(self.environment, folder, "consume", "notifications"),
        }
        self.staff = self.anyone

    def start(self) -> None:
        """Prepare the database and the index, start every process, sign in as staff."""
        run_aisle(self.environment, "migrate")
        account = ("--role", "staff", "--email", STAFF[0], "--username", "staff", "--password-env", "AISLE_PASSWORD")
        run_aisle(self.environment, "users", "create", *account, "--exists-ok")
        run_aisle(self.environment, "reindex", "--if-missing")
        for process in self.processes.values():
            process.start()
        eventually(self.is_ready, 60)
        self.staff = self.anyone.signed_in(*STAFF)

    def is_ready(self) -> bool:
        """Whether the API says that it and what it needs are there."""
        with contextlib.suppress(OSError):
            return self.anyone.call("GET", "/health/ready").status == 200
        return False

    def stop(self) -> dict[str, int]:
        """Stop every process that still runs; gives the exit codes."""
        return {name: process.stop() for name, process in self.processes.items()}

    def new_store(self) -> int:
        """Open a store."""
        return int(self.staff.send("POST", f"{V1}/stores", {"name": "Store " + uuid.uuid4().hex[:6]}, 201)["id"])

    def new_category(self) -> Any:
        """Make a category."""
        return self.staff.send("POST", f"{V1}/categories", {"name": "Category " + uuid.uuid4().hex[:6]}, 201)

    def new_product(self, category_id: int, levels: Mapping[int, int], /, **fields: object) -> Any:
        """Put a product with a title that is unique on the shelves."""
        word = "zq" + uuid.uuid4().hex[:10]
        body = {"title": f"Wondrous {word}", "price": "25.00", "category": category_id, **fields}
        product = self.staff.send("POST", f"{V1}/products", body, 201)
        for store_id, on_hand in levels.items():
            self.set_stock(store_id, product["id"], on_hand)
        return {**product, "word": word}

    def set_stock(self, store_id: int, product_id: int, on_hand: int) -> None:
        """Set what the store has of the product."""
        self.staff.send("PUT", f"{V1}/stores/{store_id}/inventory/{product_id}", {"on_hand": on_hand}, 200)

    def found(self, **params: object) -> list[Any]:
        """Search and give the hits."""
        hits: list[Any] = self.anyone.get(f"{V1}/search/products", **params)["results"]
        return hits
