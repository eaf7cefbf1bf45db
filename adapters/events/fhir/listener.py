"""The listener that fetches the resources of a FHIR store."""

from contextlib import AsyncExitStack

from adapters.events.fetching import FetchEnds, Fetcher, FetchRules
from adapters.events.fhir.resource import ResourceAddresses, name_in, naming
from adapters.events.fhir.source import Own, ResourceSource
from adapters.events.intake import resource_deliverer
from adapters.events.listener import PubsubListener, Work
from adapters.events.settings import PubsubFhirSettings
from adapters.events.telling import Teller
from adapters.rest.http.client import Client


class FhirListener(PubsubListener):
    """Fetches the resources of a FHIR store."""

    _settings: PubsubFhirSettings
    _name_in = staticmethod(name_in)

    async def _open_work(self, stack: AsyncExitStack, store: Client) -> Work:  # noqa: ARG002  nothing is left behind
        settings, addresses = self._settings, ResourceAddresses(self._settings.store)
        take = resource_deliverer(self._name, settings.host, self._deliver, self._meter)
        versions = _none if settings.deliver_own else self._subscription.leases.versions
        own = Own(settings.own_tag, versions, self._own.known)
        source = ResourceSource(store, addresses, take, own, settings.max_reply_bytes)
        tell, settling = Teller(self._name, naming), self._subscription.settling
        ends = FetchEnds(addresses.is_name, source.get, source.deliver, settling, self._source_meter, tell)
        return Fetcher(FetchRules(settings.settle_seconds, settings.on_refused == "skip"), ends)


def _none(_: str) -> set[str]:
    return set()
