"""The fuzz targets by name; each is a module beside this one with a function ``target``, and a folder in corpus/."""

import importlib
from collections.abc import Callable
from pathlib import Path

Target = Callable[[bytes], None]

CORPUS = Path(__file__).parent / "corpus"
NAMES = (
    "mllp_framer",
    "mllp_exchange",
    "mllp_client",
    "er7_reader",
    "hl7_editing",
    "deidentify_hl7v2",
    "deidentify_fhir",
    "deidentify_dicom",
    "fhir_convert",
    "ack_builder",
    "dimse_pdu",
    "dimse_associate",
    "dimse_association",
    "dimse_command",
    "dimse_exchange",
    "rest_multipart",
    "rest_stow",
    "rest_ingest",
    "rest_http1",
    "rest_fingerprint",
    "source_replies",
    "http_fhir",
    "sandbox_multipart",
    "sandbox_related",
    "sandbox_sql",
    "dicom_edit",
    "table_dicom",
    "import_objects",
    "object_patterns",
    "report_csv",
    "gate_files",
)


def load(name: str) -> Target:
    """Return the target *name*. Its module, and what it tests, is imported only now, so that it can be instrumented."""
    found: Target = importlib.import_module(f"tests.fuzz.{name}").target
    return found


def seeds(name: str) -> list[bytes]:
    """Return the inputs that are kept for the target *name*."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
