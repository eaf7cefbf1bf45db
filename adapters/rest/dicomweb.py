"""A destination that stores DICOM instances with STOW-RS, one instance per request.

**Sending again is success.** Stores differ in what they do with an instance they already hold. Orthanc answers 200 and
keeps its own copy (or takes the new one, with its option OverwriteInstances), without telling which; Google answers
409; Azure 409 with reason 45070. After a conflict the instance is looked up (QIDO-RS), fetched back as stored (WADO-RS)
and compared octet by octet after the File Meta Information: the same one is `Stored`, another one `Refused` with 0111.
A body that is still arriving cannot be read a second time for that, so its data set is hashed while it passes
(``fingerprint`` has the cost); a replayable one is hashed only after a conflict.

**on_conflict: overwrite.** A replayable body is sent again after the other instance was deleted. With one that has
passed by, nothing is deleted yet: the answer is `Unavailable`, and when the same UID comes again the other instance is
deleted just before the new one is sent. The store is never left without both while nobody is sending.
"""

import secrets
from collections.abc import AsyncIterator

import structlog

from adapters.rest.destination import RestDestination
from adapters.rest.exchange import Streamed
from adapters.rest.fingerprint import DataSetDigest, Fingerprint
from adapters.rest.holdings import Holdings
from adapters.rest.multipart import Related
from adapters.rest.reply import Reply
from adapters.rest.settings import DicomwebSettings
from adapters.rest.stow_response import DUPLICATE, Doubt, find_verdict, stow_outcome
from gateway.message import Body, Buffer, Message, Outcome, Refused, Stored, Unavailable

log = structlog.get_logger()

MAX_REPLACEMENTS = 1024
DIFFERS = Refused("the store holds another instance with this SOP Instance UID", code=DUPLICATE)


class Dicomweb(RestDestination):
    """STOW-RS to one DICOMweb root."""

    def __init__(self, name: str, settings: DicomwebSettings) -> None:
        super().__init__(name, settings)
        self._root = settings.url.rstrip("/")
        self._overwrite = settings.on_conflict == "overwrite"
        self._holdings = Holdings(self._client, self._root)
        self._replaced_next: dict[str, str] = {}
        """SOP Instance UID to the address of the instance that the next one of this UID replaces."""

    async def deliver(self, message: Message) -> Outcome:
        """Store the instance and tell what became of it."""
        sop_instance_uid = message.identifiers["sop_instance_uid"]
        address = self._replaced_next.pop(sop_instance_uid, None)
        failure = None if address is None else await self._delete(address, sop_instance_uid)
        return failure or await self._store(message, sop_instance_uid, overwrite=self._overwrite)

    async def _store(self, message: Message, sop_instance_uid: str, *, overwrite: bool) -> Outcome:
        digest = DataSetDigest()
        reply = await self._post(message.body, digest)
        if isinstance(reply, Unavailable):
            return reply
        outcome = stow_outcome(reply, find_verdict(reply, sop_instance_uid))
        if not isinstance(outcome, Doubt):
            return outcome
        addresses = await self._holdings.find(sop_instance_uid)
        if addresses is None:
            return outcome.unknown
        if not addresses:
            return outcome.absent
        if outcome.compare and (conflict := await self._conflict(addresses, message.body, digest)) is not None:
            may_replace = overwrite and conflict is DIFFERS and len(addresses) == 1
            return await self._replace(message, sop_instance_uid, addresses[0]) if may_replace else conflict
        return Stored()

    async def _conflict(self, addresses: list[str], body: Body, digest: DataSetDigest) -> Refused | Unavailable | None:
        """Return None when one of *addresses* is this very instance."""
        fingerprint = await _fingerprint(body, digest)
        conflict: Refused | Unavailable = DIFFERS
        for address in addresses:
            same = await self._holdings.is_same(address, fingerprint)
            if same is True:
                return None
            conflict = same or conflict
        return conflict

    async def _post(self, body: Body, digest: DataSetDigest) -> Reply | Unavailable:
        related = Related(boundary=secrets.token_hex(16), media_type="application/dicom")
        headers = {"Content-Type": related.content_type, "Accept": "application/dicom+json"}
        streamed = Streamed(_framed(body, related, digest), related.length(body.length))
        return await self._client.request("POST", f"{self._root}/studies", headers, streamed)

    async def _replace(self, message: Message, sop_instance_uid: str, address: str) -> Outcome:
        if message.body.replayable:
            if (failure := await self._delete(address, sop_instance_uid)) is not None:
                return failure
            return await self._store(message, sop_instance_uid, overwrite=False)
        if len(self._replaced_next) >= MAX_REPLACEMENTS:
            del self._replaced_next[next(iter(self._replaced_next))]
        self._replaced_next[sop_instance_uid] = address
        return Unavailable("the store holds another instance; it is replaced when this one is sent again")

    async def _delete(self, address: str, sop_instance_uid: str) -> Refused | Unavailable | None:
        failure = await self._holdings.delete(address)
        if failure is None:
            log.info("instance_deleted", destination=self.name, sop_instance_uid=sop_instance_uid)
        return failure


async def _framed(body: Body, related: Related, digest: DataSetDigest) -> AsyncIterator[Buffer]:
    yield related.prefix
    async for chunk in body.chunks():
        if not body.replayable:
            digest.update(chunk)
        yield chunk
    yield related.suffix


async def _fingerprint(body: Body, digest: DataSetDigest) -> Fingerprint:
    if body.replayable:
        async for chunk in body.chunks():
            digest.update(chunk)
    return digest.finish()
