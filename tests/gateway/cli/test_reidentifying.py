"""``hilum reidentify`` answers by the crosswalk only, and only after the question is in the audit trail."""

import base64
import json
from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.gateway.cli.deidentifying.support import HL7, configured

RANDOM = "pseudonyms: random, crosswalk_file: {}/crosswalk"


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    """Return a configuration with a crosswalk, and the pseudonym of a patient."""
    config = configured(tmp_path, RANDOM.format(tmp_path))
    (tmp_path / "one.hl7").write_text(HL7.format(1, "HOSP"), newline="")
    words = ["deidentify", str(config), "--step", "anonymous", str(tmp_path / "one.hl7"), str(tmp_path / "out")]
    assert main(words) == 0
    capsys.readouterr()
    (written,) = (tmp_path / "out").glob("*.hl7")
    return config, written.read_text().split("|PID|")[0].split("PID|1||")[1].partition("^")[0]


def ask(config: Path, *pseudonyms: str, step: str = "anonymous", reason: str = "finding, vote 17") -> int:
    """Run the command."""
    return main(["reidentify", str(config), "--step", step, "--reason", reason, *pseudonyms])


def details(folder: Path) -> dict[str, str]:
    """Return the details of the only event of the audit trail."""
    (line,) = (folder / "audit.log").read_text().splitlines()
    (thing,) = json.loads(line)["ParticipantObjectIdentification"]
    assert thing["ParticipantObjectName"] == "crosswalk"
    return {each["type"]: base64.b64decode(each["value"]).decode() for each in thing["ParticipantObjectDetail"]}


def test_known(made: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The original is printed; the event says who asked for which pseudonym and why, and not whose it is."""
    config, pseudonym = made
    assert ask(config, pseudonym) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{pseudonym}  patient  hospital  4815162\n"
    assert "4815162" not in printed.err
    assert details(tmp_path) == {
        "Alert Description": f"re-identified: 1 of 1 pseudonyms; step: anonymous; pseudonyms: {pseudonym}",
        "Reason": "finding, vote 17",
    }


def test_json_and_unknown(made: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown pseudonym makes the exit status 1; what was typed is not in the event, since it may be a patient."""
    config, pseudonym = made
    assert (
        main(["reidentify", str(config), "--step", "anonymous", "--reason", "x", "--json", "4815162", pseudonym]) == 1
    )
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "pseudonym": pseudonym,
        "purpose": "patient",
        "domain": "hospital",
        "value": "4815162",
    }
    assert "1 of 2 pseudonyms are not in the crosswalk" in printed.err
    assert "4815162" not in str(details(tmp_path))


def test_not_audited(made: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the event cannot be written, nothing is printed."""
    config, pseudonym = made
    (tmp_path / "audit.log").mkdir()
    assert ask(config, pseudonym) != 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "4815162" not in printed.err


@pytest.mark.parametrize(
    ("more", "step", "reason", "problem"),
    [
        ("most_weeks: 52", "anonymous", "x", "steps.anonymous.crosswalk_file: is not set"),
        (RANDOM, "anonymous", "x", "crosswalk: does not exist"),
        (RANDOM, "other", "x", "--step: other: makes no pseudonyms"),
        (RANDOM, "none", "x", "--step: none: there is no such step"),
        (RANDOM, "anonymous", " ", "reason: "),
    ],
)
def test_mistakes(
    more: str, step: str, reason: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a crosswalk, a step or a reason there is no answer."""
    assert ask(configured(tmp_path, more.format(tmp_path)), "X", step=step, reason=reason) == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "crosswalk").exists()


def test_no_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an audit trail nobody is re-identified."""
    config = configured(tmp_path, RANDOM.format(tmp_path))
    config.write_text(config.read_text().partition("audit:")[0])
    assert ask(config, "X") == 2
    assert "audit: is not configured" in capsys.readouterr().err
