"""Pseudonyms of the dialect."""

from adapters.deidentify.google.pseudonyms import GooglePseudonyms, OneDomain
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms


def test_dates_have_their_own_key() -> None:
    """Shifts are those of the second key, everything else is of the first."""
    own, dates = KeyedPseudonyms(Key(bytes(32))), KeyedPseudonyms(Key(bytes(range(32))))
    both, patient = GooglePseudonyms(own, dates), Patient("", "4711")
    assert both.shift(patient) == dates.shift(patient)
    assert both.shift_of_study("1.2.3") == dates.shift_of_study("1.2.3")
    assert both.uid("1.2.3") == own.uid("1.2.3")
    assert both.identifier("order", "7") == own.identifier("order", "7")
    assert both.patient(patient) == own.patient(patient)
    assert both.fingerprint == own.fingerprint


def test_one_domain() -> None:
    """A number is the patient, whoever gave it and in whatever format."""
    domain = OneDomain()
    assert domain.patient("dicom", ("HOSP",), " 7 ") == domain.patient("fhir", (), "7") == Patient("", "7")
