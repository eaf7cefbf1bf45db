"""``/api/v1/explain``: what happened to a peer, a message or a destination; ``/api/v1/associations`` of each worker."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from gateway.config.loading import Config
from gateway.contract.associations import AssociationSeen
from gateway.contract.explained import Explanation
from gateway.contract.journal import Row
from gateway.contract.observed import Observed, Status
from gateway.screen.explaining.destination import explain_destination
from gateway.screen.explaining.message import explain_message
from gateway.screen.explaining.peer import Known, explain_peer
from gateway.screen.explaining.places import KeyPath, key_paths_of
from gateway.screen.journal_rows import JournalRows
from gateway.screen.status_source import StatusSource

FindAssociations = Callable[[str], Awaitable[Sequence[AssociationSeen]]]
"""Returns the last associations of a peer."""
EXPLAIN, ASSOCIATIONS = "/api/v1/explain", "/api/v1/associations"
HEADERS = {"Cache-Control": "no-store"}
KINDS = ("peer", "message", "destination")
LONGEST = 300
WHICH = "give exactly one of peer, message and destination, with a name of 1 to 300 characters"


async def no_rows(_: str) -> Sequence[Row]:
    """Take the place of a journal where there is none."""
    return ()


@dataclass(frozen=True, slots=True)
class Explainer:
    """Collects what is known of a subject, and explains it."""

    observed: Callable[[], Awaitable[Observed]]
    status: Callable[[], Awaitable[Status]]
    associations: FindAssociations
    """Those of all workers."""
    path: KeyPath
    rows_of_message: Callable[[str], Awaitable[Sequence[Row]]] = no_rows
    rows_of_peer: Callable[[str], Awaitable[Sequence[Row]]] = no_rows
    """The latest first."""
    clock: Callable[[], float] = time.time

    async def explain(self, kind: str, name: str) -> Explanation:
        """Explain the peer, message or destination *name*."""
        if kind == "message":
            return explain_message(name, await self.rows_of_message(name), self.clock())
        observed, cases = await self.observed(), (await self.status())["cases"]
        if kind == "destination":
            return explain_destination(name, observed, cases, self.clock())
        peers = [each for each in observed["peers"] if name in (each["peer"], each["address"])]
        associations = sorted(await self.associations(name), key=lambda each: -each["at"])
        known = Known(associations, peers, cases, await self.rows_of_peer(name))
        return explain_peer(name, known, self.path, self.clock())


def explainer_of(config: Config, source: StatusSource, associations: FindAssociations) -> Explainer:
    """Return the explainer of a gateway."""
    journal = JournalRows(config.data_dir)
    path = key_paths_of(config)
    return Explainer(source.observed, source.status, associations, path, journal.of_message, journal.of_peer)


def add_explain_api(application: web.Application, explainer: Explainer) -> None:
    """Add the explanations to the admin port. They name peers, so its access must demand authentication."""

    async def show(request: web.Request) -> web.Response:
        given = [(kind, value) for kind, value in request.query.items() if kind in KINDS]
        if len(given) != 1 or len(request.query) != 1 or not 0 < len(given[0][1]) <= LONGEST:
            return web.json_response({"error": WHICH}, status=400)
        return web.json_response(await explainer.explain(*given[0]), headers=HEADERS)

    application.router.add_get(EXPLAIN, show)


def add_associations_api(application: web.Application, find: Callable[[str], Sequence[AssociationSeen]]) -> None:
    """Add the associations of this worker's peers, for the supervisor."""

    async def show(request: web.Request) -> web.Response:
        return web.json_response(list(find(request.query.get("peer", ""))), headers=HEADERS)

    application.router.add_get(ASSOCIATIONS, show)
