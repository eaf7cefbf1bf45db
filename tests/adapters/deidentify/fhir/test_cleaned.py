"""Free text keeps what names nobody."""

from tests.adapters.deidentify.fhir.making import PATIENT, SUBJECT, bundle, done


def test_fhir() -> None:
    """A text of a concept keeps the words beside the name."""
    code = {"text": "as Quagmire said: pain", "coding": [{"code": "1"}]}
    given_bundle = bundle(PATIENT, {"resourceType": "Observation", "subject": SUBJECT, "code": code})
    made = done(given_bundle, text="known_identifiers")["entry"][1]["resource"]
    assert made["code"]["text"] == "as *** said: pain"
    assert "text" not in done(given_bundle)["entry"][1]["resource"]["code"]
