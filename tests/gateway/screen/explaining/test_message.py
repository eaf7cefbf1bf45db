"""Messages in words."""

import pytest

from gateway.contract.journal import Row
from gateway.screen.explaining.message import explain_message
from tests.gateway.screen.explaining.examples import CT, NOW, attempt, row


def test_life() -> None:
    """A message in commit mode: taken, tried in vain, delivered."""
    rows = [attempt(at=NOW - 10, outcome="stored", attempts=2), row(), attempt(reason="connection refused")]
    found = explain_message("C1", rows, NOW)
    (part,) = found["parts"]
    assert "ORU^R01 from LAB|CENTRAL, message 7f:" == part["title"]
    assert [
        "lab got ORU^R01 from LAB|CENTRAL (10.1.1.1:4000), 1200 octets: committed to the spool; answered AA after 4 ms",
        "attempt 1 to deliver to pacs: NOT DELIVERED (connection refused), after 2 s",
        "attempt 2 to deliver to pacs: stored, after 2 s",
    ] == [each["text"] for each in part["steps"]]
    assert ["pacs has it."] == part["words"]
    assert (True, []) == (found["found"], found["mends"])


ENDS: dict[str, tuple[list[Row], str, str]] = {
    "waits": ([row()], "It is safe in the spool, and is delivered to its destination by itself.", ""),
    "tried": ([row(), attempt()], "It is safe in the spool, and is delivered to pacs by itself.", ""),
    "only the attempt is left": ([attempt()], "It is safe in the spool, and is delivered to pacs by itself.", ""),
    "parked": (
        [row(), attempt(outcome="parked")],
        "It stays in the spool until somebody decides.",
        "Correct the reason, then: hilum spool retry CONFIG --destination pacs",
    ),
    "given up": (
        [row(), attempt(outcome="discarded")],
        "Somebody gave it up for good; the record in the spool has the reason.",
        "",
    ),
    "relay failed": (
        [row(outcome="unavailable", answer="AR", destination="pacs")],
        "Hilum does not have it: its sender was told to send it again.",
        "",
    ),
    "relay refused": (
        [row(outcome="refused", answer="AE", reason="no route takes this kind of message")],
        "Nobody has it: its sender was told that it is refused, and sending it again is useless.",
        "Correct the message at LAB|CENTRAL, or what refuses it: no route takes this kind of message.",
    ),
    "relay stored": ([row(outcome="stored", destination="pacs")], "pacs has it.", ""),
    "duplicate": ([row(outcome="duplicate")], "", ""),
}


@pytest.mark.parametrize(("rows", "end", "mend"), ENDS.values(), ids=ENDS)
def test_where_it_is(rows: list[Row], end: str, mend: str) -> None:
    """The explanation ends with where the message is, and what to do."""
    found = explain_message("C1", rows, NOW)
    assert (end, mend) == (" ".join(found["parts"][0]["words"]), " ".join(found["mends"]))


def test_relay() -> None:
    """A relayed message names its store, the attempts and the answer; an instance has the name of its SOP class."""
    rows = [row(type=CT, outcome="stored", destination="pacs", attempts=2, answer="0000", seconds=0.21)]
    (step,) = explain_message("1.2.3", rows, NOW)["parts"][0]["steps"]
    assert step["text"].startswith("lab got CT Image Storage from LAB|CENTRAL")
    assert step["text"].endswith(": stored by pacs, 2 attempts; answered 0000 after 0.21 s")


def test_no_answer() -> None:
    """A sender that was gone got no answer; a message without a type is still a message."""
    (step,) = explain_message("C1", [row(answer="", type="", octets=1)], NOW)["parts"][0]["steps"]
    assert (
        "lab got a message from LAB|CENTRAL (10.1.1.1:4000), 1 octet: committed to the spool; no answer was sent"
        == (step["text"])
    )


def test_several() -> None:
    """A sender may use a control ID again: each message is a part, the latest first; of many only the last."""
    rows = [row(message_id=f"m{number}", at=NOW - number) for number in range(7)]
    titles = [each["title"] for each in explain_message("C1", rows, NOW)["parts"]]
    assert "ORU^R01 from LAB|CENTRAL, message m0:" == titles[0]
    assert (6, "2 earlier messages with this ID are not shown.") == (len(titles), titles[-1])


def test_unknown() -> None:
    """An ID that the journal does not have is said to be unknown, with what may be the reason."""
    found = explain_message("X", [], NOW)
    assert (False, True) == (found["found"], "The journal has no such message." in found["parts"][0]["title"])
