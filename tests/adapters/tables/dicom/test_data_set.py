"""A data set from a store's DICOM JSON."""

from adapters.tables.dicom.data_set import of_json


def test_of_json() -> None:
    """Items are found, bulk data count as left out, pixels are not told."""
    item = {"00080100": {"vr": "SH", "Value": ["A"]}}
    found = of_json(
        {
            "00082218": {"vr": "SQ", "Value": [item]},
            "00420011": {"vr": "OB", "BulkDataURI": "x"},
            "7FE00010": {"vr": "OW", "BulkDataURI": "y"},
            "00100020": {"vr": "LO"},
        }
    )
    assert {"00082218": {"vr": "SQ", "Value": [item]}, "00100020": {"vr": "LO"}} == found.json
    assert ([item], ["00420011"]) == ([each.json for each in found.items["00082218"]], found.dropped)
