"""The settings of a listener that fetches."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.events.instants import SECOND
from adapters.events.settings import SCOPES, PubsubDicomSettings, PubsubFhirSettings, PubsubSettings

STORE = "https://healthcare.googleapis.com/v1/projects/p/locations/l/datasets/d/hl7V2Stores/s"


def settings(**others: Any) -> PubsubSettings:
    """Return settings, those that are required and *others*."""
    given = {"kind": "pubsub", "subscription": "projects/p/subscriptions/results", "store": STORE, **others}
    return PubsubSettings.model_validate(given)


def test_defaults() -> None:
    """A listener commits, settles two seconds, and leaves out what Hilum has ingested."""
    found = settings()
    assert ("commit", 2, 'NOT labels."hilum":*') == (found.acknowledge, found.settle_seconds, found.condition_of_list)
    assert "https://pubsub.googleapis.com/v1/projects/p/subscriptions/results" == found.subscription_url
    assert [STORE, "https://pubsub.googleapis.com"] == [each.url for each in found.clients]


def test_condition() -> None:
    """A condition is added to that on the label, which can be left out."""
    assert 'NOT labels."x":* AND (message_type = "ORU")' == (
        settings(own_label="x", condition='message_type = "ORU"').condition_of_list
    )
    assert "" == settings(own_label=None).condition_of_list


def test_google(tmp_path: Path) -> None:
    """A token of Google has the scopes of both, unless others are given."""
    file = str(tmp_path / "key.json")
    both = settings(credentials={"kind": "google", "service_account_file": file}).clients
    own = settings(credentials={"kind": "google", "service_account_file": file, "scopes": ["x"]}).clients
    assert [SCOPES, ("x",)] == [getattr(each[0].credentials, "scopes", None) for each in (both, own)]


STARTS = {"now": 940 * SECOND, "oldest": 0, "1970-01-01T00:00:03Z": 3 * SECOND}


@pytest.mark.parametrize(("start", "first"), STARTS.items())
def test_start(start: str, first: int) -> None:
    """The first start is a minute ago, at the beginning, or at a time that is named."""
    assert first == settings(start=start).first(1000.0)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a FHIR store": ({"store": STORE.replace("hl7V2Stores", "fhirStores")}, "write `kind: pubsub_fhir`"),
    "a DICOM store": ({"store": STORE.replace("hl7V2Stores", "dicomStores")}, "is the address of a DICOM store"),
    "another address": ({"store": "https://store.example/"}, "must be the address of an HL7v2 store"),
    "a subscription without a project": ({"subscription": "results"}, "must be projects/PROJECT/subscriptions/NAME"),
    "a path": ({"pubsub_url": "https://pubsub.googleapis.com/v1"}, "pubsub_url must have no path"),
    "a start that is no time": ({"start": "yesterday"}, "must be `now`, `oldest`, or a time"),
    "a secret in the clear": (
        {"pubsub_url": "http://pubsub.example", "credentials": {"kind": "bearer", "token_file": "x"}},
        "would go to pubsub.example in the clear",
    ),
    "a label": ({"own_label": "Hilum"}, "is no key of a label"),
    "a port": ({"port": 1}, "Extra inputs"),
}


@pytest.mark.parametrize(("others", "text"), WRONG.values(), ids=WRONG)
def test_wrong(others: dict[str, Any], text: str) -> None:
    """A mistake is told."""
    with pytest.raises(ValidationError) as caught:
        settings(**others)
    assert text in str(caught.value)


DICOM_STORE = STORE.replace("hl7V2Stores", "dicomStores")
WRONG_DICOM = {
    "an HL7v2 store": (STORE, "is the address of an HL7v2 store; write `kind: pubsub`"),
    "a FHIR store": (STORE.replace("hl7V2Stores", "fhirStores"), "is the address of a FHIR store"),
    "a DICOMweb root": (f"{DICOM_STORE}/dicomWeb", "must be the address of a DICOM store"),
}


@pytest.mark.parametrize(("store", "text"), WRONG_DICOM.values(), ids=WRONG_DICOM)
def test_wrong_dicom_store(store: str, text: str) -> None:
    """The store of instances must be a DICOM store."""
    given = {"kind": "pubsub_dicom", "subscription": "projects/p/subscriptions/images", "store": store}
    with pytest.raises(ValidationError) as caught:
        PubsubDicomSettings.model_validate(given)
    assert text in str(caught.value)


def test_dicom_store() -> None:
    """What is read is the DICOMweb root, to which a destination may write."""
    given = {"kind": "pubsub_dicom", "subscription": "projects/p/subscriptions/images", "store": DICOM_STORE}
    assert f"{DICOM_STORE}/dicomWeb" == PubsubDicomSettings.model_validate(given).reads


FHIR_STORE = STORE.replace("hl7V2Stores", "fhirStores")
WRONG_FHIR: dict[str, tuple[dict[str, Any], str]] = {
    "an HL7v2 store": ({"store": STORE}, "write `kind: pubsub`"),
    "a DICOM store": ({"store": DICOM_STORE}, "write `kind: pubsub_dicom`"),
    "the base of the store": ({"store": f"{FHIR_STORE}/fhir"}, "must be the address of a FHIR store"),
    "a tag without a system": ({"own_tag": "hilum"}, "must be SYSTEM|CODE"),
    "no order": ({"order_by": "none"}, "order_by"),
}


@pytest.mark.parametrize(("others", "text"), WRONG_FHIR.values(), ids=WRONG_FHIR)
def test_wrong_fhir(others: dict[str, Any], text: str) -> None:
    """A mistake in the settings of resources is told."""
    given = {"kind": "pubsub_fhir", "subscription": "projects/p/subscriptions/changes", "store": FHIR_STORE, **others}
    with pytest.raises(ValidationError) as caught:
        PubsubFhirSettings.model_validate(given)
    assert text in str(caught.value)


def test_fhir_store() -> None:
    """What is read is the base of the store; the resources of one patient are in order."""
    given = {"kind": "pubsub_fhir", "subscription": "projects/p/subscriptions/changes", "store": FHIR_STORE}
    found = PubsubFhirSettings.model_validate(given)
    assert (f"{FHIR_STORE}/fhir", "patient") == (found.reads, found.order_by)
