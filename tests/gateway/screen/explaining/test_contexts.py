"""Presentation contexts in words."""

from gateway.contract.associations import AssociationSeen
from gateway.screen.explaining.association import explained
from gateway.screen.explaining.contexts import missing, rows
from tests.gateway.screen.explaining.examples import CT, EXPLICIT, JPEG_2000, association, context, path


def words_of(seen: AssociationSeen) -> str:
    """Return the paragraphs of an association as one text."""
    return " ".join(explained(seen, path)[0]["words"])


def test_no_context_accepted() -> None:
    """If nothing was accepted, nothing can be sent."""
    seen = association(context(1, CT, JPEG_2000, result=4, transfer_syntax=""), more_contexts=64)
    found, mends = explained(seen, path)
    assert found["title"].endswith("with 65 contexts:")
    assert "64 further contexts are not shown." == found["words"][0]
    assert "No context was accepted: nothing can be sent on this association." in found["words"]
    assert "REFUSED: none of these is in listeners.modalities.transfer_syntaxes" == found["table"][0][3]
    assert [
        f"Add {JPEG_2000} to listeners.modalities.transfer_syntaxes, or let PET1 offer a transfer syntax that is there."
    ] == mends


def test_nothing_proposed() -> None:
    """An association without contexts is explained, too."""
    assert "It proposed no presentation context, so that nothing can be sent." in words_of(association())


def test_refused_in_one_syntax_only() -> None:
    """A SOP class that was taken in another context is not called lost."""
    refused = context(3, CT, JPEG_2000, result=4, transfer_syntax="")
    seen = association(context(1, CT, EXPLICIT), refused)
    assert [] == missing(seen["contexts"])
    assert "The SOP class of 3 was accepted in another context" in words_of(seen)
    assert [] == explained(seen, path)[1]


def test_invalid_uids() -> None:
    """What is no UID is not repeated."""
    seen = association(
        context(1, "", EXPLICIT, result=3, is_storage=False), context(3, "1.2.3", "", result=4, transfer_syntax="")
    )
    assert [
        ["1", "a UID that is not valid", "Explicit VR LE", "REFUSED: it names no valid SOP class"],
        ["3", "1.2.3", "a UID that is not valid", "REFUSED: it proposes no valid transfer syntax"],
    ] == rows(seen, path)
    assert [] == explained(seen, path)[1]
