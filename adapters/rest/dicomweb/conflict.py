"""Whether what a store holds under a SOP Instance UID is the instance that was sent.

1. The instance is fetched as it is stored. If the octets after the File Meta Information are the same, it is the same
   instance.
2. Other octets may be the same content, in another uncompressed transfer syntax, or with other group lengths, ends of
   sequences or padding. The two contents are compared to their ends (``content``). This needs a body that can be read
   again, or one whose content was read while it was sent. Otherwise the store is asked for the instance in the transfer
   syntax that was sent; the same octets then mean the same instance. If they are not the same, the comparison waits
   until the instance is sent again, and the contents of the following instances are read while they are sent, because
   a study is mostly sent again as a whole. Other octets of the same length in the same transfer syntax are another
   instance without all this.
3. An answer that is no DICOM file, such as a page of a proxy, or that is incomplete, says nothing about what is held.
4. A store may answer before it has the whole body. The rest of the body is then read; if that is impossible, the two
   cannot be compared, and the instance has to be sent again.
5. If one of the two is compressed and the other is not, or if one cannot be read to its end, they cannot be compared:
   what a codec did to the pixels cannot be undone. The instance then counts as another one; ``on_conflict`` decides.
6. A store that gives back nothing, in whatever form it is asked, will not do so later either.
"""

from adapters.rest.dicomweb.content import UNCOMPRESSED, ContentComparison
from adapters.rest.dicomweb.fingerprint import Comparison, Fingerprint
from adapters.rest.dicomweb.holdings import NEVER_GIVEN_BACK, Holdings
from adapters.rest.dicomweb.stow_response import DUPLICATE, IS_DUPLICATE, UNCLEAR
from adapters.rest.http.exchange import BROKE_OFF
from adapters.rest.http.sent import Sent
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.errors import GatewayError
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook

DIFFERS = Refused("the store holds another instance with this SOP Instance UID", code=DUPLICATE, diagnosis=IS_DUPLICATE)
INCOMPARABLE = Refused(
    "the store holds this SOP Instance UID in another encoding, and the two cannot be compared",
    code=DUPLICATE,
    diagnosis=IS_DUPLICATE,
)
COMPARED_NEXT = Unavailable(
    "the store holds this SOP Instance UID in another encoding; the two are compared when the instance is sent again",
    diagnosis=IS_DUPLICATE,
)
NOT_GIVEN_BACK = Unavailable(
    "the store's answer is not the instance that it holds",
    maybe_stored=True,
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.OTHER_CONTENT),
)
ANSWERED_EARLY = Unavailable(
    "the store answered too early to compare the two instances",
    maybe_stored=True,
    outlook=Outlook.DOUBTFUL,
    diagnosis=UNCLEAR,
)

Conflict = Refused | Unavailable


def is_untold(conflict: Conflict) -> bool:
    """Whether the store did not say, or cannot say, what it holds."""
    if isinstance(conflict, Unavailable):
        return conflict.maybe_stored
    return conflict in {INCOMPARABLE, NEVER_GIVEN_BACK}


async def find_conflict(holdings: Holdings, address: str, sent: Sent) -> Conflict | None:
    """Return None if the instance at *address* is the one that was *sent*, else the outcome of the conflict."""
    try:
        if not await sent.read_on():
            return ANSWERED_EARLY
        fingerprint = await sent.fingerprint()
        held = Comparison(fingerprint)
        if (failure := await holdings.retrieve(address, held.update, fingerprint.transfer_syntax)) is not None:
            return failure
        is_same, syntax = held.finish()
        if is_same:
            return None
        if not held.is_instance:
            return NOT_GIVEN_BACK
        is_as_long = held.length == fingerprint.length
        return await _compare_content(holdings, address, sent, fingerprint, syntax, is_as_long=is_as_long)
    except (GatewayError, OSError):
        return Unavailable(BROKE_OFF, maybe_stored=True)


async def _compare_content(
    holdings: Holdings, address: str, sent: Sent, fingerprint: Fingerprint, held: str, *, is_as_long: bool
) -> Conflict | None:
    ours = fingerprint.transfer_syntax
    is_alike = bool(ours) and ours == held
    if not is_alike and not {ours, held} <= UNCOMPRESSED:
        return INCOMPARABLE
    if sent.has_content:
        return await _compare_read(holdings, address, sent, ours, is_alike=is_alike)
    if is_alike:
        return DIFFERS if is_as_long else COMPARED_NEXT
    transcoded = Comparison(fingerprint)
    failure = await holdings.transcode(address, transcoded.update, ours)
    return None if failure is None and transcoded.finish()[0] else COMPARED_NEXT


async def _compare_read(
    holdings: Holdings, address: str, sent: Sent, sent_as: str, *, is_alike: bool
) -> Conflict | None:
    content, guessed = await sent.content()
    if content is None:
        return INCOMPARABLE
    comparison = ContentComparison(content)
    if (failure := await holdings.retrieve(address, comparison.update, sent_as)) is not None:
        return failure
    is_same = comparison.is_same()
    if not comparison.is_instance:
        return NOT_GIVEN_BACK
    # With the same transfer syntax, the same guesses were made for both data sets.
    is_certain = is_alike or not (guessed or comparison.guessed)
    return None if is_same else DIFFERS if is_same is False and is_certain else INCOMPARABLE
