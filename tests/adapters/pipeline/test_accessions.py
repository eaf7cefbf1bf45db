"""Accession numbers are compared without what DICOM, HL7v2 and CSV files add to them."""

import pytest

from adapters.pipeline.accessions import accession_key, patient_key, uid_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("A1", "A1"),
        (" a1 ", "A1"),
        ("A1\0", "A1"),
        ("a1^RIS^1.2.3^ISO", "A1"),
        ("\uff21\uff11", "A1"),
        ('="0012"', "0012"),
        ("0012", "0012"),
        ("A 1", "A 1"),
        ("A-1", "A-1"),
        ("^RIS", ""),
        ("n/a", ""),
        ("nan", ""),
        ("#N/A", ""),
        ("000", ""),
        ("---", ""),
        ("NA1", "NA1"),
        ("0-0", "0-0"),
        ("", ""),
        (None, ""),
    ],
)
def test_key(written: str | None, key: str) -> None:
    """The rules, one by one; what is compared stays as it is."""
    assert key == accession_key(written)
    assert key == accession_key(key)


def test_others() -> None:
    """A pseudonym and a UID stay as they are, but for padding."""
    assert accession_key("MFRGGZDFMZTWQ2LK") == "MFRGGZDFMZTWQ2LK"
    assert uid_key("1.2.3\0") == "1.2.3"
    assert uid_key(None) == ""
    assert patient_key(" p7^^^HOSP") == "P7"
