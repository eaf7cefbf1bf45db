"""The settings of DICOM and HL7v2 stores."""

from typing import Any

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.resources.store_settings import check

TOPIC = "projects/p/topics/results"
GOOD: list[tuple[str, dict[str, Any]]] = [
    ("hl7V2Stores", {"parserConfig": {"version": "V3", "segmentTerminator": "DQ=="}, "rejectDuplicateMessage": True}),
    ("dicomStores", {"labels": {"team": "a-b_1", "é": ""}, "notificationConfig": {"pubsubTopic": TOPIC}}),
    ("dicomStores", {"notificationConfig": {"sendForBulkImport": False}}),
    ("dicomStores", {"notificationConfigs": [{"pubsubTopic": TOPIC, "sendForBulkImport": True}], "streamConfigs": []}),
]
WRONG: list[tuple[str, dict[str, Any], int]] = [
    ("dicomStores", {"parserConfig": {}}, 400),
    ("dicomStores", {"notificationConfig": 5}, 400),
    ("dicomStores", {"notificationConfigs": 5}, 400),
    ("dicomStores", {"labels": {"Team": "a"}}, 400),
    ("dicomStores", {"labels": {"team": 5}}, 400),
    ("dicomStores", {"labels": ["team"]}, 400),
    ("dicomStores", {"notificationConfigs": [{"pubsubTopic": "results"}]}, 400),
    ("dicomStores", {"notificationConfigs": [{"pubsubTopic": TOPIC, "sendForBulkImport": "yes"}]}, 400),
    ("dicomStores", {"streamConfigs": [{"bigqueryDestination": {"tableUri": "bq://p.d.t"}}]}, 501),
    ("hl7V2Stores", {"parserConfig": {"version": "V9"}}, 400),
    ("hl7V2Stores", {"parserConfig": {"schema": {"schemas": []}}}, 501),
    ("hl7V2Stores", {"parserConfig": {"segmentTerminator": "Cg=="}}, 501),
    ("hl7V2Stores", {"rejectDuplicateMessage": "yes"}, 400),
]


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_good(kind: str, body: dict[str, Any]) -> None:
    """What the sandbox does is taken; the name is not a setting."""
    assert check(kind, {"name": "x", **body}) == body


@pytest.mark.parametrize(("kind", "body", "status"), WRONG)
def test_wrong(kind: str, body: dict[str, Any], status: int) -> None:
    """What is wrong is a 400; what would have no effect is a 501."""
    with pytest.raises(ApiError) as raised:
        check(kind, body)
    assert raised.value.status == status
