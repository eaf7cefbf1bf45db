"""What is kept of a message, and what is not."""

from collections.abc import Collection, Mapping

import pytest

from gateway.contract.journal import Answered, Attempted, Names, Passages, Row
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.journal import rows
from gateway.journal.rows import RowMaker

HL7 = {
    "protocol": "mllp",
    "listener": "adt",
    "peer_ip": "10.0.0.7",
    "sending_application": "HIS",
    "sending_facility": "WARD",
    "message_type": "ADT^A01",
}
DICOM = {
    "protocol": "dimse",
    "listener": "ct",
    "peer_ip": "10.0.0.8",
    "calling_ae_title": "CT1",
    "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
}


def told(
    facts: Mapping[str, str] | Names = HL7, outcome: Outcome | str | None = None, key: str = "C1", reason: str = ""
) -> Answered:
    """Return what a listener tells."""
    return Answered(5.0, "m1", facts, "10.0.0.7:99", key, 200, outcome, "AA", reason, 0.5)


def row_of(maker: RowMaker, told: tuple[object, ...]) -> Row:
    """Return the row that *maker* makes of one thing that was told."""
    (row,) = maker.rows_of([told])
    return row


def test_answer() -> None:
    """All of an answer is in the row, and where the message went."""
    passages: Passages = {"m1": ("hl7-store", 2, "")}
    made = row_of(RowMaker(passages), told(outcome=Stored()))
    assert (
        Row(5.0, "m1", "adt", "HIS|WARD", "10.0.0.7:99", "C1", "ADT^A01", 200, "stored", "AA", "", "hl7-store", 2, 0.5)
        == made
    )
    assert {} == passages


@pytest.mark.parametrize(
    ("outcome", "word", "reason"),
    [
        (Stored(is_committed=True), "committed", ""),
        (Refused("no"), "refused", "no"),
        (Unavailable("later"), "unavailable", "later"),
        (None, "none", rows.NOT_DELIVERED),
        ("stored", "stored", "as told"),
    ],
)
def test_outcomes(outcome: Outcome | str | None, word: str, reason: str) -> None:
    """Outcomes are kept as their words and Hilum's sentence; without a route there is no destination."""
    made = row_of(RowMaker({}), told(outcome=outcome, reason="as told" if isinstance(outcome, str) else ""))
    assert (word, reason, "", 0) == (made.outcome, made.reason, made.destination, made.attempts)


@pytest.mark.parametrize("outcome", [Stored(is_committed=True), "committed"])
def test_duplicate(outcome: Outcome | str) -> None:
    """A message that commit mode has recognised is a duplicate."""
    assert "duplicate" == row_of(RowMaker({"m1": ("a,b", 0, "duplicate")}), told(outcome=outcome)).outcome


def test_instance() -> None:
    """The peer of an instance is its calling AE title, its type the SOP class."""
    made = row_of(RowMaker({}), told(DICOM, "stored"))
    assert ("CT1", "1.2.840.10008.5.1.4.1.1.2") == (made.peer, made.type)


@pytest.mark.parametrize(
    ("facts", "peer"),
    [
        ({**DICOM, "calling_ae_title": "SEVENTEEN_LETTERS"}, "SEVENTEEN_LETTER"),
        ({**DICOM, "calling_ae_title": "CT\x1b[2J\n1"}, "CT?[2J?1"),
        ({**HL7, "sending_application": "A" * 60}, "A" * 40),
        ({**HL7, "sending_application": "", "sending_facility": ""}, "10.0.0.7"),
        ({"protocol": "mllp", "listener": "adt"}, "10.0.0.7"),
        ({**HL7, "protocol": "pubsub", "peer_ip": "healthcare.googleapis.com"}, "healthcare.googleapis.com"),
    ],
)
def test_peers(facts: Mapping[str, str], peer: str) -> None:
    """Names are cut and have nothing that cannot be printed; without a name the peer is its address."""
    assert peer == row_of(RowMaker({}), told(facts, "stored")).peer


@pytest.mark.parametrize(("named", "peer"), [("HIS|WARD", "HIS|WARD"), ("", "10.0.0.7")])
def test_names(named: str, peer: str) -> None:
    """A listener that knows the sender tells its name only, or none, where the peer is its address."""
    made = row_of(RowMaker({}), told(("adt", named, "ADT^A01"), "stored"))
    assert ("adt", peer, "ADT^A01") == (made.listener, made.peer, made.type)


def test_keys() -> None:
    """An identifier is kept as the listener's setting says; none is no identifier, and a long one is cut."""
    maker = RowMaker({}, lambda listener, key: f"{listener}/{key}")
    assert "adt/C1" == row_of(maker, told(outcome="stored")).key
    assert "" == row_of(maker, told(outcome="stored", key="")).key
    assert 199 == len(row_of(RowMaker({}), told(outcome="stored", key="1" * 500)).key)
    assert "C?1" == row_of(RowMaker({}), told(outcome="stored", key="C\x1b1")).key


@pytest.mark.parametrize(("keyed", "key"), [(("adt",), "adt/C1"), (("other",), "C1")])
def test_keyed_listeners(keyed: Collection[str], key: str) -> None:
    """Where it is known which listeners are keyed, the identifiers of others stay as they are."""
    maker = RowMaker({}, lambda listener, key: f"{listener}/{key}", keyed)
    assert key == row_of(maker, told(outcome="stored")).key


def test_order() -> None:
    """Attempts and answers stay in the order in which they were told."""
    attempt = Attempted(6.0, "m1", HL7, "10.0.0.7:99", {}, 200, "parked", "no", "store", 3, 0.1)
    answer = told(outcome="stored")
    made = RowMaker({}).rows_of([attempt, answer, answer, attempt])
    assert ["parked", "stored", "stored", "parked"] == [each.outcome for each in made]


def test_attempt() -> None:
    """An attempt has no listener, and its identifier is kept as that of its listener."""
    maker = RowMaker({}, lambda listener, key: f"{listener}/{key}")
    attempt = Attempted(6.0, "m1", HL7, "10.0.0.7:99", {"control_id": "C1"}, 200, "parked", "no", "store", 3, 0.1)
    assert Row(
        6.0, "m1", "", "HIS|WARD", "10.0.0.7:99", "adt/C1", "ADT^A01", 200, "parked", "", "no", "store", 3, 0.1
    ) == row_of(maker, attempt)


def test_forgotten_passages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where messages went of which nothing is told does not fill the memory."""
    monkeypatch.setattr(rows, "MOST_KNOWN", 2)
    passages: Passages = {str(number): ("store", 1, "") for number in range(2)}
    maker = RowMaker(passages)
    maker.forget()
    assert 2 == len(passages)
    passages["2"] = ("store", 1, "")
    maker.forget()
    assert {} == passages


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({**HL7, "message_type": "DOE^JANE"}, ""),
        ({**DICOM, "sop_class_uid": "DOE^JANE"}, ""),
        ({"protocol": "http", "interaction": "create", "resource_type": "Doe"}, "create"),
        ({"protocol": "pubsub_fhir", "resource_type": "Patient"}, "Patient"),
        ({"protocol": "pubsub"}, ""),
    ],
)
def test_types(facts: Mapping[str, str], kind: str) -> None:
    """What stands in the place of a type and is none may be a patient's name: it is not kept."""
    assert kind == row_of(RowMaker({}), told(facts, "stored")).type
