"""Fetches the instances of a DICOM store. It cannot be asked what is new: only a notification tells of an instance."""

from collections.abc import Awaitable, Callable, Collection

from adapters.events.dicom.instance import Instance, InstanceAddresses, read_instance, uid_of
from adapters.events.getting import Gone, get_body
from adapters.rest.http.client import Client
from gateway.contract.meter import Passed
from gateway.contract.outcome import Unavailable

ACCEPT = "application/dicom; transfer-syntax=*"


class InstanceSource:
    """One store, by a *client* that is entered and left by others; instances may have *most* octets."""

    def __init__(
        self,
        client: Client,
        addresses: InstanceAddresses,
        own: Callable[[Collection[str]], Awaitable[Collection[str]]],
        most: int,
    ) -> None:
        self._client, self._addresses, self._most = client, addresses, most
        self._own = own
        """Returns the SOP Instance UIDs that Hilum has stored itself."""

    async def get(self, name: str) -> Instance | Passed | Unavailable:
        """Return the instance, or that it is gone or Hilum has stored it itself."""
        if await self._own([uid_of(name)]):
            return Passed.OWN
        body = await get_body(self._client, self._addresses.instance(name), ACCEPT, self._most)
        if isinstance(body, Gone):
            return Passed.GONE
        return body if isinstance(body, Unavailable) else read_instance(body, name)


def naming(name: str) -> dict[str, str]:
    """Return what names an instance in a log."""
    return {"sop_instance_uid": uid_of(name)}
