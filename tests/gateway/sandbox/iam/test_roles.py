"""What roles allow."""

import pytest

from gateway.sandbox.iam.roles import allows

ROWS = [
    ("roles/owner", "healthcare.datasets.setIamPolicy", True),
    ("roles/editor", "healthcare.datasets.setIamPolicy", False),
    ("roles/editor", "healthcare.datasets.delete", True),
    ("roles/viewer", "healthcare.dicomStores.dicomWebRead", True),
    ("roles/viewer", "healthcare.dicomStores.dicomWebWrite", False),
    ("roles/healthcare.datasetAdmin", "healthcare.datasets.setIamPolicy", True),
    ("roles/healthcare.datasetAdmin", "healthcare.dicomStores.get", False),
    ("roles/healthcare.dicomEditor", "healthcare.dicomStores.import", True),
    ("roles/healthcare.dicomViewer", "healthcare.dicomStores.import", False),
    ("roles/healthcare.hl7V2StoreAdmin", "healthcare.hl7V2Stores.rollback", True),
    ("roles/healthcare.hl7V2Ingest", "healthcare.hl7V2Messages.list", False),
    ("roles/healthcare.fhirResourceReader", "healthcare.operations.get", True),
    ("projects/p/roles/own", "healthcare.datasets.get", False),
]


@pytest.mark.parametrize(("role", "permission", "is_allowed"), ROWS)
def test_roles(role: str, permission: str, is_allowed: bool) -> None:
    """Each role has the permissions that Google's page gives; an unknown role has none."""
    assert allows([role], permission) is is_allowed


def test_several() -> None:
    """One of several roles is enough; no role allows nothing."""
    assert allows(["roles/x", "roles/owner"], "healthcare.datasets.get")
    assert not allows([], "healthcare.datasets.get")
