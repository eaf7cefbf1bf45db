"""The listener that fetches the instances of a DICOM store."""

from contextlib import AsyncExitStack

from adapters.events.dicom.instance import InstanceAddresses
from adapters.events.dicom.source import InstanceSource, naming
from adapters.events.fetching import FetchEnds, Fetcher, FetchRules
from adapters.events.intake import instance_deliverer
from adapters.events.listener import PubsubListener, Work
from adapters.events.settings import PubsubDicomSettings
from adapters.events.telling import Teller
from adapters.rest.http.client import Client


class DicomListener(PubsubListener):
    """Fetches the instances of a DICOM store."""

    _settings: PubsubDicomSettings

    async def _open_work(self, stack: AsyncExitStack, store: Client) -> Work:  # noqa: ARG002  nothing is left behind
        settings, addresses = self._settings, InstanceAddresses(self._settings.store)
        source = InstanceSource(store, addresses, self._own.known, settings.max_reply_bytes)
        take = instance_deliverer(self._name, settings.host, self._deliver, self._meter)
        tell, settling = Teller(self._name, naming), self._subscription.settling
        ends = FetchEnds(addresses.is_name, source.get, take, settling, self._source_meter, tell)
        return Fetcher(FetchRules(settings.settle_seconds, settings.on_refused == "skip"), ends)
