"""Answers and problems."""

from adapters.http.answers import Answer, Problem


def test_no_payload_in_a_repr() -> None:
    """The body of an answer, which names a patient, is not in what a log would show of it."""
    assert "Doe" not in repr(Answer(200, (), b"Doe"))


def test_a_problem_alone() -> None:
    """A problem is not counted as a rejection unless it says so."""
    assert None is Problem(404, "not-found", "there is nothing").rejection
