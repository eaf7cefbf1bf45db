"""``/api/v1/explain`` and ``/api/v1/associations``."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.contract.associations import AssociationSeen
from gateway.contract.journal import Row
from gateway.contract.observed import Observed, Status
from gateway.screen.explain_api import Explainer, add_associations_api, add_explain_api
from tests.gateway.cli.operating.statuses import status
from tests.gateway.screen.explaining.examples import (
    NOW,
    SKETCHED,
    association,
    case,
    destination,
    observed,
    path,
    peer,
    row,
)


async def rows(name: str) -> Sequence[Row]:
    """Return one row, whatever is asked for."""
    return [row(key=name)]


def explainer() -> Explainer:
    """Return an explainer that knows one peer and one destination."""

    async def observe() -> Observed:
        return observed(destinations={"pacs": destination()}, peers=[peer(), peer(peer="CT1", address="10.0.0.1")])

    async def tell() -> Status:
        return status(case())

    async def associations(name: str) -> Sequence[AssociationSeen]:
        return [association(at=NOW - 900), SKETCHED] if name == "PET1" else []

    return Explainer(observe, tell, associations, path, rows, rows, lambda: NOW)


async def get(query: str) -> tuple[int, Any]:
    """Ask the route; return status and body."""
    application = web.Application()
    add_explain_api(application, explainer())
    async with TestClient(TestServer(application)) as client, client.get(f"/api/v1/explain{query}") as reply:
        return reply.status, await reply.json()


async def test_peer() -> None:
    """All that is known of the peer is put together; the latest association comes first, whichever worker had it."""
    code, body = await get("?peer=PET1")
    assert (200, "peer", "PET1", True) == (code, body["subject_kind"], body["subject"], body["found"])
    titles = [each["title"] for each in body["parts"]]
    assert "asked for HILUM at 2025-11-29T02:20:00Z" in titles[0]
    assert ["PET1 at listener modalities, from 10.31.4.40:", "Its last messages:"] == titles[-2:]


async def test_peer_by_address() -> None:
    """A peer may be named by its address."""
    code, body = await get("?peer=10.0.0.1")
    assert (200, "CT1 at listener modalities, from 10.0.0.1:") == (code, body["parts"][0]["title"])


async def test_message() -> None:
    """A message is looked for in the journal."""
    code, body = await get("?message=C1")
    assert (200, "ORU^R01 from LAB|CENTRAL, message 7f:") == (code, body["parts"][0]["title"])


@pytest.mark.parametrize(("name", "found"), [("pacs", True), ("pax", False)])
async def test_destination(name: str, found: bool) -> None:
    """A destination is explained; one that is not configured is not found."""
    code, body = await get(f"?destination={name}")
    assert (200, found) == (code, body["found"])


@pytest.mark.parametrize(
    "query", ["", "?peer=", "?peer=A&peer=B", "?peer=A&message=B", "?other=A", f"?peer={'A' * 301}"]
)
async def test_which(query: str) -> None:
    """Exactly one subject must be named."""
    code, body = await get(query)
    assert (400, True) == (code, "exactly one of peer, message and destination" in body["error"])


async def test_associations_of_a_worker() -> None:
    """A worker answers with the associations of a peer."""
    application = web.Application()
    add_associations_api(application, lambda name: [association(peer=name)])
    async with TestClient(TestServer(application)) as client, client.get("/api/v1/associations?peer=A%7CB") as reply:
        assert ["A|B"] == [each["peer"] for each in await reply.json()]
