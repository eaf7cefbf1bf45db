"""The engine that is judged, for files of any hospital."""

from typing import Any

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Format, Patient
from adapters.deidentify.settings import DicomProfile
from adapters.dicom.encoding import Malformed
from tests.adapters.deidentify.dicom.made import PSEUDONYMS


class EveryIssuer(Domains):
    """All patients are of one hospital."""

    def __init__(self) -> None:
        super().__init__({}, None)

    def patient(self, form: Format, authorities: tuple[str, ...], number: str) -> Patient:
        """Return the patient."""
        return Patient("hospital", Domain("hospital").number(number))


def delivered(file: bytes, **profile: Any) -> bytes | None:
    """Return the de-identified file, None if it is held back."""
    transformer = DicomTransformer(DicomProfile(**profile), PSEUDONYMS, EveryIssuer())
    engine = FileDeidentifier(transformer, Manifest("", "key"))
    try:
        parts = [bytes(each) for each in engine.receive_data(file)]
        return b"".join(parts + [bytes(each) for each in engine.receive_end()])
    except (HeldBackError, Malformed):
        return None
