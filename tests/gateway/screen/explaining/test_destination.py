"""Destinations in words."""

from gateway.screen.explaining.destination import explain_destination
from tests.gateway.screen.explaining.examples import CT, NOW, case, destination, observed


def test_as_usual() -> None:
    """A destination that is well says so."""
    found = explain_destination("pacs", observed(destinations={"pacs": destination()}), [], NOW)
    assert ["pacs (dicomweb, http://10.20.0.8:8042):", "Nothing waits for it."] == [
        each["title"] for each in found["parts"]
    ]
    assert ["It took the last message at 2025-11-29T02:20:55Z; 900 since the start."] == found["parts"][0]["words"]
    assert (True, []) == (found["found"], found["mends"])


def test_failing() -> None:
    """One that fails: since when, how often, why, the next try, how fast it is, what waits, what it refused."""
    seen = destination(
        failing={
            "cause": "no_answer",
            "details": {},
            "reason": "the store did not answer in time",
            "since": NOW - 840,
            "last": NOW - 30,
            "count": 37,
        },
        next_try=NOW + 30,
        last_success=None,
        phases={"connect": 0.002, "wait": 14.0, "transfer": 0.15, "usual_wait": 0.2},
        clock_skew=240.0,
        waiting=412,
        parked=12,
        oldest=NOW - 900,
        refused={f"{CT}/C122": 12, "ORU^R01/207": 1},
        poison={"7f": 7},
    )
    status = [case(subject="pacs", subject_kind="destination", side="store")]
    about = observed(destinations={"pacs": seen}, parked={"pacs": {"too large": 12}})
    found = explain_destination("pacs", about, status, NOW)
    head, told, waiting, refused, poison = found["parts"]
    assert [
        (
            "It has failed since 2025-11-29T02:07:00Z, 37 times in a row, the last at 2025-11-29T02:20:30Z: the store "
            "did not answer in time."
        ),
        "The next try is at 2025-11-29T02:21:30Z.",
        "It has taken no message since the start.",
        "An exchange lately takes 2 ms to connect, 14 s until it answers (usually 0.2 s), 0.15 s to transfer.",
        "Our clock is 240 s ahead of its clock.",
    ] == head["words"]
    assert "PET1 sends too much (the store's side)." == told["title"]
    assert "412 messages wait for it and 12 are parked; the oldest came at 2025-11-29T02:06:00Z." == waiting["title"]
    assert [["12", "parked", "too large"]] == waiting["table"]
    assert [["12", "CT Image Storage", "C122"], ["1", "ORU^R01", "207"]] == refused["table"]
    assert [["7f", "7 tries"]] == poison["table"]
    assert ["Call PET room, 4712. Ask why."] == found["mends"]


def test_clock_behind() -> None:
    """A clock that is right enough is not mentioned; one that is behind is."""
    words = [
        explain_destination("pacs", observed(destinations={"pacs": destination(clock_skew=skew)}), [], NOW)["parts"][0][
            "words"
        ][-1]
        for skew in (-9.0, 1.0)
    ]
    assert ("Our clock is 9 s behind its clock.", False) == (words[0], "clock" in words[1])


def test_unknown() -> None:
    """A name that is not configured is answered with those that are."""
    found = explain_destination("pax", observed(destinations={"pacs": destination()}), [], NOW)
    assert not found["found"]
    assert ["There is no destination of this name; there are: pacs."] == [each["title"] for each in found["parts"]]
    nothing = explain_destination("pax", observed(), [], NOW)
    assert nothing["parts"][0]["title"].endswith("there are: none.")
