"""An authority leads to its domain, or the message is held back."""

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Patient

HOSPITAL, CLINIC = Domain("hospital"), Domain("clinic", drops_leading_zeros=True)
KNOWN = Domains({("hl7v2", "HOSP"): HOSPITAL, ("hl7v2", "1.2&ISO"): HOSPITAL, ("hl7v2", "CLINIC"): CLINIC}, CLINIC)


@pytest.mark.parametrize(
    ("authorities", "number", "patient"),
    [
        (("HOSP",), "007 ", Patient("hospital", "007")),
        (("HOSP", "1.2&ISO"), "7", Patient("hospital", "7")),
        (("HOSP", "9.9&ISO"), "7", Patient("hospital", "7")),
        (("CLINIC",), "007", Patient("clinic", "7")),
        (("CLINIC",), "000", Patient("clinic", "0")),
        ((), "007", Patient("clinic", "7")),
        (("",), "7", Patient("clinic", "7")),
    ],
)
def test_patient(authorities: tuple[str, ...], number: str, patient: Patient) -> None:
    """By any of the names of its authority; without one, by the default."""
    assert KNOWN.patient("hl7v2", authorities, number) == patient


@pytest.mark.parametrize("authorities", [("ELSE",), ("HOSP", "CLINIC")])
def test_held_back(authorities: tuple[str, ...]) -> None:
    """An unknown authority, or one of two domains; the reason quotes neither it nor the number."""
    with pytest.raises(HeldBackError) as caught:
        KNOWN.patient("hl7v2", authorities, "4815162")
    assert not [each for each in (*authorities, "4815162") if each in str(caught.value)]


def test_other_format() -> None:
    """An authority of HL7v2 is none of DICOM; and without a default nobody is known."""
    with pytest.raises(HeldBackError, match="issuer"):
        KNOWN.patient("dicom", ("HOSP",), "7")
    with pytest.raises(HeldBackError, match="system"):
        Domains({}).patient("fhir", (), "7")
