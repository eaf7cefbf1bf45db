"""A configuration with a step that de-identifies, and files for it."""

import json
import shutil
from pathlib import Path

from tests.dicom_files import shipped

CONFIGURATION = """
domains:
  hospital: {{hl7v2: ["HOSP"], dicom: ["HOSP"], fhir: ["urn:oid:1.2.3"]}}
steps:
  anonymous: {{kind: deidentify, key_file: {folder}/key, default_domain: hospital, {more}}}
  other: {{kind: edit_hl7v2, set: {{MSH-5: MPI}}}}
audit: {{file: {folder}/audit.log}}
"""
SECRETS = (b"4815162", b"Smith", b"1CT1", b"CompressedSamples")
"""What names the patients of the files."""
HL7 = "MSH|^~\\&|A|B|C|D|20240101||ADT^A08|{}|P|2.5\rPID|1||4815162^^^{}^MR||Smith^John\rPV1|1|I\r"
UNKNOWN_AUTHORITY = "names the assigning authority"


def configured(folder: Path, more: str = "most_weeks: 52") -> Path:
    """Return a configuration in *folder*."""
    (folder / "key").write_text("5a" * 32)
    (folder / "key").chmod(0o600)
    path = folder / "hilum.yaml"
    path.write_text(CONFIGURATION.format(folder=folder, more=more))
    return path


def patient(number: int) -> bytes:
    """Return a Patient as a line of NDJSON."""
    named = {"system": "urn:oid:1.2.3", "value": "4815162"}
    return json.dumps(
        {"resourceType": "Patient", "id": f"p{number}", "identifier": [named], "name": [{"family": "Smith"}]}
    ).encode()


def filled(folder: Path) -> Path:
    """Return a folder with files of all formats, whose names are those of patients."""
    source = folder / "in"
    (source / "Smith^John").mkdir(parents=True)
    shutil.copy(shipped("CT_small.dcm"), source / "Smith^John" / "CT 4815162\n.dcm")
    shutil.copy(shipped("CT_small.dcm"), source / "Smith^John" / "copy")
    (source / "two.hl7").write_text(HL7.format(1, "HOSP") + HL7.format(2, "ELSEWHERE"), newline="")
    (source / "Patient.ndjson").write_bytes(b"\n".join([patient(1), b"", b"{}", patient(2)]))
    (source / "one.json").write_bytes(patient(3))
    (source / "note.txt").write_text("Smith has 4815162")
    return source


def outputs(out: Path) -> dict[str, bytes]:
    """Return the files that were written, by name, without those of the command itself."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".hilum" not in path.parts
    }
