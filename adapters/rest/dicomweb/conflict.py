"""Whether what a store holds under a SOP Instance UID is the instance that was sent.

1. The instance is fetched as it is stored. The same octets behind the File Meta Information: it is the same one.
2. Other octets may be the same content, in another uncompressed transfer syntax, or with other group lengths, ends of
   sequences or padding. The contents are compared (``content``), both to their ends, which needs a body that can be
   read again, or one that is read for that while it passes. With one that has passed by, the store is asked for the
   instance in the transfer syntax that was sent: the same octets will do. Else the comparison is made when the instance
   is sent again, and the instances that follow are read while they pass: a study is mostly sent again as a whole. Only
   as many octets, but others, in the same transfer syntax are another instance without all that.
3. An answer that is no DICOM file, such as a page of a proxy, or that breaks off, says nothing about what is held.
4. A store may answer before it has the whole body. The rest is read then; where that is gone, nobody can tell either,
   and the instance has to be sent again.
5. Where one of the two is compressed and the other is not, or one cannot be read to its end, nobody can tell: what a
   codec did to the pixels cannot be undone. The instance counts as another one then, and ``on_conflict`` decides.
6. A store that gives back nothing, however it is asked, will not do so tomorrow.
"""

from adapters.rest.dicomweb.content import UNCOMPRESSED, ContentComparison
from adapters.rest.dicomweb.fingerprint import Comparison, Fingerprint
from adapters.rest.dicomweb.holdings import NEVER_GIVEN_BACK, Holdings
from adapters.rest.dicomweb.stow_response import DUPLICATE
from adapters.rest.http.exchange import BROKE_OFF
from adapters.rest.http.sent import Sent
from gateway.contract.errors import GatewayError
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook

DIFFERS = Refused("the store holds another instance with this SOP Instance UID", code=DUPLICATE)
INCOMPARABLE = Refused(
    "the store holds this SOP Instance UID in another encoding, and the two cannot be compared", code=DUPLICATE
)
COMPARED_NEXT = Unavailable(
    "the store holds this SOP Instance UID in another encoding; they are compared when it is sent again"
)
NOT_GIVEN_BACK = Unavailable(
    "the store's answer is not the instance that it holds", maybe_stored=True, outlook=Outlook.DOUBTFUL
)
ANSWERED_EARLY = Unavailable(
    "the store answered too early to compare the two instances", maybe_stored=True, outlook=Outlook.DOUBTFUL
)

Conflict = Refused | Unavailable


def is_untold(conflict: Conflict) -> bool:
    """Whether the store did not say, or cannot say, what it holds."""
    if isinstance(conflict, Unavailable):
        return conflict.maybe_stored
    return conflict in {INCOMPARABLE, NEVER_GIVEN_BACK}


async def find_conflict(holdings: Holdings, address: str, sent: Sent) -> Conflict | None:
    """Return None when the instance at *address* is the one that was *sent*."""
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
    # Where the transfer syntaxes are alike, what was guessed of one was guessed of the other in the same way.
    is_certain = is_alike or not (guessed or comparison.guessed)
    return None if is_same else DIFFERS if is_same is False and is_certain else INCOMPARABLE
