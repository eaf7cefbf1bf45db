"""Asks a DICOMweb store what it holds: QIDO-RS to find an instance, WADO-RS to compare it, DELETE to remove it."""

import asyncio

from adapters.rest.dicomweb.dicom_json import (
    SERIES_INSTANCE_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    is_data_set,
    uid,
)
from adapters.rest.dicomweb.stow_response import DUPLICATE, IS_DUPLICATE, UNCLEAR
from adapters.rest.http.client import Client
from adapters.rest.http.http1 import Sink
from adapters.rest.http.off_loop import off_loop
from adapters.rest.http.reply import Reply, read_json
from adapters.rest.verdict.answers import BY_DEFAULT
from adapters.rest.verdict.bare_success import is_bare_success
from adapters.rest.verdict.diagnoses import diagnose_reply
from adapters.rest.verdict.outcomes import dicom_outcome
from adapters.rest.verdict.store_reason import said, words_of
from gateway.contract.message import UID
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook

RELATED = 'multipart/related; type="application/dicom"'
TRANSCODED = RELATED + "; transfer-syntax={}"
FORMS = (TRANSCODED.format("*"), TRANSCODED, RELATED, "application/dicom")
"""The values of Accept that are tried in turn: as stored, because a transcoding store would send other octets for the
same instance; as sent; and simpler ones. Each has only one type, because Orthanc answers 400 to a list."""
NOT_IN_THIS_FORM = {400, 406, 415}
FIRST_PAUSE = 0.1
"""Seconds before the query for an instance that was not found is repeated; each next pause is twice as long."""
NOT_SAID = "the store's answer to QIDO-RS does not say what it holds"
NOT_OFFERED = {400, 404, 405, 406, 410, 415, 501}
"""Permanent answers to a query: the store does not offer it, or not in this form."""
NEVER_GIVEN_BACK = Refused(
    "the store holds this SOP Instance UID, and does not give it back to compare",
    code=DUPLICATE,
    diagnosis=IS_DUPLICATE,
)
NOT_DELETED = "the store's answer to DELETE does not say that the instance is deleted"


class Holdings:
    """Queries about the instances in the store under *root*."""

    def __init__(self, client: Client, root: str) -> None:
        self._client = client
        self._root = root
        self._form = 0
        """The index in FORMS of the last one that the store accepted."""

    async def find(self, sop_instance_uid: str, until: float = 0) -> list[str] | Unavailable | None:
        """Return the addresses of the instances with this UID; None if the store does not offer QIDO-RS.

        If there are none, the store is asked again until *until*, a time of the loop, because its index may lag behind.
        """
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while (found := await self._find(sop_instance_uid)) == [] and (left := until - loop.time()) > 0:
            await asyncio.sleep(min(pause, left))
            pause *= 2
        return found

    async def _find(self, sop_instance_uid: str) -> list[str] | Unavailable | None:
        """Query the store once.

        Addresses are made only of valid UIDs: a store that names anything else has not said where the instance is.
        """
        if not UID.fullmatch(sop_instance_uid):
            return None
        url = f"{self._root}/instances?SOPInstanceUID={sop_instance_uid}"
        reply = await self._client.request("GET", url, {"Accept": "application/dicom+json"})
        if isinstance(reply, Unavailable):
            return reply
        if reply.status in NOT_OFFERED:
            return None
        if reply.status == 204:
            return []
        found = await off_loop(reply, lambda: read_json(reply.body)) if reply.status == 200 else None
        # A list of anything else than data sets does not say what the store holds.
        if not isinstance(found, list) or not all(map(is_data_set, found)):
            outlook, diagnosis = _outlook(reply.status), diagnose_reply(reply)
            return Unavailable(NOT_SAID, retry_after=reply.retry_after, outlook=outlook, diagnosis=diagnosis)
        return self._addresses(found, sop_instance_uid)

    def _addresses(self, found: list[object], sop_instance_uid: str) -> list[str] | Unavailable:
        # Some stores ignore a key they do not know and list everything.
        own = [each for each in found if uid(each, SOP_INSTANCE_UID) == sop_instance_uid]
        places = [(uid(each, STUDY_INSTANCE_UID), uid(each, SERIES_INSTANCE_UID)) for each in own]
        if not all(each and UID.fullmatch(each) for place in places for each in place):
            return Unavailable(NOT_SAID, outlook=Outlook.DOUBTFUL, diagnosis=UNCLEAR)
        return [
            f"{self._root}/studies/{study}/series/{series}/instances/{sop_instance_uid}" for study, series in places
        ]

    async def retrieve(self, address: str, sink: Sink, sent_as: str = "") -> Refused | Unavailable | None:
        """Pass the reply with the instance at *address* to *sink*; return why that failed, or None.

        The instance was sent in the transfer syntax *sent_as*. If the store does not accept the first of FORMS, the
        others are tried; a store that accepts none of them will not accept them later either.
        """
        for form in (self._form, *(each for each in range(len(FORMS)) if each != self._form)):
            if "{}" in FORMS[form] and not sent_as:
                continue
            reply = await self._get(address, sink, FORMS[form].format(sent_as))
            if isinstance(reply, Unavailable):
                return reply
            if reply.status == 200:
                self._form = form
                return None
            if reply.status not in NOT_IN_THIS_FORM:
                return _not_comparable(reply)
        return NEVER_GIVEN_BACK

    async def transcode(self, address: str, sink: Sink, transfer_syntax: str) -> Unavailable | None:
        """Pass the reply with the instance at *address* in *transfer_syntax* to *sink*; return why that failed."""
        reply = await self._get(address, sink, TRANSCODED.format(transfer_syntax))
        if isinstance(reply, Unavailable):
            return reply
        return None if reply.status == 200 else _not_given(reply)

    async def _get(self, address: str, sink: Sink, accept: str) -> Reply | Unavailable:
        return await self._client.request("GET", address, {"Accept": accept}, sink=sink)

    async def delete(self, address: str) -> Refused | Unavailable | None:
        """Remove the instance at *address*; return why that failed.

        A page of a proxy does not prove that anything was deleted, whatever its status.
        """
        reply = await self._client.request("DELETE", address, {})
        if isinstance(reply, Unavailable):
            return reply
        if reply.status in {405, 501}:  # Orthanc's DICOMweb has no DELETE: sending again would not help
            reason = "the store holds another instance and cannot delete it"
            return Refused(reason, code=DUPLICATE, diagnosis=IS_DUPLICATE)
        if not (200 <= reply.status < 300 or reply.status in {404, 410}):
            return dicom_outcome(reply)
        if _tells_of_deletion(reply):
            return None
        reason = said(words_of(reply), NOT_DELETED)
        return Unavailable(reason, outlook=Outlook.DOUBTFUL, diagnosis=diagnose_reply(reply))


def _tells_of_deletion(reply: Reply) -> bool:
    if reply.status in {404, 410}:  # the store says that there is no such instance
        return not reply.body.strip() or isinstance(read_json(reply.body), dict)
    return is_bare_success(reply.body) or _names_what_is_left(read_json(reply.body))


def _names_what_is_left(value: object) -> bool:
    """Whether *value* is Orthanc's answer: it names the study or patient that has more instances, or null."""
    return isinstance(value, dict) and set(value) == {"RemainingAncestor"}


def _not_comparable(reply: Reply) -> Refused | Unavailable:
    return NEVER_GIVEN_BACK if reply.status in {405, 501} else _not_given(reply)


def _not_given(reply: Reply) -> Unavailable:
    reason = f"the store does not give back the instance it holds (HTTP {reply.status})"
    return Unavailable(
        said(words_of(reply), reason),
        reply.retry_after,
        maybe_stored=True,
        outlook=_outlook(reply.status),
        diagnosis=diagnose_reply(reply),
    )


def _outlook(status: int) -> Outlook:
    """Return what to expect from asking again after a reply with this *status*.

    A request that the store does not offer or understand will fail again; but that says nothing about the instance.
    """
    outlook = BY_DEFAULT.to_status(status)
    return Outlook.DOUBTFUL if status in NOT_OFFERED or outlook is Outlook.FINAL else outlook
