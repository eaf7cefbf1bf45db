"""What is kept of a message, and what is not."""

from collections.abc import Iterator, Mapping

import pytest

from gateway.contract.journal import Answered, Attempted, Passages, Row, Signature
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
    facts: Mapping[str, str] = HL7, outcome: Outcome | str | None = None, key: str = "C1", reason: str = ""
) -> Answered:
    """Return what a listener tells."""
    identifiers = {"control_id": key} if key else {}
    return Answered(5.0, "m1", facts, "10.0.0.7:99", identifiers, 200, outcome, "AA", reason, 0.5)


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


class Late(Mapping[str, str]):
    """Facts that are read late, and count how often."""

    def __init__(self, facts: Mapping[str, str], signature: Signature | None) -> None:
        self._facts, self._signature = facts, signature
        self.read = 0

    def __getitem__(self, name: str) -> str:
        self.read += 1
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def signature(self) -> Signature | None:
        """Return what was given."""
        return self._signature


def test_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts with a known signature are not read; those without one are always read."""
    monkeypatch.setattr(rows, "MOST_KNOWN", 2)
    maker = RowMaker({})
    first, again, other = Late(HL7, ("a",)), Late(HL7, ("a",)), Late(DICOM, ("b",))
    made = [row_of(maker, told(each, "stored")) for each in (first, again, other, Late(DICOM, ("c",)))]
    assert [("adt", "HIS|WARD"), ("adt", "HIS|WARD"), ("ct", "CT1"), ("ct", "CT1")] == [
        (each.listener, each.peer) for each in made
    ]
    assert (0, True) == (again.read, first.read > 0)
    unsigned = Late(HL7, None)
    row_of(maker, told(unsigned, "stored"))
    assert unsigned.read


def test_signature_of_no_name() -> None:
    """A sender without a usable name is its address, so that nothing is remembered of its signature."""
    maker, signature = RowMaker({}), (b"HIS", b"WARD", b"ORDER")
    nameless = {**HL7, "message_type": "ORDER"}
    facts = [Late({**nameless, "peer_ip": f"10.0.0.{each}"}, signature) for each in (7, 8)]
    assert ["10.0.0.7", "10.0.0.8"] == [each.peer for each in maker.rows_of([told(each, "stored") for each in facts])]


def test_long_signatures() -> None:
    """Signatures that are long are not remembered: a sender may make as many as it likes."""
    maker = RowMaker({})
    again = [Late(HL7, (b"H" * 1000, b"WARD")) for _ in range(2)]
    maker.rows_of([told(each, "stored") for each in again])
    assert again[1].read


def test_keys() -> None:
    """An identifier is kept as the listener's setting says; none is no identifier, and a long one is cut."""
    maker = RowMaker({}, lambda listener, key: f"{listener}/{key}")
    assert "adt/C1" == row_of(maker, told(outcome="stored")).key
    assert "" == row_of(maker, told(outcome="stored", key="")).key
    assert 199 == len(row_of(RowMaker({}), told(outcome="stored", key="1" * 500)).key)


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
