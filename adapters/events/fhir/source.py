"""Fetches the resources of a FHIR store in their current versions, and knows which versions have been passed on.

Each change is told for itself, but what counts is what the store has now: after several changes, or when notifications
come late or twice, the version that is fetched may be one that was delivered before.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from adapters.events.fhir.resource import Resource, ResourceAddresses, read_resource
from adapters.events.getting import Gone, get_body
from adapters.rest.fhir.versions import digest_of
from adapters.rest.http.client import Client
from gateway.contract.meter import Passed
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

ACCEPT = "application/fhir+json"
MOST_REMEMBERED = 10_000
"""Most versions to remember that were passed on; then those passed on first are forgotten."""
EXECUTED = Refused(
    "the resource is a stored Bundle of type transaction or batch, which a destination would execute, not store"
)


@dataclass(frozen=True, slots=True)
class Own:
    """By what Hilum's own writes are known."""

    tag: str | None
    versions: Callable[[str], Collection[str]]
    """Returns the versions of a resource of which notifications tell that are not settled."""
    known: Callable[[Collection[str]], Awaitable[Collection[str]]]
    """Returns those digests of versions that are remembered."""

    async def has_written(self, name: str) -> bool:
        """Whether Hilum has written all versions of which notifications tell.

        Where others have written one of them, the current version is passed on, also if Hilum has written that: the
        change of the others is in it.
        """
        versions = {digest_of("/".join(name.split("/")[-2:]), each) for each in self.versions(name)}
        return bool(versions) and versions <= set(await self.known(versions))


class ResourceSource:
    """One store, by a *client* that is entered and left by others; resources may have *most* octets.

    *own* tells what Hilum has written itself: by its tag, ``system|code``, and by what was remembered of it.
    """

    def __init__(
        self,
        client: Client,
        addresses: ResourceAddresses,
        deliver: Callable[[Resource], Awaitable[Outcome]],
        own: Own,
        most: int,
    ) -> None:
        self._client, self._addresses, self._deliver = client, addresses, deliver
        self._own, self._most = own, most
        self._passed_on: dict[str, str] = {}
        """By name: the version that was passed on last."""

    async def get(self, name: str) -> Resource | Passed | Unavailable:
        """Return the resource, or that it is gone, or Hilum's own, or was passed on in this version before."""
        if await self._own.has_written(name):
            return Passed.OWN
        body = await get_body(self._client, self._addresses.resource(name), ACCEPT, self._most)
        if isinstance(body, Gone):
            return Passed.GONE
        resource = body if isinstance(body, Unavailable) else read_resource(body, name)
        if isinstance(resource, Unavailable):
            return resource
        if self._own.tag in resource.tags:
            return Passed.OWN
        is_known = resource.version != "" and self._passed_on.get(name) == resource.version
        return Passed.REPEATED if is_known else resource

    async def deliver(self, resource: Resource) -> Outcome:
        """Deliver a resource and remember its version."""
        outcome = EXECUTED if resource.is_executed else await self._deliver(resource)
        if isinstance(outcome, Stored):
            self._passed_on.pop(resource.name, None)
            self._passed_on[resource.name] = resource.version
            while len(self._passed_on) > MOST_REMEMBERED:
                del self._passed_on[next(iter(self._passed_on))]
        return outcome
