"""Negotiation as tables: proposal and policy in, answer out."""

from dataclasses import replace

import pytest
from pydicom.uid import UID
from pynetdicom.sop_class import _NON_PATIENT_OBJECT_CLASSES, _STORAGE_CLASSES

from adapters.dimse.protocol.associate import ContextResult, Proposal, ProposedContext
from adapters.dimse.protocol.negotiation import Acceptance, Context, Policy, Refusal, is_storage, negotiate
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, IMPLICIT, VERIFICATION

MR, FIND = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.2.2.1"
JPEG = "1.2.840.10008.1.2.4.70"
PROPOSAL = Proposal("HILUM", "CT1")
OPEN = Policy()
STRICT = Policy(called_ae_titles={"HILUM"}, calling_ae_titles={"CT1"})

REFUSED: dict[str, tuple[Proposal, Policy, Refusal]] = {
    "another title called": (replace(PROPOSAL, called_ae_title="OTHER"), STRICT, Refusal.CALLED_AE_TITLE),
    "a title in other letters": (replace(PROPOSAL, called_ae_title="hilum"), STRICT, Refusal.CALLED_AE_TITLE),
    "no title called": (replace(PROPOSAL, called_ae_title=""), STRICT, Refusal.CALLED_AE_TITLE),
    "a stranger": (replace(PROPOSAL, calling_ae_title="X"), STRICT, Refusal.CALLING_AE_TITLE),
    "version 2 only": (replace(PROPOSAL, protocol_version=2), OPEN, Refusal.PROTOCOL_VERSION),
    "no version": (replace(PROPOSAL, protocol_version=0), OPEN, Refusal.PROTOCOL_VERSION),
    "another application": (replace(PROPOSAL, application_context="1.2.3"), OPEN, Refusal.APPLICATION_CONTEXT),
}

# The context proposed, the policy, and its result and transfer syntax.
JUDGED: dict[str, tuple[str, tuple[str, ...], Policy, int, str]] = {
    "verification": (VERIFICATION, (IMPLICIT,), OPEN, 0, IMPLICIT),
    "the proposer's first": (CT, (JPEG, EXPLICIT, IMPLICIT), OPEN, 0, JPEG),
    "the first that is allowed": (CT, (JPEG, EXPLICIT), Policy(transfer_syntaxes={EXPLICIT}), 0, EXPLICIT),
    "none that is allowed": (CT, (JPEG,), Policy(transfer_syntaxes={EXPLICIT}), 4, IMPLICIT),
    "none at all": (CT, (), OPEN, 4, IMPLICIT),
    "a private transfer syntax": (CT, ("1.2.3.4",), OPEN, 0, "1.2.3.4"),
    "a private one before the default": (CT, ("1.2.3.4", IMPLICIT), OPEN, 0, IMPLICIT),
    "an unknown one before Explicit": (CT, ("1.2.840.10008.1.2.99", EXPLICIT, IMPLICIT), OPEN, 0, EXPLICIT),
    "GE's private one before a JPEG": (CT, ("1.2.840.113619.5.2", JPEG, EXPLICIT), OPEN, 0, JPEG),
    "a private one behind": (CT, (IMPLICIT, "1.2.3.4"), OPEN, 0, IMPLICIT),
    "a SOP class as a syntax": (CT, (MR, EXPLICIT), OPEN, 0, EXPLICIT),
    "JPIP, whose pixels stay elsewhere": (CT, ("1.2.840.10008.1.2.4.94", EXPLICIT), OPEN, 0, EXPLICIT),
    "JPIP of HTJ2K": (CT, ("1.2.840.10008.1.2.4.205", EXPLICIT), OPEN, 0, EXPLICIT),
    "MIME": (CT, ("1.2.840.10008.1.2.6.1", IMPLICIT), OPEN, 0, IMPLICIT),
    "XML": (CT, ("1.2.840.10008.1.2.6.2", IMPLICIT), OPEN, 0, IMPLICIT),
    "real-time video": (CT, ("1.2.840.10008.1.2.7.1", IMPLICIT), OPEN, 0, IMPLICIT),
    "Papyrus": (CT, ("1.2.840.10008.1.20", IMPLICIT), OPEN, 0, IMPLICIT),
    "a retired one for stored objects": (CT, ("1.2.840.10008.1.2.2", IMPLICIT), OPEN, 0, "1.2.840.10008.1.2.2"),
    "a retired JPEG": (CT, ("1.2.840.10008.1.2.4.52", IMPLICIT), OPEN, 0, "1.2.840.10008.1.2.4.52"),
    "one newer than pydicom's table": (CT, ("1.2.840.10008.1.2.4.110", IMPLICIT), OPEN, 0, "1.2.840.10008.1.2.4.110"),
    "JPIP alone": (CT, ("1.2.840.10008.1.2.4.94",), OPEN, 0, "1.2.840.10008.1.2.4.94"),
    "two private ones": (CT, ("1.2.3.4", "1.2.3.5"), OPEN, 0, "1.2.3.4"),
    "an empty one before a private one": (CT, ("", "1.2.3.4"), OPEN, 0, "1.2.3.4"),
    "empty ones only": (CT, ("", ""), OPEN, 4, IMPLICIT),
    "a private one that is allowed, before one that is not": (
        CT,
        ("1.2.3.4", IMPLICIT),
        Policy(transfer_syntaxes={"1.2.3.4"}),
        0,
        "1.2.3.4",
    ),
    "an allowed class": (CT, (EXPLICIT,), Policy(sop_classes={CT}), 0, EXPLICIT),
    "a class that is not": (MR, (EXPLICIT,), Policy(sop_classes={CT}), 3, IMPLICIT),
    "verification needs no leave": (VERIFICATION, (IMPLICIT,), Policy(None, None, {CT}, {JPEG}), 0, IMPLICIT),
    "a query": (FIND, (IMPLICIT,), OPEN, 3, IMPLICIT),
    "a query that a list allows": (FIND, (IMPLICIT,), Policy(sop_classes={FIND}), 3, IMPLICIT),
    "no abstract syntax": ("", (IMPLICIT,), OPEN, 3, IMPLICIT),
}

STORAGE = {
    "1.2.840.10008.5.1.4.1.1.2": True,  # CT
    "1.2.840.10008.5.1.4.1.1.9.1": True,  # Waveform Storage - Trial, retired
    "1.2.840.10008.5.1.1.30": True,  # Hardcopy Color Image Storage, retired
    "1.2.840.10008.5.1.4.1.1.12.77": True,  # retired, and without a name
    "1.2.840.10008.5.1.4.1.1.501.1": True,  # DICOS CT
    "1.2.840.10008.5.1.4.1.1.99.99": True,  # newer than the table
    "1.3.12.2.1107.5.9.1": True,  # Siemens' private CSA non-image
    "1.2.840.10008.1.3.10": False,  # Media Storage Directory
    "1.2.840.10008.1.20.1": False,  # Storage Commitment Push Model
    "1.2.840.10008.5.1.4.1.1.201.1.1": False,  # an instance, not a class
    "1.2.840.10008.5.1.4.1.1.201.2": False,  # Inventory - FIND
    "1.2.840.10008.5.1.4.31": False,  # Modality Worklist
    "1.2.840.10008.3.1.2.3.3": False,  # MPPS
    "1.2.840.10008.5.1.1.9": False,  # a print meta SOP class
    "1.2.840.10008.1.2.1": False,  # a transfer syntax
    "1.2.840.10008.1.1": False,  # Verification
    "": False,
}


@pytest.mark.parametrize(("proposal", "policy", "refusal"), REFUSED.values(), ids=REFUSED)
def test_refused(proposal: Proposal, policy: Policy, refusal: Refusal) -> None:
    """What makes the association impossible is said as PS3.8 table 9-21 says it."""
    assert refusal == negotiate(proposal, policy)


def test_refusals_are_the_standards() -> None:
    """Result, source and reason of each refusal."""
    assert {
        "APPLICATION_CONTEXT": (1, 1, 2),
        "CALLING_AE_TITLE": (1, 1, 3),
        "CALLED_AE_TITLE": (1, 1, 7),
        "PROTOCOL_VERSION": (1, 2, 2),
        "CONGESTION": (2, 3, 1),
        "LOCAL_LIMIT": (2, 3, 2),
    } == {refusal.name: refusal.value for refusal in Refusal}


@pytest.mark.parametrize(("abstract", "transfers", "policy", "result", "transfer"), JUDGED.values(), ids=JUDGED)
def test_judged(abstract: str, transfers: tuple[str, ...], policy: Policy, result: int, transfer: str) -> None:
    """A context is rejected rather than the association."""
    proposal = replace(PROPOSAL, contexts=(ProposedContext(5, abstract, transfers),))
    contexts = {5: Context(abstract, transfer)} if result == 0 else {}
    assert Acceptance((ContextResult(5, result, transfer),), contexts, ()) == negotiate(proposal, policy)


def test_later_versions_beside_the_first() -> None:
    """PS3.8 9.3.2: each bit is a version, and only the first is tested."""
    assert isinstance(negotiate(replace(PROPOSAL, protocol_version=3), OPEN), Acceptance)


def test_roles_of_accepted_contexts() -> None:
    """The peer stays SCU as it asks; a role for what is not accepted is not answered."""
    contexts = (ProposedContext(1, CT, (EXPLICIT,)), ProposedContext(3, FIND, (IMPLICIT,)))
    reply = negotiate(replace(PROPOSAL, contexts=contexts, roles=((CT, True), (FIND, True))), OPEN)
    assert isinstance(reply, Acceptance)
    assert ((CT, True),) == reply.roles


@pytest.mark.parametrize(("uid", "expected"), STORAGE.items())
def test_storage(uid: str, expected: bool) -> None:
    """Known, retired, private and future storage is taken, other services are not."""
    assert expected == is_storage(uid)


def test_all_that_pynetdicom_calls_storage() -> None:
    """No storage SOP class that pynetdicom knows is left out."""
    known = [*_STORAGE_CLASSES.values(), *_NON_PATIENT_OBJECT_CLASSES.values()]
    assert [] == [uid for uid in known if not is_storage(uid)]


def test_odd_uids_do_not_warn() -> None:
    """A UID against the rules is no reason for pydicom to write of it."""
    assert is_storage("1.2.00.x" + "9" * 80)
    assert UID("1.2.3").type == ""
