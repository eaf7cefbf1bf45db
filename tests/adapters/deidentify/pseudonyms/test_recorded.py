"""Keyed pseudonyms with a crosswalk are the same as without, and can be turned back."""

from pathlib import Path

from adapters.deidentify.crosswalk.store import Crosswalk
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.recorded import RecordedPseudonyms
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms

PATIENT = Patient("hospital", "4815162")


def test_same_and_back(tmp_path: Path) -> None:
    """Each pseudonym is the keyed one, and is recorded with what it stands for."""
    keyed = KeyedPseudonyms(Key(bytes(32)))
    crosswalk = Crosswalk(tmp_path / "crosswalk", bytes(range(32)))
    recorded = RecordedPseudonyms(keyed, crosswalk)
    assert recorded.fingerprint == keyed.fingerprint
    assert recorded.patient(PATIENT) == keyed.patient(PATIENT)
    assert recorded.uid("1.2.3") == keyed.uid("1.2.3")
    assert recorded.uid("1.2.840.10008.1.2") == "1.2.840.10008.1.2"
    assert recorded.shift(PATIENT) == keyed.shift(PATIENT)
    assert recorded.shift_of_study("1.2.3") == keyed.shift_of_study("1.2.3")
    for pseudonym, place in (
        (keyed.patient(PATIENT), ("patient", "hospital", "4815162")),
        (keyed.uid("1.2.3"), ("uid", "", "1.2.3")),
    ):
        entry = crosswalk.originals(pseudonym)
        assert entry is not None
        assert (entry.purpose, entry.domain, entry.value) == place
    assert crosswalk.originals("1.2.840.10008.1.2") is None
    crosswalk.close()
