"""Orders over HTTP with everything on, beside pgbench placing the same orders one at a time in the same run.

`aisle serve` with two processes, wrk with one thread: sign-in token, limits, idempotency key, metrics, as in a shop.
Overload is four times the connections on one product.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.order_placement import LOADS, PRODUCTS, fill, one_at_a_time
from benchmarks.own_servers import fresh_environment
from benchmarks.rows import Goal, Row
from benchmarks.search_http import serving
from benchmarks.wrk import Load, run_wrk
from tests.factories.http_client import HttpClient
from tests.factories.processes import run_aisle
from tests.factories.running_shop import V1

NAME = "orders over HTTP"

CONNECTIONS, OVERLOAD = 64, 256
SECONDS = 8
WARM_UP_S = 3
PROCESSES = 2
WANTED = {"spread": 1.0, "hot": 4.0}
LONGEST_P99_MS = 150.0
BUYER = ("buyer@example.com", "Correct-horse-battery-9")

LINES = {
    "spread": f"""'{{"product_id":' .. math.random(1, {PRODUCTS // 2}) .. ',"quantity":1}},' ..
      '{{"product_id":' .. math.random({PRODUCTS // 2 + 1}, {PRODUCTS}) .. ',"quantity":1}}'""",
    "hot": """'{"product_id":1,"quantity":1}'""",
}

SCRIPT = """
math.randomseed(os.time())
local run, count = math.random(1, 1e9), 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %(token)s"
function request()
  count = count + 1
  wrk.headers["Idempotency-Key"] = run .. "-" .. count
  return wrk.format(nil, nil, nil, '{"store_id":1,"items":[' .. %(lines)s .. ']}')
end
"""


def run() -> list[Row]:
    """Measure on a database of its own; takes about a minute and a half."""
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as folder:
        run_aisle(environment, "migrate")
        fill(environment["DATABASE_URL"])
        run_aisle(environment, "reindex", "--if-missing")
        account = ("--role", "customer", "--email", BUYER[0], "--username", "buyer", "--password-env", "AISLE_PASSWORD")
        run_aisle({**environment, "AISLE_PASSWORD": BUYER[1]}, "users", "create", *account)
        references = {load.key: one_at_a_time(environment["DATABASE_URL"], load) for load in LOADS}
        with serving(environment, Path(folder), processes=PROCESSES) as address:
            measured = _measured(address)
    return _rows(measured, references)


def _measured(address: str) -> dict[tuple[str, int], Load]:
    credentials = {"email": BUYER[0], "password": BUYER[1]}
    token = HttpClient(address).send("POST", f"{V1}/auth/login", credentials, 200)["access"]
    scripts = {name: SCRIPT % {"token": token, "lines": lines} for name, lines in LINES.items()}
    url = f"{address}{V1}/orders"
    run_wrk(url, scripts["spread"], connections=CONNECTIONS, seconds=WARM_UP_S)
    asked = [("spread", CONNECTIONS), ("hot", CONNECTIONS), ("hot", OVERLOAD)]
    return {
        (name, connections): run_wrk(url, scripts[name], connections=connections, seconds=SECONDS)
        for name, connections in asked
    }


def _rows(measured: Mapping[tuple[str, int], Load], references: Mapping[str, float]) -> list[Row]:
    rows = [
        Row(
            f"POST /orders, {load.name}, {CONNECTIONS} connections",
            measured[load.key, CONNECTIONS].per_second,
            references[load.key],
            "pgbench, one at a time, 64 clients",
            "orders/s",
            Goal(WANTED[load.key]),
        )
        for load in LOADS
    ]
    usual, flood = measured["hot", CONNECTIONS], measured["hot", OVERLOAD]
    claim = f"overload: {OVERLOAD} connections on one product"
    name = f"{CONNECTIONS} connections"
    slowest = Goal(LONGEST_P99_MS, of="figure", at_least=False)
    return [
        *rows,
        Row(claim, flood.per_second, usual.per_second, name, "orders/s", Goal(1.0)),
        Row(f"{claim}, p99", flood.p99_ms, usual.p99_ms, name, "ms", slowest),
    ]
