"""``hilum pipeline`` names no patient: not on its console, in its log, its metrics file, or the audit trail.

Objects have invalid value representations and values, which pydicom quotes in warnings, and bear the names of patients;
warnings are always shown. Only ``report`` names objects, which is the operator's own.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from tests.adapters.pipeline import small
from tests.pipeline.test_kills import configuration

WHOLE = small.instance(1, 9, SpecificCharacterSet="ISO_IR 100", PatientWeight="61.5", PatientAge="071Y")
BROKEN: Mapping[str, bytes] = {
    "no date": WHOLE.replace(b"19481213", b"Zabriski"),
    "no number": WHOLE.replace(b"61.5", b"Quil").replace(b"071Y", b"Zabr"),
    "no character set": WHOLE.replace(b"ISO_IR 100", b"Zabriskie1"),
    "no UID": WHOLE.replace(b"1.2.826.77.1.1.9", b"1.2.Zabriskie1.9"),
    "no value representation": WHOLE.replace(b"\x10\x00\x30\x00DA", b"\x10\x00\x30\x00ZZ"),
    "another value representation": WHOLE.replace(b"\x10\x00\x10\x00PN", b"\x10\x00\x10\x00FD"),
    "no frames": WHOLE.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0"),
    "another photometric interpretation": WHOLE.replace(b"MONOCHROME2 ", b"Zabriskie1  "),
    "cut": WHOLE[:-100],
    "text": b"Zabriskie1^Quillfeather" * 99,
}
SHORT = ("Zabr", "Quil", *small.PLANTED)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command has said, and how it ended."""

    text: str
    code: int

    def leaks(self) -> list[str]:
        """Return what is planted and in it."""
        return [each for each in SHORT if each in self.text]


def hilum(config: Path, *words: str) -> Said:
    """Run the command with all warnings shown, also in the processes that it starts."""
    command = [sys.executable, "-W", "always", "-m", "gateway", "pipeline", str(config), *words]
    environment = os.environ | {"PYTHONWARNINGS": "always"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    return Said(done.stdout + done.stderr, done.returncode)


def hospitals(folder: Path) -> Path:
    """Write the hospitals, with what is broken beside what is whole; return the configuration."""
    small.hospitals(folder, studies=1, images=1)
    for number, (name, octets) in enumerate(BROKEN.items()):
        assert octets != WHOLE, name
        small.put(folder, f"north/dicom/Zabriskie1_Quillfeather/{number}.dcm", octets)
    small.put(folder, "south/csv/MRN-7713.csv", b'Accession;Findings\nACC773;"Zabriskie3 is\nACC774;\xff\x81\n')
    config = configuration(folder / "run", folder)
    config.write_text(config.read_text() + f"audit: {{file: {folder}/audit.log}}\n")
    return config


def of(said: Said, code: int) -> None:
    """Judge what was said."""
    assert said.leaks() == [], said.text
    assert said.code == code, said.text


def test_a_quoting_library() -> None:
    """The broken objects do make pydicom quote a patient, where nobody keeps it from that."""
    read = "import io, sys, pydicom; str(pydicom.dcmread(io.BytesIO(sys.stdin.buffer.read()), force=True))"
    command = [sys.executable, "-W", "always", "-c", read]
    done = subprocess.run(command, input=BROKEN["no character set"], capture_output=True, timeout=60, check=False)
    assert b"Zabriski" in done.stderr


@pytest.mark.timeout(600)
@pytest.mark.parametrize("driver", ["local", "beam"])
def test_commands(tmp_path: Path, driver: str) -> None:
    """No command but the operator's report names anybody, whether it ends well or not."""
    if driver == "beam":
        pytest.importorskip("apache_beam", reason="the extra beam is not installed")
    config = hospitals(tmp_path)
    of(hilum(config, "run", "--driver", driver), 0)
    status = hilum(config, "status")
    of(status, 0)
    assert "first reason" in status.text, "something was broken"
    of(hilum(config, "status", "--json"), 0)
    of(hilum(config, "retry", "--driver", driver), 0)
    assert "Zabriskie1_Quillfeather" in hilum(config, "report").text, "the search does find a name"
    of(hilum(config, "forget", "north", "MRN-7711"), 0)
    (tmp_path / "south").rename(tmp_path / "Quillfeather")
    of(hilum(config, "run", "--json", "--driver", driver), 1)
    trail = (tmp_path / "audit.log").read_text()
    assert "Export" in trail
    assert Said(trail, 0).leaks() == []
    told = (tmp_path / "run/identified/tables/work/report/status.json").read_text()
    assert Said(told, 0).leaks() == []
