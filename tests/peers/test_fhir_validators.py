"""Validators of FHIR that others wrote judge the bundles, each as far as it goes."""

import json

import pytest

from adapters.fhir.convert import Conversion, convert
from tests.adapters.fhir.making import BERLIN, PID, PV1, made, message
from tests.corpus.test_fhir_corpus import OPTIONS, listed
from tests.corpus.test_hl7_corpus import FILES

fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs is not installed")
bundles = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not installed")

RESULT = [
    PID, PV1, "NK1|1|Test^Eva|MTH", "AL1|1|DA|^Penicillin|SV|Rash", "ORC|RE|P1|F1", "OBR|1|P1|F1|1^Panel^LN|||20240501",
    "NTE|1||fasting", "OBX|1|NM|1^x^LN||4.10|mg/dL|1-2|H|||F", "NTE|1||seen", "OBX|2|SN|2^x^LN||^1^:^128||||||P",
    "OBX|3|ED|3^x^LN||^AP^PDF^Base64^JVBERg==||||||F", "OBX|4|CWE|4^x^LN||^a~^b||||||C", "SPM|1|S1&H^S2&H||BLD",
]  # fmt: skip
STEP = 7
"""fhir.resources takes 30 ms for a bundle: it sees each seventh message of the corpus."""


def corpus(step: int = 1) -> list[bytes]:
    """Return the bundles of the corpus."""
    found = (convert(data, OPTIONS[1]) for path in FILES for data in list(listed(path)))
    return [each.encoded() for each in found if isinstance(each, Conversion)][::step]


def test_fhirkit() -> None:
    """Fhirkit finds no fault in a result with everything, and in an admission."""
    for found in (made(*RESULT, kind="ORU^R01"), made(PID, PV1, "DG1|1||I10^^I10")):
        assert [] == fhirkit.validate(found.encoded())


def test_fhir_resources() -> None:
    """fhir.resources reads both."""
    for found in (made(*RESULT, kind="ORU^R01"), made(PID, PV1, "DG1|1||I10^^I10")):
        assert "transaction" == bundles.Bundle.model_validate_json(found.encoded()).type


def test_they_judge() -> None:
    """Both see a fault."""
    found = convert(message(PID), BERLIN)
    assert isinstance(found, Conversion)
    wrong = json.dumps({**json.loads(found.encoded()), "type": ""}).encode()
    assert fhirkit.validate(wrong)
    with pytest.raises(ValueError, match="type"):
        bundles.Bundle.model_validate_json(wrong)


@pytest.mark.slow
@pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")
def test_corpus_and_fhirkit() -> None:
    """Fhirkit finds no fault in any bundle of the corpus."""
    assert [] == [issue for each in corpus() for issue in fhirkit.validate(each)]


@pytest.mark.slow
@pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")
def test_corpus_and_fhir_resources() -> None:
    """fhir.resources reads the bundles of the corpus."""
    for each in corpus(STEP):
        bundles.Bundle.model_validate_json(each)
