"""Settings of the pipeline: the section of the issue is taken, and each mistake is told with its mend."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.pipeline.settings import PipelineSettings

WHOLE: dict[str, Any] = {
    "hospitals": {
        "north": {
            "images": "north:dicom/**.dcm",
            "reports": "north:reports/*.csv",
            "columns": {"accession": "ACC_NO", "date": "REPORT_DATE", "text": "REPORT"},
        },
        "south": {
            "images": "south:**.dcm",
            "reports": "south:csv/*",
            "columns": {"accession": "Accession", "text": "Findings"},
            "encoding": "cp1252",
        },
    },
    "via": "anonymous",
    "tables": "/var/lib/hilum/tables",
    "public": {
        "tables": "public:tables/",
        "thumbnails": "thumbs:",
        "columns": ["Modality", "BodyPartExamined", "StudyDescription", "report"],
    },
    "gate": {"k_anonymity": 5, "second_look": True},
}


def test_whole_section() -> None:
    """The documented section is taken as it is."""
    settings = PipelineSettings.model_validate(WHOLE)
    assert settings.hospitals["south"].encoding == "cp1252"
    assert settings.hospitals["north"].columns is not None
    assert settings.hospitals["north"].columns.date == "REPORT_DATE"
    assert settings.gate.k_anonymity == 5


@pytest.mark.parametrize(
    ("hospital", "mistake"),
    [
        ({"images": "dicom/**.dcm"}, "is no place in a bucket"),
        ({"images": "north:a**b**"}, "has ** beside another wildcard"),
        ({"images": "north:**", "reports": "north:*.csv"}, "reports and columns belong together"),
        ({"images": "north:**", "encoding": "utf-99"}, "is no encoding"),
    ],
)
def test_mistakes_of_a_hospital(hospital: dict[str, Any], mistake: str) -> None:
    """A place is a bucket with a pattern; reports have columns; an encoding is known."""
    with pytest.raises(ValidationError, match=mistake.replace("*", r"\*")):
        PipelineSettings.model_validate({**WHOLE, "hospitals": {"north": hospital}})


@pytest.mark.parametrize(
    ("public", "mistake"),
    [
        ({"tables": "public:tables"}, "is no folder of a bucket"),
        ({"thumbnails": "thumbs:*/"}, "is no folder of a bucket"),
        ({"columns": []}, "at least 1 item"),
        ({"columns": ["modality"]}, "is no column"),
        ({"columns": ["Modality", "Modality"]}, "named twice"),
    ],
)
def test_mistakes_of_the_public_side(public: dict[str, Any], mistake: str) -> None:
    """Places of the public side are folders, and its columns are an allow-list."""
    with pytest.raises(ValidationError, match=mistake):
        PipelineSettings.model_validate({**WHOLE, "public": {**WHOLE["public"], **public}})
