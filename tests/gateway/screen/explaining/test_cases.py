"""Cases of one subject."""

from gateway.screen.explaining.cases import mends_of, of_subject, parts_of
from tests.gateway.screen.explaining.examples import case


def test_of_subject() -> None:
    """A peer and a destination of the same name are two subjects."""
    cases = [case(subject="pacs"), case(subject="pacs", subject_kind="destination"), case()]
    assert [cases[1]] == of_subject(cases, "destination", "pacs")


def test_words() -> None:
    """A case has title, side, why, proof and effect; its mend says whom to call."""
    parts = list(parts_of([case(), case(proof="", side="here", effect="")]))
    assert ["PET1 sends too much (the peer's side).", "PET1 sends too much (here)."] == [
        each["title"] for each in parts
    ]
    assert [["It sends 400/s.", "(9 times)", "It waits."], ["It sends 400/s."]] == [each["words"] for each in parts]
    assert ["Call PET room, 4712. Ask why.", "Ask why."] == mends_of([case(), case(contact="")])
