"""``hilum fhir``."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.cli import fhir
from gateway.cli.main import main
from gateway.kinds import KINDS

GOOD = b"MSH|^~\\&|APP|HOSP|||20240501101500+0200||ADT^A01|C1|P|2.5.1\rPID|1||7^^^HOSP&1.2.3&ISO^MR||Test\rZPD|secret\r"
CONFIG = """\
listeners: {{adt: {{kind: mllp, port: 0}}}}
destinations: {{store: {{kind: http, url: "http://127.0.0.1:1/"}}}}
routes: [{{from: adt, to: store}}]
steps: {{{steps}}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with a message."""
    path = tmp_path / "admit.hl7"
    path.write_bytes(GOOD)
    return path


def test_print(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle is printed for people, and below it what is left out, without values."""
    assert 0 == main(["fhir", str(file)])
    lines = capsys.readouterr().out.splitlines()
    assert (f"{file} C1:", "left out or changed: 1") == (lines[0], lines[-2])
    assert lines[-1].startswith("  ZPD-1: ")


def test_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json a line holds bundle and report."""
    assert 0 == main(["fhir", "--json", str(file)])
    found = json.loads(capsys.readouterr().out)
    assert ("Bundle", 1) == (found["bundle"]["resourceType"], len(found["left_out"]))


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_refused(file: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A message that is refused is told with the reason."""
    file.write_bytes(GOOD.replace(b"PID", b"PIX"))
    assert 1 == main(["fhir", *options, str(file)])
    assert "has no PID segment" in capsys.readouterr().out


def configured(folder: Path, steps: str) -> str:
    """Return a configuration with these steps."""
    path = folder / "hilum.yaml"
    path.write_text(CONFIG.format(steps=steps))
    return str(path)


STEPS = {
    "the only one": ("fhir: {kind: hl7v2_to_fhir, keep_source: true}", [], True),
    "named": ("a: {kind: hl7v2_to_fhir}, b: {kind: hl7v2_to_fhir, keep_source: true}", ["--step", "b"], True),
    "another one": ("a: {kind: hl7v2_to_fhir}, b: {kind: hl7v2_to_fhir, keep_source: true}", ["--step", "a"], False),
}


@pytest.mark.parametrize(("steps", "options", "kept"), STEPS.values(), ids=STEPS)
def test_step(file: Path, steps: str, options: list[str], kept: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings are those of a step of the configuration."""
    assert 0 == main(["fhir", str(file), "--json", "--config", configured(file.parent, steps), *options])
    assert kept == ("DocumentReference" in capsys.readouterr().out)


@pytest.mark.parametrize("options", [[], ["--step", "c"]])
def test_no_such_step(file: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A step that is not there, or not named, is a mistake that names those that are there."""
    steps = "a: {kind: hl7v2_to_fhir}, b: {kind: hl7v2_to_fhir}"
    assert 2 == main(["fhir", str(file), "--config", configured(file.parent, steps), *options])
    assert "it has a, b" in capsys.readouterr().err


def test_mistakes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is missing or holds no message, and a code map that is missing, are told."""
    steps = "fhir: {kind: hl7v2_to_fhir, code_maps: [/missing.csv]}"
    assert 2 == main(["fhir", str(file), "--config", configured(file.parent, steps)])
    assert 2 == main(["fhir", str(file.parent / "missing")])
    file.write_bytes(b"nothing")
    assert 2 == main(["fhir", str(file)])
    told = capsys.readouterr().err.splitlines()
    assert ["/missing.csv", "cannot be read"] == [told[0].split()[1], " ".join(told[1].split()[2:5]).rstrip(":")]
    assert 3 == len(told)


def test_replaced_kind(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A kind of another package that cannot be tried is told."""
    other = replace(KINDS.steps[fhir.KIND], explain=None)
    monkeypatch.setattr(fhir, "KINDS", replace(KINDS, steps={fhir.KIND: other}))
    assert 2 == main(["fhir", str(file)])
    assert "cannot be tried" in capsys.readouterr().err
