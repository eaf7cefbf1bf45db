"""A destination that writes each message as an object of a bucket.

**The same message again is a success.** If there is an object with its key, the two are compared: the same content is
`Stored`, another one is `Refused`, or replaced with ``on_conflict: overwrite``. A body that is still arriving cannot be
read twice, so its digest is taken while it is written; for the same reason only a body that can be read again replaces
an object.

A key has values of the message, which may name a patient: no reason has it.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

from adapters.dicom.elements import element_tag, read_elements
from adapters.objects.contract import AlreadyThere, BadKey, Bucket, BucketAway, NotAllowed, NotThere, ObjectError
from adapters.objects.destination_settings import BucketDestinationSettings
from adapters.objects.hashing import MessageDigest, Watched, digest_of
from adapters.objects.key_template import DEFAULTS, filled
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.errors import GatewayError, StepRefused
from gateway.contract.kind import Format
from gateway.contract.message import UID, Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

STUDY, SERIES = element_tag("StudyInstanceUID"), element_tag("SeriesInstanceUID")
DUPLICATE = "0111"
DIFFERS = Refused("the bucket has another object with the key of this message", code=DUPLICATE)
CHANGES = Unavailable("the object with the key of this message has just been removed", outlook=Outlook.BUSY)
NO_KEY = Refused("the message lacks a value that `key` of the destination names", code="C000")
BROKE_OFF = Unavailable("the message broke off while it was written to the bucket")
ARRIVING = Refused("the bucket has another object; overwrite needs acknowledge: commit", code=DUPLICATE)
CAUSES: Mapping[type[ObjectError], Cause] = {
    NotAllowed: Cause.NOT_PERMITTED,
    NotThere: Cause.WRONG_ADDRESS,
    BucketAway: Cause.STORE_FAILED,
}
SHOWN_DIGITS = 32


class BucketDestination:
    """Writes messages into one bucket."""

    def __init__(self, name: str, settings: BucketDestinationSettings, bucket: Bucket) -> None:
        self._name, self._settings, self._bucket = name, settings, bucket

    @property
    def name(self) -> str:
        """The key of the destination in the configuration."""
        return self._name

    @property
    def address(self) -> str:
        """The bucket by its name in the configuration."""
        return f"bucket:{self._settings.bucket}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep nothing open: no bucket has a connection of its own."""

    async def probe(self) -> str | None:
        """Return why the bucket cannot be reached now; None if it can."""
        try:
            async for _ in self._bucket.list("hilum-looks-whether-the-bucket-answers"):
                break
        except NotThere:  # a folder that is made by the first message
            return None
        except ObjectError as error:
            return str(error)
        return None

    async def deliver(self, message: Message) -> Outcome:
        """Write *message* and return the outcome."""
        try:
            values, message = await _values(message)
            form = _format(message)
            key = filled(self._settings.key or DEFAULTS[form], values)
            if key is None:
                return NO_KEY
            return await self._written(message, key, is_dicom=form == "dicom")
        except ObjectError as error:
            return _outcome(error)
        except StepRefused:
            raise
        except (GatewayError, OSError):
            return BROKE_OFF

    async def _written(self, message: Message, key: str, *, is_dicom: bool) -> Outcome:
        watched = Watched(message.body.chunks(), MessageDigest(is_dicom=is_dicom))
        try:
            await self._bucket.create(key, watched)
        except AlreadyThere:
            return await self._settled(message, key, watched, is_dicom=is_dicom)
        return Stored()

    async def _settled(self, message: Message, key: str, sent: Watched, *, is_dicom: bool) -> Outcome:
        """Return the outcome where there is an object with the key."""
        ours = await sent.digest()
        try:
            theirs = await digest_of(self._bucket.stream(key), is_dicom=is_dicom)
        except NotThere:
            return CHANGES
        if ours == theirs:
            return Stored()
        if self._settings.on_conflict == "refuse":
            return DIFFERS
        if not message.body.replayable:
            return ARRIVING
        await self._bucket.create(key, message.body.chunks(), replace=True)
        return Stored()


def _format(message: Message) -> Format:
    return "dicom" if "sop_instance_uid" in message.identifiers else "hl7v2"


async def _values(message: Message) -> tuple[Mapping[str, str], Message]:
    """Return what a key may name of *message*, and the message to use from now on."""
    values = {**message.facts, **message.identifiers}
    if _format(message) != "dicom":
        values["digest"] = (await digest_of(message.body.chunks(), is_dicom=False))[:SHOWN_DIGITS]
        return values, message
    found, body = await read_elements(message.body, {STUDY, SERIES})
    uids = {"study": found.get(STUDY, ""), "series": found.get(SERIES, "")}
    uids["instance"] = message.identifiers.get("sop_instance_uid", "")
    values |= {name: uid if UID.fullmatch(uid) else "" for name, uid in uids.items()}
    return values, replace(message, body=body)


def _outcome(error: ObjectError) -> Outcome:
    if isinstance(error, BadKey):
        return Refused(str(error), code="C000")
    cause = CAUSES.get(type(error), Cause.UNKNOWN)
    return Unavailable(str(error), diagnosis=Diagnosis(cause))
