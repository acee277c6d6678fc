"""Drift of every kind in a real index is found and repaired, and a healthy index under writes has none."""

import asyncio
import os
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from order_service.actor import Actor
from order_service.catalog.write_product import ProductChanges, change_product
from order_service.database.engine import Database
from schemas.ids import ProductId
from search_indexer.index.audit import Audit, AuditReport, Fault, audit_index
from search_indexer.index.repair import Target
from tests.factories.processes import AISLE
from tests.integration.search_indexer.conftest import Installation
from tests.integration.search_indexer.index.conftest import Writing

pytestmark = pytest.mark.servers

STAFF = Actor("test")
DRIFTS = 1_000
ORPHANS_FROM = 10**9


@pytest.fixture
def audit(healthy: Installation, database: Database) -> Audit:
    return Audit(Target(healthy.client, healthy.indexes.names.reads), database, "USD", patience_s=0.3)


def in_turn(versions: Mapping[int, int]) -> list[dict[str, Any]]:
    """Spoil the documents in ten ways, one after the other."""
    operations: list[dict[str, Any]] = []
    for number, (product_id, version) in enumerate(versions.items()):
        spoiled: list[list[dict[str, Any]]] = [
            [{"delete": {"_id": str(product_id)}}],
            [{"delete": {"_id": str(product_id), "version": version, "version_type": "external_gte"}}],
            [{"update": {"_id": str(product_id)}}, {"doc": {"title": "Somebody else's"}}],
            [{"update": {"_id": str(product_id)}}, {"doc": {"id": product_id + ORPHANS_FROM}}],
            [{"index": external(product_id, version)}, {"id": product_id, "version": version, "deleted": False}],
            [{"index": external(product_id, version)}, {"id": product_id, "version": version, "deleted": True}],
            [{"index": external(product_id, version + 9)}, {"id": product_id, "version": version + 9, "deleted": True}],
            [{"index": {"_id": str(product_id + ORPHANS_FROM)}}, {"id": product_id + ORPHANS_FROM, "deleted": False}],
            [{"index": {"_id": f"stray-{number}"}}, {"id": product_id, "title": "Stray", "deleted": False}],
            [{"index": {"_id": f"0{product_id}"}}, {"title": "Stray", "deleted": False}],
        ]
        operations += spoiled[number % len(spoiled)]
    return operations


def external(product_id: int, version: int) -> dict[str, Any]:
    return {"_id": str(product_id), "version": version, "version_type": "external_gte"}


async def test_a_healthy_index_has_no_difference(audit: Audit, product_ids: Sequence[ProductId]) -> None:
    done = await audit_index(audit, repair=False)
    assert done.compared >= len(product_ids)
    assert (done.found.total(), done.left.total(), done.examples) == (0, 0, [])


async def test_a_thousand_drifts_are_all_found_and_all_repaired(
    audit: Audit, healthy: Installation, product_ids: Sequence[ProductId]
) -> None:
    spoiled = random.Random(4).sample(list(product_ids), DRIFTS)  # noqa: S311 - a test's choice
    writes = healthy.indexes.names.writes
    docs = (await healthy.client.mget(index=writes, ids=[str(each) for each in spoiled], source=False))["docs"]
    versions = {int(doc["_id"]): int(doc["_version"]) for doc in docs}
    answered = await healthy.client.bulk(index=writes, operations=in_turn(versions), refresh=True)
    assert not answered["errors"]
    found = await audit_index(audit, repair=False)
    assert found.found == {Fault.MISSING: 200, Fault.ALTERED: 500, Fault.ORPHANED: 300}
    assert found.left == found.found
    repaired = await audit_index(audit, repair=True)
    assert (repaired.found, repaired.left.total()) == (found.found, 0)
    assert (await audit_index(audit, repair=False)).found.total() == 0


async def test_changes_that_were_lost_are_stale_and_the_next_change_counts_after_the_repair(
    audit: Audit, healthy: Installation, database: Database, product_ids: Sequence[ProductId]
) -> None:
    for product_id in product_ids[:5]:
        await change_product(database, product_id, ProductChanges(title=f"New {uuid.uuid4().hex}"), STAFF)
    done = await audit_index(audit, repair=True)
    assert (done.found, done.left.total()) == ({Fault.STALE: 5}, 0)
    names = healthy.indexes.names
    await healthy.client.update(index=names.writes, id=str(product_ids[0]), doc={"title": "Somebody else's"})
    assert (await audit_index(audit, repair=True)).left.total() == 0
    changed = await change_product(database, product_ids[0], ProductChanges(title=f"New {uuid.uuid4().hex}"), STAFF)
    assert (await audit_index(audit, repair=True)).found == {Fault.STALE: 1}
    assert await healthy.reader.wait_until_visible({changed.id: changed.version}, 10)


async def test_a_healthy_index_under_writes_raises_no_alarm(audit: Audit, written_to: Writing) -> None:
    patient = replace(audit, patience_s=15)
    reports: list[AuditReport] = []
    while len(reports) < 3 or len(written_to.changed) < 100:
        reports.append(await audit_index(patient, repair=False))
    assert [report.left.total() for report in reports] == [0] * len(reports)


async def run_audit(environment: Mapping[str, str], *options: str) -> tuple[int | None, str]:
    ran = await asyncio.create_subprocess_exec(
        str(AISLE), "index", "audit", *options, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await ran.communicate()
    return ran.returncode, printed.decode()


async def test_the_command_tells_what_differs_and_exits_by_what_is_left(
    own_environment: Mapping[str, str], healthy: Installation, product_ids: Sequence[ProductId]
) -> None:
    await healthy.client.delete(index=healthy.indexes.names.writes, id=str(product_ids[7]), refresh=True)
    code, printed = await run_audit(own_environment, "--patience", "0")
    assert code == 1
    assert f"missing {product_ids[7]}: row version" in printed
    code, printed = await run_audit(own_environment, "--patience", "0", "--repair")
    assert (code, "1 missing, 0 stale, 0 altered, 0 orphaned; 1 repaired, 0 left" in printed) == (0, True)
    assert (await run_audit(own_environment))[0] == 0
