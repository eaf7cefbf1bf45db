"""The conversion of one message."""

import base64
import json
from dataclasses import replace

import pytest

from adapters.fhir.bundle import AS_OF
from adapters.fhir.context import Options
from adapters.fhir.convert import NOT_CONVERTED, Conversion, convert
from tests.adapters.fhir.making import BERLIN, PID, PV1, made, message, only
from tests.phi.canaries import CANARY, canary_adt


def test_pure() -> None:
    """The same message gives the same octets."""
    assert made(PID, PV1).encoded() == made(PID, PV1).encoded()


def test_transaction() -> None:
    """The bundle is a transaction, and its octets are what its resources say."""
    found = made(PID)
    assert ("transaction", found.resources()) == (found.resources()["type"], json.loads(found.encoded()))


@pytest.mark.parametrize("digits", ["0.00000010", "0.0000000", "0.5"])
def test_digits(digits: str) -> None:
    """Small numbers have the digits that were sent, and no exponent."""
    found = made(PID, "OBR|1||F1|1^A^LN", f"OBX|1|NM|1^A^LN||{digits}|g|||||F", kind="ORU^R01")
    assert f'"value":{digits}'.encode() in found.encoded()


@pytest.mark.parametrize("kind", ["ADT^A99", "ACK^A01", "ADT", "", "^^"])
def test_other_messages(kind: str) -> None:
    """Other messages are refused as unsupported."""
    assert NOT_CONVERTED == convert(message(PID, kind=kind), BERLIN)


def test_event_in_evn() -> None:
    """Before HL7 2.3 the event may be in EVN-1 only."""
    assert isinstance(convert(message("EVN|A01", PID, kind="ADT"), BERLIN), Conversion)


def test_no_control_id() -> None:
    """Messages without MSH-10 are told apart by their octets, so that neither overwrites what was made of the other."""
    empty = [message(PID, f"NTE|1||{text}").replace(b"|C1|", b"||") for text in "ab"]
    made = [convert(each, replace(BERLIN, keep_source=True)) for each in empty]
    urls = [each.url for one in made if isinstance(one, Conversion) for each in one.bundle if each.kind != "Patient"]
    assert (4, 4) == (len(urls), len(set(urls)))


TIMES = {
    "the event": (["EVN|A01|20240430", PID], "ADT^A01", "2024-04-30"),
    "the message": (["EVN|A01", PID], "ADT^A01", "2024-05-01T10:15:00+02:00"),
    "the result": ([PID, "OBR|1|P1|F1|1^x^LN" + "|" * 18 + "20240429"], "ORU^R01", "2024-04-29"),
}


@pytest.mark.parametrize(("segments", "kind", "expected"), TIMES.values(), ids=TIMES)
def test_as_of(segments: list[str], kind: str, expected: str) -> None:
    """An entry has the time by which an older message is known."""
    found = [each.entry().get("extension", []) for each in made(*segments, kind=kind).bundle if each.owns]
    times = {word["valueDateTime"] for words in found for word in words if word["url"] == AS_OF}
    assert {expected} == times


def test_source() -> None:
    """The whole message can be kept as a document."""
    document = only(made(PID, options=Options(keep_source=True)), "DocumentReference")
    assert message(PID) == base64.b64decode(document["content"][0]["attachment"]["data"])


def test_report() -> None:
    """Each field that is not carried is reported with its place, also of segments without rows."""
    found = made(PID + "|" * 5 + "2106-3", "ZPD|1", "ACC|1|A", "ACC|2|B")
    assert {"PID-10", "ZPD-1", "ACC-1", "ACC[2]-2"} <= {each.place for each in found.report}


def test_charset() -> None:
    """The character set that the listener sets counts."""
    data = message(PID).replace(b"Anna", "Änne".encode("latin-1"))
    found = convert(data, BERLIN, "8859/1")
    assert isinstance(found, Conversion)
    assert ["Änne"] == only(found, "Patient")["name"][0]["given"]


def test_no_values() -> None:
    """The report of a message whose every field is a word of a patient holds none of these words."""
    found = convert(canary_adt("C1"), BERLIN)
    assert isinstance(found, Conversion)
    assert len(found.report) > 100
    assert not [each for each in found.report if CANARY in str(each)]


def test_no_values_of_other_lines() -> None:
    """A line that is no segment, as after a raw line end in a text, is not repeated either."""
    found = made(PID, "DOE|John", f"a text|{CANARY}")
    assert ["???-1", "???[2]-1"] == [each.place for each in found.report]
