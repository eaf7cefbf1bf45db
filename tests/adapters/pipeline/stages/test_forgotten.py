"""What is forgotten is recognised in images and reports, without being kept."""

from adapters.pipeline.contract import Made
from adapters.pipeline.stages.forgotten import NOTHING, REPORTS, Forgotten, digest_of, digests_of
from tests.adapters.pipeline import small

PATIENT = Forgotten(digests_of(" mrn-7711 "), frozenset({digest_of("ACC771")}))


def report(**changes: str) -> dict[str, str]:
    """Return a row of ``reports``."""
    return {"accession": "", "study": "", "patient": "", **changes}


def test_images() -> None:
    """By the number of the patient in any form, by each of the UIDs; what cannot be read is nobody's."""
    assert PATIENT.has_image(small.instance(1, 1))
    assert not PATIENT.has_image(small.instance(2, 1))
    assert not PATIENT.has_image(b"noise")
    for uid in ("1.2.826.77.2", "1.2.826.77.2.1", "1.2.826.77.2.1.1"):
        assert Forgotten(digests_of(uid)).has_image(small.instance(2, 1))
    assert not NOTHING.has_image(small.instance(1, 1))


def test_reports() -> None:
    """By accession number, study or patient."""
    assert PATIENT.has_report(report(accession="acc771"))
    assert PATIENT.has_report(report(patient="MRN-7711"))
    assert Forgotten(digests_of("1.2")).has_report(report(study="1.2"))
    assert not PATIENT.has_report(report(accession="ACC772"))
    assert not PATIENT.has_report(report())


def test_without() -> None:
    """The others stay, in their order; without any to forget, the result is the same object."""
    made = Made({REPORTS: [report(accession="1"), report(accession="ACC771"), report(accession="2")]})
    left = PATIENT.without(made).rows[REPORTS]
    assert [each["accession"] for each in left] == ["1", "2"]
    assert NOTHING.without(made) is made


def test_what_is_kept() -> None:
    """Digests are kept, and no number; what is forgotten has a digest of its own."""
    assert "7711" not in repr(PATIENT)
    assert PATIENT.digest != NOTHING.digest
    assert PATIENT
    assert not NOTHING
