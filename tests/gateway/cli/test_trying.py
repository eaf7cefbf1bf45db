"""``hilum try`` shows what a route's steps make of files."""

from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.dicom_files import shipped
from tests.mllp_client import adt

CONFIGURATION = """
listeners:
  adt: {kind: mllp, port: 0}
  known: {kind: mllp, port: 0}
  plain: {kind: mllp, port: 0}
  ct: {kind: dimse, port: 0}
destinations:
  messages: {kind: http, url: "http://127.0.0.1:1/"}
  images: {kind: dicomweb, url: "http://127.0.0.1:1/"}
steps:
  to-mpi: {kind: edit_hl7v2, set: {MSH-5: MPI}}
  known: {kind: edit_hl7v2, map: {PV1-2: {values: {O: OUT}, default: refuse}}}
routes:
  - {from: adt, via: [to-mpi], to: messages}
  - {from: known, via: [to-mpi, known], to: messages}
  - {from: plain, to: messages}
  - {from: ct, to: images}
"""


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """Return a configuration with steps."""
    path = tmp_path / "hilum.yaml"
    path.write_text(CONFIGURATION)
    return path


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    """Return a file of two messages."""
    path = tmp_path / "two.hl7"
    path.write_bytes(adt("A") + adt("B"))
    return path


def test_difference(configured: Path, messages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each message is shown by the lines that change."""
    assert 0 == main(["try", str(configured), "--route", "0", str(messages)])
    printed = capsys.readouterr().out.splitlines()
    header = r"MSH|^~\&|TEST|WARD|{}|CLOUD|20260102030405||ADT^A01^ADT_A01|A|P|2.5.1"
    assert [f"--- {messages} A", "+++ after the steps", "@@ -1 +1 @@"] == printed[:3]
    assert ["-" + header.format("HILUM"), "+" + header.format("MPI")] == printed[3:5]
    assert f"--- {messages} B" in printed


def test_refused(configured: Path, messages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A message that a step refuses is named with the step and the reason, and makes the exit status 1."""
    assert 1 == main(["try", str(configured), "--route", "1", str(messages)])
    assert capsys.readouterr().out.startswith(f"{messages} A: refused: step known: ")


def test_not_changed(configured: Path, messages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing changes, one line says so: for messages and for instances."""
    assert 0 == main(["try", str(configured), "--route", "2", str(messages)])
    assert f"{messages} A: not changed\n{messages} B: not changed\n" == capsys.readouterr().out
    path = shipped("CT_small.dcm")
    assert 0 == main(["try", str(configured), "--route", "3", str(path)])
    assert capsys.readouterr().out.endswith(": not changed\n")


MISTAKES = {
    "no such route": ("4", b"", "--route 4: there is no such route; there are routes 0 to 3"),
    "no message": ("0", b"hello", "it holds no HL7v2 message"),
    "no instance": ("3", b"hello", "it is not a DICOM Part 10 file"),
}


@pytest.mark.parametrize(("route", "data", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(
    configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], route: str, data: bytes, problem: str
) -> None:
    """What cannot be tried is said in one line."""
    path = tmp_path / "file"
    path.write_bytes(data)
    assert 2 == main(["try", str(configured), "--route", route, str(path)])
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line


def test_absent_file(configured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read is named with the reason."""
    assert 2 == main(["try", str(configured), "--route", "0", str(tmp_path / "absent")])
    assert f"hilum: {tmp_path / 'absent'}: cannot be read: No such file or directory\n" == capsys.readouterr().err


@pytest.mark.parametrize("words", [["--listener", "adt"], ["--fact", "peer_ip=10.0.0.5"]], ids=["listener", "fact"])
def test_options_of_explain(
    configured: Path, messages: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """What only --explain uses is refused with --route, and not ignored."""
    assert 2 == main(["try", str(configured), "--route", "0", *words, str(messages)])
    end = "has no effect with --route; leave it out, or write --explain instead of --route"
    assert ("", f"hilum: {words[0]}: {end}\n") == capsys.readouterr()


def test_steps_of_destinations(configured: Path, messages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where destinations have steps of their own, each gets its own result."""
    text = configured.read_text()
    for old, new in (
        ("adt: {kind: mllp, port: 0}", "adt: {kind: mllp, port: 0, acknowledge: commit}"),
        ("steps:", '  other: {kind: http, url: "http://127.0.0.1:2/", via: [site]}\nsteps:'),
        ("steps:", "steps:\n  site: {kind: edit_hl7v2, set: {MSH-6: X}}"),
        ("via: [to-mpi], to: messages", "via: [to-mpi], to: [messages, other]"),
    ):
        text = text.replace(old, new, 1)
    configured.write_text(text)
    assert 0 == main(["try", str(configured), "--route", "0", str(messages)])
    printed = capsys.readouterr().out
    assert printed.count("to messages:") == printed.count("to other:") == 2
    assert "|MPI|CLOUD|" in printed
    assert "|MPI|X|" in printed
