"""Associations in words."""

import pytest

from gateway.contract.associations import AssociationSeen
from gateway.screen.explaining.association import brief, explained
from tests.gateway.screen.explaining.examples import (
    CT,
    ENHANCED_PET,
    EXPLICIT,
    NOW,
    SKETCHED,
    association,
    context,
    path,
)


def words_of(seen: AssociationSeen) -> str:
    """Return the paragraphs of an association as one text."""
    return " ".join(explained(seen, path)[0]["words"])


def test_as_sketched() -> None:
    """The association of the sketch: who, when, each context, what came, what could not, and what to do."""
    found, mends = explained(SKETCHED, path)
    assert "PET1 (10.31.4.40:51342) asked for HILUM at 2025-11-29T02:20:00Z, with 4 contexts:" == found["title"]
    assert [
        ["1", "CT Image Storage", "JPEG 2000 Image Compression (Lossless Only)", "taken"],
        ["3", "Positron Emission Tomography Image Storage", "Explicit VR LE, Implicit VR LE", "taken: Explicit VR LE"],
        ["5", "Enhanced PET Image Storage", "Explicit VR LE", "REFUSED: not in listeners.modalities.sop_classes"],
        [
            "7",
            "Study Root Query/Retrieve Information Model - FIND",
            "Implicit VR LE",
            "REFUSED: this listener stores, and offers no other service such as a query",
        ],
    ] == found["table"]
    assert [
        "It stored 212 instances in context 3; then it released the association at 2025-11-29T02:20:30Z.",
        (
            "Nothing could be sent in 5: PET1 shows that sending fails for its Enhanced PET Image Storage, because no "
            "context for it was accepted."
        ),
    ] == found["words"]
    assert [
        (
            f"Add {ENHANCED_PET} (Enhanced PET Image Storage) to listeners.modalities.sop_classes, or switch PET1 to a "
            "class that is taken."
        ),
        "If PET1 shall query or print, let it ask the archive itself; this listener only stores.",
    ] == mends


REFUSALS = {
    "called_ae_title": (
        ["HILUM", "HILUM2"],
        "it calls AE title HILUM1, and this listener is HILUM or HILUM2.",
        "On PET1 set the called AE title to HILUM or HILUM2, or add HILUM1 to listeners.modalities.called_ae_titles.",
    ),
    "calling_ae_title": (
        ["CT1"],
        "its AE title PET1 is not in listeners.modalities.calling_ae_titles.",
        "If PET1 may store here, add it to listeners.modalities.calling_ae_titles.",
    ),
    "peer_limit": (
        ["at most 2 associations at once from one address"],
        "it has as many associations at once as are allowed (at most 2 associations at once from one address).",
        "or raise listeners.modalities.max_connections_per_peer.",
    ),
    "congestion": ([], "Hilum was ending just then.", ""),
    "another": ([], "a limit is reached (another).", ""),
}


@pytest.mark.parametrize(("refusal", "expected"), REFUSALS.items())
def test_rejected(refusal: str, expected: tuple[list[str], str, str]) -> None:
    """A rejected association says which proposal failed, why, and what would be accepted."""
    accepted, why, mend = expected
    seen = association(called="HILUM1", refusal=refusal, accepted=accepted, ended="rejected")
    found, mends = explained(seen, path)
    assert found["title"].endswith(f" and was rejected: {why}")
    assert (mend != "", mend) == (bool(mends), "".join(mends)[-len(mend) :] if mend else "")


ENDINGS = {
    "": "It stored nothing; it goes on.",
    "peer_lost": "It stored nothing; the connection was lost at 2025-11-29T02:20:30Z.",
    "of another version": "It stored nothing; of another version at 2025-11-29T02:20:30Z.",
}


@pytest.mark.parametrize(("ended", "sentence"), ENDINGS.items())
def test_ending(ended: str, sentence: str) -> None:
    """It says how the association ended."""
    seen = association(context(1, CT, EXPLICIT), ended=ended, ended_at=NOW - 30 if ended else None)
    assert sentence == words_of(seen)


def test_not_all_stored() -> None:
    """What could not be stored is counted, too; two contexts that are the same are counted once."""
    twice = [context(number, CT, EXPLICIT, stored=2, failed=1) for number in (1, 3)]
    assert "It stored 2 instances in context 1 and 3; 1 instance it could not store; then" in words_of(
        association(*twice)
    )


def test_brief() -> None:
    """An earlier association is one line."""
    assert "asked for HILUM: 2 of 4 contexts taken, 212 stored" == brief(SKETCHED)["text"]
    rejected = association(refusal="called_ae_title", called="X")
    assert "asked for X: rejected (called ae title)" == brief(rejected)["text"]
