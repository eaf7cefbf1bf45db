"""Says of each presentation context that was refused why it was, for operators: a pure function, like negotiation."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydicom._uid_dict import UID_dictionary

from adapters.dimse.protocol.associate import ContextResult, Proposal, ProposedContext
from adapters.dimse.protocol.negotiation import ABSTRACT_SYNTAX_NOT_SUPPORTED, ACCEPTED, Policy, is_storage
from gateway.contract.message import UID


class Why(StrEnum):
    """Why a presentation context is refused."""

    NO_UID = "it names no SOP class"
    NOT_IN_SOP_CLASSES = "not in sop_classes"
    NO_QUERY = "this listener offers no query"
    OTHER_SERVICE = "this listener stores only"
    NO_SYNTAX = "it proposes no transfer syntax"
    NOT_IN_TRANSFER_SYNTAXES = "none of its transfer syntaxes is in transfer_syntaxes"


QUERIES = ("- FIND", "- MOVE", "- GET", "Query")
"""What the names of query services have."""


@dataclass(frozen=True, slots=True)
class RefusedContext:
    """A presentation context that was refused. What the peer has written is here only if it is a UID."""

    sop_class: str
    transfer_syntaxes: tuple[str, ...]
    result: int
    """PS3.8 table 9-18: 3, abstract syntax not supported; 4, transfer syntaxes not supported."""
    why: Why

    @property
    def name(self) -> str:
        """The name of the SOP class; its UID if it has none in PS3.6, because it is private or newer."""
        return name_of(self.sop_class)


def refused_contexts(
    proposal: Proposal, results: Sequence[ContextResult], policy: Policy
) -> tuple[RefusedContext, ...]:
    """Return the contexts of *proposal* that were refused; *results* are in the order in which they were proposed."""
    return tuple(
        RefusedContext(
            context.abstract_syntax if UID.match(context.abstract_syntax) else "",
            tuple(each for each in context.transfer_syntaxes if UID.match(each)),
            result.result,
            _why(context, result.result, policy),
        )
        for context, result in zip(proposal.contexts, results, strict=True)
        if result.result != ACCEPTED
    )


def name_of(uid: str) -> str:
    """Return the name of a UID in PS3.6, or the UID."""
    return UID_dictionary[uid][0] or uid if uid in UID_dictionary else uid


def _why(context: ProposedContext, result: int, policy: Policy) -> Why:
    uid = context.abstract_syntax
    if result == ABSTRACT_SYNTAX_NOT_SUPPORTED:
        if not UID.match(uid):
            return Why.NO_UID
        if is_storage(uid):
            return Why.NOT_IN_SOP_CLASSES
        return Why.NO_QUERY if any(each in name_of(uid) for each in QUERIES) else Why.OTHER_SERVICE
    is_limited = policy.transfer_syntaxes is not None and any(context.transfer_syntaxes)
    return Why.NOT_IN_TRANSFER_SYNTAXES if is_limited else Why.NO_SYNTAX
