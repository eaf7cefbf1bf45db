"""The conversion of one message."""

import base64
import json
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.fhir.bundle import AS_OF
from adapters.fhir.context import Options
from adapters.fhir.convert import NOT_CONVERTED, Conversion, convert
from tests.adapters.fhir.making import BERLIN, PID, PV1, fields, made, message, only
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


H = "^^^HOSP&1.2.3&ISO^MR"
GROWING: dict[str, tuple[str, Callable[[int], list[str]]]] = {
    "merged numbers": ("ADT^A40", lambda n: [PID, "MRG|" + "~".join(f"{i}{H}" for i in range(100, 100 + n))]),
    "equal observations": ("ORU^R01", lambda n: [PID, "OBR|1||F1|x^y^L", *["OBX|1|NM|A||1"] * n]),
    "children of an order": (
        "ORU^R01",
        lambda n: [PID, *(fields("OBR", {3: str(i), 4: "x^y^L", 29: "Z^Z"}) for i in range(n))],
    ),
    "names": ("ADT^A28", lambda n: [f"PID|1||7{H}||" + "~".join(f"N{i}^A" for i in range(n))]),
    "patients": ("ORU^R01", lambda n: [f"PID|1||{i}{H}" for i in range(1, n)]),
    "patients of orders": ("ORM^O01", lambda n: [f"PID|1||{i}{H}" for i in range(1, n)]),
    "orders": ("OML^O21", lambda n: [PID, *(line for i in range(n) for line in (f"ORC|NW|{i}", f"OBR|1|{i}||x^y^L"))]),
    "specimens of results": (
        "ORU^R01",
        lambda n: [PID, "OBR|1||F1|x^y^L", "SPM|1|S1", *(fields("OBX", {3: f"A{i}", 33: "S1"}) for i in range(n))],
    ),
    "procedures": ("ADT^A01", lambda n: [PID, *(fields("PR1", {3: "A", 19: str(i), 25: "0"}) for i in range(n))]),
    "relatives": ("ADT^A28", lambda n: [PID, *(f"NK1|1|N{i}^A" for i in range(n))]),
    "prescriptions": (
        "RDE^O11",
        lambda n: [PID, *(s for i in range(n) for s in (f"ORC|NW|{i}", "RXE||A|1||g|F^Form"))],
    ),
}


def calls(data: bytes) -> int:
    """Return how many functions are called to convert a message."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        convert(data, BERLIN)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(("kind", "segments"), GROWING.values(), ids=GROWING)
def test_growth(kind: str, segments: Callable[[int], list[str]]) -> None:
    """Twice as much of something takes about twice as much work."""
    once, twice = (calls(message(*segments(count), kind=kind)) for count in (100, 200))
    assert twice < 2.3 * once


@pytest.mark.parametrize(
    ("segments", "count"),
    [
        (["ZZZ|" + "|".join("x" * 500)], 100),
        (["PID|1||7^^^HOSP&1.2.3&ISO^MR||A^B" + "^C" * 500], 100),
        (["ZZZ|" + "|".join("x" * 90)] * 120, 10_000),
    ],
)
def test_long_reports(segments: list[str], count: int) -> None:
    """A report has at most 100 lines of a field, and of the fields of one segment, and 10,000 of a message."""
    found = convert(message(*(segments if segments[0].startswith("PID") else [PID, *segments])), BERLIN)
    assert isinstance(found, Conversion)
    assert count == len(found.report)


@pytest.mark.parametrize(("sent", "start"), [("+0200", "+01:00"), ("-0500", "-05:00")])
def test_zone(sent: str, start: str) -> None:
    """Where MSH-7 has the offset of the configured zone, the zone says what a time of the other season has."""
    data = message(PID, f"{PV1}{'|' * 25}20240115080000").replace(b"20240501101500", f"20240701080000{sent}".encode())
    found = convert(data, BERLIN)
    assert isinstance(found, Conversion)
    assert f"2024-01-15T08:00:00{start}" == only(found, "Encounter")["period"]["start"]
