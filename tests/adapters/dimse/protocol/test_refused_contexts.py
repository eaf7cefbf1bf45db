"""Why presentation contexts are refused."""

from collections.abc import Collection

import pytest

from adapters.dimse.protocol.associate import Proposal, ProposedContext
from adapters.dimse.protocol.negotiation import Acceptance, Policy, negotiate
from adapters.dimse.protocol.refused_contexts import RefusedContext, Why, name_of, refused_contexts

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STORAGE_COMMITMENT = "1.2.840.10008.1.20.1"
EXPLICIT, JPEG_2000 = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"


def refused(
    sop_class: str,
    syntaxes: tuple[str, ...] = (EXPLICIT,),
    sop_classes: Collection[str] | None = None,
    transfer_syntaxes: Collection[str] | None = None,
) -> tuple[RefusedContext, ...]:
    """Return what is said of one proposed context, beside one that is accepted."""
    policy = Policy(sop_classes=sop_classes, transfer_syntaxes=transfer_syntaxes)
    contexts = (ProposedContext(1, CT, (EXPLICIT,)), ProposedContext(3, sop_class, syntaxes))
    proposal = Proposal("HILUM", "PET1", contexts)
    acceptance = negotiate(proposal, policy)
    assert isinstance(acceptance, Acceptance)
    return refused_contexts(proposal, acceptance.results, policy)


def test_accepted() -> None:
    """Nothing is said of a context that is accepted."""
    assert refused(ENHANCED_PET) == ()


@pytest.mark.parametrize(
    ("sop_class", "result", "why"),
    [
        (ENHANCED_PET, 3, Why.NOT_IN_SOP_CLASSES),
        ("1.2.3.4", 3, Why.NOT_IN_SOP_CLASSES),
        (STUDY_ROOT_FIND, 3, Why.NO_QUERY),
        (STORAGE_COMMITMENT, 3, Why.OTHER_SERVICE),
    ],
)
def test_sop_class(sop_class: str, result: int, why: Why) -> None:
    """A class that the configuration leaves out is told from a query and from another service."""
    assert refused(sop_class, sop_classes=[CT]) == (RefusedContext(sop_class, (EXPLICIT,), result, why),)


def test_text_in_place_of_uids() -> None:
    """What is no UID is not repeated: it could be anything."""
    (found,) = refused("MUSTERMANN", ("ERIKA", EXPLICIT), sop_classes=[CT])
    assert found == RefusedContext("", (EXPLICIT,), 3, Why.NO_UID)
    assert found.name == ""


@pytest.mark.parametrize(
    ("syntaxes", "allowed", "why"),
    [
        ((JPEG_2000,), [EXPLICIT], Why.NOT_IN_TRANSFER_SYNTAXES),
        ((), [EXPLICIT], Why.NO_SYNTAX),
        ((), None, Why.NO_SYNTAX),
    ],
)
def test_transfer_syntaxes(syntaxes: tuple[str, ...], allowed: list[str] | None, why: Why) -> None:
    """Transfer syntaxes that the configuration leaves out are told from none at all."""
    assert refused(CT, syntaxes, transfer_syntaxes=allowed) == (RefusedContext(CT, syntaxes, 4, why),)


def test_names() -> None:
    """A UID has the name of PS3.6, or none but itself."""
    assert name_of(ENHANCED_PET) == "Enhanced PET Image Storage"
    assert name_of("1.2.3.4") == "1.2.3.4"
