"""Negotiation (PS3.8 9.3, PS3.7 D.3): a pure function of proposal and policy.

Which SOP classes are accepted as storage: those that PS3.6 table A-1 (as shipped with pydicom) lists as a SOP class
with "Storage" in its name, or without a name below the storage root (two retired ones). The exceptions are storage
commitment, storage management and the media directory, which are not C-STORE services. A UID that the table does not
list, because it is private or newer than the table, is accepted, too: the gateway does not interpret instances. All
other registered UIDs (query and retrieve, worklist, MPPS, print, …) are services that Hilum does not offer, and get
result 3.

Which transfer syntax is accepted: the first proposed one that PS3.6 registers for stored objects, since any store may
be behind the gateway. A transfer syntax that is private, unknown or meant for something else is accepted only if no
other one is proposed: the store may know it, and such objects cannot be sent in another way.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from pydicom._uid_dict import UID_dictionary  # pydicom.uid.AllTransferSyntaxes leaves the retired ones out
from pydicom.config import IGNORE
from pydicom.uid import UID

from adapters.dimse.protocol.associate import APPLICATION_CONTEXT, ContextResult, Proposal, ProposedContext

VERIFICATION = "1.2.840.10008.1.1"
STORAGE_ROOT = "1.2.840.10008.5.1.4.1.1."
IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
# PS3.6 table A-1 beyond the table of pydicom: JPEG XL and deflated frames.
NEWER_SYNTAXES = tuple(f"1.2.840.10008.1.2.{each}" for each in ("4.110", "4.111", "4.112", "8.1"))
# Registered, but not for stored objects: referenced pixel data (JPIP), MIME and XML encodings, real-time video
# (PS3.22), and Papyrus files.
NOT_FOR_STORED_OBJECTS = tuple(
    f"1.2.840.10008.1.{each}"
    for each in ("2.4.94", "2.4.95", "2.4.204", "2.4.205", "2.6.1", "2.6.2", "2.7.1", "2.7.2", "2.7.3", "20")
)
REGISTERED_SYNTAXES = [each for each, (_, kind, *_) in UID_dictionary.items() if kind == "Transfer Syntax"]
STORED_SYNTAXES = frozenset((*REGISTERED_SYNTAXES, *NEWER_SYNTAXES)).difference(NOT_FOR_STORED_OBJECTS)
NOT_STORAGE = ("Storage Commitment", "Storage Management", "Media Storage Directory")

ACCEPTED, ABSTRACT_SYNTAX_NOT_SUPPORTED, TRANSFER_SYNTAXES_NOT_SUPPORTED = 0, 3, 4  # PS3.8 table 9-18


class Refusal(Enum):
    """Why an association is rejected: result, source, reason (PS3.8 table 9-21)."""

    APPLICATION_CONTEXT = (1, 1, 2)
    CALLING_AE_TITLE = (1, 1, 3)
    CALLED_AE_TITLE = (1, 1, 7)
    PROTOCOL_VERSION = (1, 2, 2)
    CONGESTION = (2, 3, 1)
    LOCAL_LIMIT = (2, 3, 2)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a listener accepts. None means no restriction."""

    called_ae_titles: Collection[str] | None = None
    calling_ae_titles: Collection[str] | None = None
    sop_classes: Collection[str] | None = None
    transfer_syntaxes: Collection[str] | None = None
    max_pdu: int = 131072

    def takes(self, sop_class_uid: str) -> bool:
        """Whether an instance of this SOP class may be stored."""
        return is_storage(sop_class_uid) and _allows(self.sop_classes, sop_class_uid)


@dataclass(frozen=True, slots=True)
class Context:
    """A presentation context that both sides agreed on."""

    abstract_syntax: str
    transfer_syntax: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The association is accepted, although perhaps none of its presentation contexts is."""

    results: tuple[ContextResult, ...]
    contexts: Mapping[int, Context]
    """The accepted presentation contexts, by ID."""
    roles: tuple[tuple[str, bool], ...]


def negotiate(proposal: Proposal, policy: Policy) -> Acceptance | Refusal:
    """Return the answer to *proposal* under *policy*."""
    if not proposal.protocol_version & 1:  # PS3.8 9.3.2: bit 0 is version 1; other bits may be set as well
        return Refusal.PROTOCOL_VERSION
    if proposal.application_context != APPLICATION_CONTEXT:
        return Refusal.APPLICATION_CONTEXT
    if not _allows(policy.called_ae_titles, proposal.called_ae_title):
        return Refusal.CALLED_AE_TITLE
    if not _allows(policy.calling_ae_titles, proposal.calling_ae_title):
        return Refusal.CALLING_AE_TITLE
    return _accept(proposal, policy)


def is_storage(uid: str) -> bool:
    """Whether *uid* may be a storage SOP class; see the module's docstring."""
    known = UID(uid, validation_mode=IGNORE)
    if not known.type:
        return bool(uid)
    if known.type != "SOP Class":
        return False
    if not known.name or known.name == uid:
        return uid.startswith(STORAGE_ROOT)
    return "Storage" in known.name and not known.name.startswith(NOT_STORAGE)


def _allows(allowed: Collection[str] | None, value: str) -> bool:
    return allowed is None or value in allowed


def _accept(proposal: Proposal, policy: Policy) -> Acceptance:
    results = tuple(_judge(context, policy) for context in proposal.contexts)
    contexts = {
        context.context_id: Context(context.abstract_syntax, result.transfer_syntax)
        for context, result in zip(proposal.contexts, results, strict=True)
        if result.result == ACCEPTED
    }
    agreed = {context.abstract_syntax for context in contexts.values()}
    return Acceptance(results, contexts, tuple(role for role in proposal.roles if role[0] in agreed))


def _judge(context: ProposedContext, policy: Policy) -> ContextResult:
    if context.abstract_syntax == VERIFICATION:
        allowed = list(context.transfer_syntaxes)  # a C-ECHO has no data set, so any transfer syntax is acceptable
    elif policy.takes(context.abstract_syntax):
        allowed = [syntax for syntax in context.transfer_syntaxes if _allows(policy.transfer_syntaxes, syntax)]
    else:
        return _reject(context, ABSTRACT_SYNTAX_NOT_SUPPORTED)
    chosen = next((syntax for syntax in allowed if syntax in STORED_SYNTAXES), next(filter(None, allowed), None))
    if chosen is None:
        return _reject(context, TRANSFER_SYNTAXES_NOT_SUPPORTED)
    return ContextResult(context.context_id, ACCEPTED, chosen)


def _reject(context: ProposedContext, result: int) -> ContextResult:
    # PS3.8 table 9-18: a rejected context has a transfer syntax, too; its value is not significant.
    return ContextResult(context.context_id, result, IMPLICIT_VR_LITTLE_ENDIAN)
