"""``hilum deidentify`` from the command line: files, a report, and a run that goes on where another one was killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.gateway.cli.deidentifying.support import HL7, SECRETS, configured, filled, outputs, patient

pytestmark = pytest.mark.slow  # each run starts processes


def run(config: Path, source: Path, out: Path, *more: str) -> int:
    """Run the command."""
    return main(["deidentify", str(config), "--step", "anonymous", str(source), str(out), *more])


def test_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every format is de-identified; neither output, nor record, nor report names a patient or a file of the input."""
    config, source, out = configured(tmp_path), filled(tmp_path), tmp_path / "out"
    assert run(config, source, out, "--processes", "2", "--json") == 1
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert report["deidentified"] == {"dicom": 1, "fhir": 3, "hl7v2": 1}
    assert (report["files"], report["duplicates"], report["not_done"]) == (6, 1, {})
    assert len(report["held_back"]) == 3
    assert report["policies"]["dicom"].startswith("PS3.15")
    assert len(report["key"]) == 8
    found = outputs(out)
    assert sorted(name.rpartition(".")[2] for name in found) == ["dcm", "hl7", "json", "ndjson"]
    record = (out / ".hilum" / "record.jsonl").read_bytes()
    for text in [*found.values(), *map(os.fsencode, found), record, printed.out.encode(), printed.err.encode()]:
        assert not any(secret in text for secret in SECRETS)
    assert not (out / ".hilum" / "partial").exists()


def test_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run does nothing again and tells the same; a new file is all that it does."""
    config, source, out = configured(tmp_path), filled(tmp_path), tmp_path / "out"
    run(config, source, out, "--json")
    before, first = outputs(out), json.loads(capsys.readouterr().out)
    assert run(config, source, out, "--json") == 1
    second = json.loads(capsys.readouterr().out)
    assert second == {**first, "done_before": 6}
    (source / "A.json").write_bytes(patient(4))
    run(config, source, out, "--json")
    third = json.loads(capsys.readouterr().out)
    assert (third["files"], third["done_before"], third["deidentified"]["fhir"]) == (7, 6, 4)
    assert before.items() <= outputs(out).items()


def test_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the file of the option says which input became which output, and only its owner may read it."""
    config, source, names = configured(tmp_path), filled(tmp_path), tmp_path / "names"
    names.write_text("older")
    names.chmod(0o644)
    run(config, source, tmp_path / "out", "--names", str(names))
    assert names.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in names.read_text().splitlines()]
    assert {each["name"] for each in lines} >= {"Smith^John/CT 4815162\n.dcm", "two.hl7"}
    assert {each["outputs"][0] for each in lines if each["outputs"]} == set(outputs(tmp_path / "out"))
    assert "Smith" not in capsys.readouterr().out


def test_everything_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is held back, the exit status is 0 and the report is some lines."""
    source = tmp_path / "one.hl7"
    source.write_text(HL7.format(1, "HOSP"), newline="")
    assert run(configured(tmp_path), source, tmp_path / "out") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("step anonymous, pseudonyms keyed, key ")
    assert "HL7v2 messages de-identified: 1" in lines


MISTAKES = {
    "no step": (["--step", "nothing"], "--step: nothing: there is no such step; there are anonymous, other"),
    "another kind": (["--step", "other"], "--step: other: is no step that de-identifies"),
}


@pytest.mark.parametrize(("given", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(given: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong step is a mistake, and nothing is written."""
    config, source = configured(tmp_path), filled(tmp_path)
    assert main(["deidentify", str(config), *given, str(source), str(tmp_path / "out")]) == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_other_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that was written with other settings takes no more."""
    source, out = filled(tmp_path), tmp_path / "out"
    run(configured(tmp_path), source, out)
    assert run(configured(tmp_path, "most_weeks: 4"), source, out) == 2
    assert "was written with another key, other settings" in capsys.readouterr().err


def test_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After kill -9 no file is half-written, and the next run does the rest: the same comes out as without it."""
    config, source = configured(tmp_path), tmp_path / "in"
    source.mkdir()
    for number in range(200):
        (source / f"{number}.hl7").write_text(HL7.format(number, "HOSP"), newline="")
    words = ["deidentify", str(config), "--step", "anonymous", str(source), str(tmp_path / "out"), "--processes", "2"]
    process = subprocess.Popen([sys.executable, "-m", "gateway", *words], start_new_session=True)
    record = tmp_path / "out" / ".hilum" / "record.jsonl"
    while not record.exists() or record.read_bytes().count(b"\n") < 20:
        assert process.poll() is None
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    whole = run(config, source, tmp_path / "whole", "--json")
    expected = json.loads(capsys.readouterr().out)
    half = outputs(tmp_path / "out")
    assert half.items() <= outputs(tmp_path / "whole").items()
    assert run(config, source, tmp_path / "out", "--json") == whole == 0
    report = json.loads(capsys.readouterr().out)
    assert 19 <= report["done_before"] < 200
    assert report == {**expected, "done_before": report["done_before"]}
    assert outputs(tmp_path / "out") == outputs(tmp_path / "whole")


def test_random_by_several_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With random pseudonyms a patient has one pseudonym in all files, whichever process did them."""
    config = configured(tmp_path, f"pseudonyms: random, crosswalk_file: {tmp_path}/crosswalk")
    source = tmp_path / "in"
    source.mkdir()
    for number in range(24):
        (source / f"{number}.hl7").write_text(HL7.format(number, "HOSP"), newline="")
    assert run(config, source, tmp_path / "out", "--processes", "2") == 0
    texts = [text.decode().split("\r")[1] for text in outputs(tmp_path / "out").values()]
    assert len(texts) == 24
    assert len({text.split("|")[3] for text in texts}) == 1
