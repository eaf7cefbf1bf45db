"""Whether what a store holds under a SOP Instance UID is the instance that was sent.

1. The instance is fetched as it is stored. The same octets behind the File Meta Information: it is the same one. Other
   octets in the same transfer syntax: it is another one.
2. In two different uncompressed transfer syntaxes the contents are compared (``content``), which needs a body that can
   be read again, or one that is read for that while it passes. With one that has passed by, the store is asked for the
   instance in the transfer syntax that was sent: the same octets will do. Else the comparison is made when the instance
   is sent again, and the instances that follow are read while they pass: a study is mostly sent again as a whole.
3. An answer that is no DICOM file, such as a page of a proxy, or that breaks off, says nothing about what is held.
4. A store may answer before it has the whole body. The rest is read then; where that is gone, nobody can tell either,
   and the instance has to be sent again.
5. Where one of the two is compressed, or its transfer syntax is not known, nobody can tell: what a codec did to the
   pixels cannot be undone. The instance counts as another one then, and ``on_conflict`` decides.
"""

from adapters.rest.content import UNCOMPRESSED, ContentComparison
from adapters.rest.exchange import BROKE_OFF
from adapters.rest.fingerprint import Comparison, Fingerprint
from adapters.rest.holdings import Holdings
from adapters.rest.sent import Sent
from adapters.rest.stow_response import DUPLICATE
from gateway.errors import GatewayError
from gateway.message import Refused, Unavailable
from gateway.outlook import Outlook

DIFFERS = Refused("the store holds another instance with this SOP Instance UID", code=DUPLICATE)
INCOMPARABLE = Refused(
    "the store holds this SOP Instance UID in another encoding, and the two cannot be compared", code=DUPLICATE
)
COMPARED_NEXT = Unavailable(
    "the store holds this SOP Instance UID in another transfer syntax; they are compared when it is sent again"
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
    return conflict is INCOMPARABLE or (isinstance(conflict, Unavailable) and conflict.maybe_stored)


async def find_conflict(holdings: Holdings, address: str, sent: Sent) -> Conflict | None:
    """Return None when the instance at *address* is the one that was *sent*."""
    try:
        if not await sent.read_on():
            return ANSWERED_EARLY
        fingerprint = await sent.fingerprint()
        held = Comparison(fingerprint)
        if (failure := await holdings.retrieve(address, held.update)) is not None:
            return failure
        is_same, syntax = held.finish()
        if is_same:
            return None
        if not held.is_instance:
            return NOT_GIVEN_BACK
        return await _compare_content(holdings, address, sent, (fingerprint, syntax))
    except (GatewayError, OSError):
        return Unavailable(BROKE_OFF, maybe_stored=True)


async def _compare_content(
    holdings: Holdings, address: str, sent: Sent, octets: tuple[Fingerprint, str]
) -> Conflict | None:
    fingerprint, held = octets
    ours = fingerprint.transfer_syntax
    if ours and ours == held:
        return DIFFERS
    if not {ours, held} <= UNCOMPRESSED:
        return INCOMPARABLE
    if not sent.has_content:
        transcoded = Comparison(fingerprint)
        failure = await holdings.retrieve(address, transcoded.update, ours)
        return None if failure is None and transcoded.finish()[0] else COMPARED_NEXT
    content, guessed = await sent.content()
    return INCOMPARABLE if content is None else await _compare_read(holdings, address, content, guessed=guessed)


async def _compare_read(holdings: Holdings, address: str, content: Fingerprint, *, guessed: bool) -> Conflict | None:
    comparison = ContentComparison(content, guessed=guessed)
    if (failure := await holdings.retrieve(address, comparison.update)) is not None:
        return failure
    is_same = comparison.is_same()
    if not comparison.is_instance:
        return NOT_GIVEN_BACK
    return {True: None, False: DIFFERS, None: INCOMPARABLE}[is_same]
