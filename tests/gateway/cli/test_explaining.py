"""``hilum try --explain`` says which route takes a file, and why the others do not."""

from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.dicom_files import shipped
from tests.mllp_client import adt

CONFIGURATION = """
listeners:
  adt: {kind: mllp, port: 0}
  ct: {kind: dimse, port: 0}
destinations:
  messages: {kind: http, url: "http://127.0.0.1:1/"}
  others: {kind: http, url: "http://127.0.0.1:1/"}
  images: {kind: dicomweb, url: "http://127.0.0.1:1/"}
routes:
  - {from: adt, when: {message_type: [ORU^*, MDM^*], PV1-2: O}, to: others}
  - {from: ct, when: {calling_ae_title: CT1}, to: images}
  - {from: adt, when: {PID-5: MILLER, PV1-44: "*"}, to: others}
  - {from: adt, when: {peer_ip: 10.0.0.0/8}, to: others}
  - {from: adt, when: {message_type: ADT^*, PID-5: "*"}, to: messages}
  - {from: adt, when: {sending_application: "*"}, to: others}
  - {from: ct, when: {Modality: CT, PatientID: "4*"}, to: images}
admin: {port: 0}
"""


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """Return a configuration with several routes."""
    path = tmp_path / "hilum.yaml"
    path.write_text(CONFIGURATION)
    return path


@pytest.fixture
def message(tmp_path: Path) -> Path:
    """Return a file of one message."""
    path = tmp_path / "one.hl7"
    path.write_bytes(adt("A"))
    return path


def test_message(configured: Path, message: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The route that takes a message is told first, then each route of the listener with what it asks for."""
    assert 0 == main(["try", str(configured), "--explain", str(message)])
    assert [
        f"{message} A from listener adt: routes[4] takes it, to messages",
        (
            "  routes[0] does not take it: message_type is 'ADT^A01'; the route expects 'ORU^*' or 'MDM^*'; PV1-2"
            " does not match 'O'"
        ),
        "  routes[2] does not take it: PID-5 does not match 'MILLER'; PV1-44 is absent; the route expects '*'",
        (
            "  routes[3] does not take it: peer_ip is '127.0.0.1'; the route expects '10.0.0.0/8'"
            " (not in the file; add --fact peer_ip=VALUE)"
        ),
        "  routes[4] takes it: message_type matches 'ADT^*'; PID-5 matches '*'",
        "  routes[5] would take it, but routes[4] comes first",
    ] == capsys.readouterr().out.splitlines()


def test_given_facts(configured: Path, message: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What no file says may be given."""
    assert 0 == main(["try", str(configured), "--explain", "--fact", "peer_ip=10.1.2.3", str(message)])
    assert "routes[3] takes it, to others" in capsys.readouterr().out.splitlines()[0]


def test_instance(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An instance that no route takes makes the exit status 1; the title that is missing may be given."""
    path = shipped("CT_small.dcm")
    assert 1 == main(["try", str(configured), "--explain", str(path)])
    first, *others = capsys.readouterr().out.splitlines()
    assert first.endswith(" from listener ct: no route takes it, so it is refused")
    assert [
        (
            "  routes[1] does not take it: calling_ae_title is absent; the route expects 'CT1'"
            " (not in the file; add --fact calling_ae_title=VALUE)"
        ),
        "  routes[6] does not take it: PatientID does not match '4*'",
    ] == others
    assert 0 == main(["try", str(configured), "--explain", "--fact", "calling_ae_title=CT1", str(path)])


def test_no_value_of_a_patient(configured: Path, message: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No value of a field or element is printed."""
    main(["try", str(configured), "--explain", str(message), str(shipped("CT_small.dcm"))])
    printed = capsys.readouterr().out
    names = [each.split(b"|")[5].split(b"^")[0].decode() for each in adt("A").split(b"\r") if each.startswith(b"PID")]
    assert names
    assert not [each for each in (*names, "1CT1", "CompressedSamples") if each in printed]


MISTAKES = {
    "no such listener": (["--listener", "lab"], b"", "--listener lab: there is no such listener; there is adt, ct"),
    "another protocol's file": (["--listener", "ct"], None, "it is not a DICOM Part 10 file"),
    "nobody's file": ([], b"hello", "it holds no HL7v2 message; it is not a DICOM Part 10 file"),
    "no fact": (["--fact", "colour=red"], None, "--fact colour=red: write NAME=VALUE, with one of the facts peer_ip, "),
    "no value": (["--fact", "peer_ip"], None, "--fact peer_ip: write NAME=VALUE, with one of the facts peer_ip, "),
}


@pytest.mark.parametrize(("options", "data", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(
    configured: Path,
    message: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    data: bytes | None,
    problem: str,
) -> None:
    """What cannot be explained is said in one line."""
    if data is not None:
        message.write_bytes(data)
    assert 2 == main(["try", str(configured), "--explain", *options, str(message)])
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line
