"""Fetches the resources of a FHIR store in their current versions, and knows which versions have been passed on.

Each change is told for itself, but what counts is what the store has now: after several changes, or when notifications
come late or twice, the version that is fetched may be one that was delivered before.
"""

from collections.abc import Awaitable, Callable

from adapters.events.fhir.resource import Resource, ResourceAddresses, read_resource
from adapters.events.getting import Gone, get_body
from adapters.rest.http.client import Client
from gateway.contract.meter import Passed
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

ACCEPT = "application/fhir+json"
MOST_REMEMBERED = 10_000
"""Most versions to remember that were passed on; then those passed on first are forgotten."""
EXECUTED = Refused(
    "the resource is a stored Bundle of type transaction or batch, which a destination would execute, not store"
)


class ResourceSource:
    """One store, by a *client* that is entered and left by others; resources may have *most* octets.

    *own_tag* is the tag of what Hilum has written itself, as ``system|code``.
    """

    def __init__(
        self,
        client: Client,
        addresses: ResourceAddresses,
        deliver: Callable[[Resource], Awaitable[Outcome]],
        own_tag: str | None,
        most: int,
    ) -> None:
        self._client, self._addresses, self._deliver = client, addresses, deliver
        self._own_tag, self._most = own_tag, most
        self._passed_on: dict[str, str] = {}
        """By name: the version that was passed on last."""

    async def get(self, name: str) -> Resource | Passed | Unavailable:
        """Return the resource, or that it is gone, or Hilum's own, or was passed on in this version before."""
        body = await get_body(self._client, self._addresses.resource(name), ACCEPT, self._most)
        if isinstance(body, Gone):
            return Passed.GONE
        resource = body if isinstance(body, Unavailable) else read_resource(body, name)
        if isinstance(resource, Unavailable):
            return resource
        if self._own_tag in resource.tags:
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
