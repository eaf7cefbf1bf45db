"""Which instance stands for a series and a study."""

import random
from typing import Any

import pytest

from adapters.pipeline.thumbnails.admission import WHOLE_SLIDE
from adapters.pipeline.thumbnails.choosing import is_picture, of_series, of_study

CT, SR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.11"


def row(number: int, **more: Any) -> dict[str, Any]:
    """Return the row of one instance."""
    return {
        "SOPClassUID": CT,
        "SOPInstanceUID": f"1.9.{number}",
        "SeriesInstanceUID": "1.2",
        "InstanceNumber": str(number),
        "Rows": 512,
        **more,
    }


def at(number: int, z: float) -> dict[str, Any]:
    """Return the row of an axial slice."""
    return row(
        number,
        ImagePositionPatient=["0", "0", str(z)],
        ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
    )


def chosen(rows: list[dict[str, Any]]) -> str | None:
    """Return the UID of the instance that stands for a series, which does not depend on the order of its rows."""
    found = set()
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        one = of_series(rows)
        found.add(None if one is None else one["SOPInstanceUID"])
    assert len(found) == 1
    return found.pop()


def test_by_position() -> None:
    """The middle one along the body, whatever the numbers say."""
    assert chosen([at(1, 30.0), at(2, 10.0), at(3, 20.0)]) == "1.9.3"


def test_by_number() -> None:
    """Without positions, or with several instances at one place, the numbers count: as numbers, not as texts."""
    assert chosen([row(2), row(10), row(9)]) == "1.9.9"
    assert chosen([at(1, 5.0), at(2, 5.0), at(30, 5.0)]) == "1.9.2"
    assert chosen([row(1), at(2, 3.0), at(3, 1.0)]) == "1.9.2"


def test_without_numbers() -> None:
    """The UID decides if there is nothing else."""
    assert chosen([row(each, InstanceNumber=None) for each in (1, 2, 3)]) == "1.9.2"
    assert chosen([row(each, InstanceNumber="x") for each in (1, 2, 3)]) == "1.9.2"


def test_localizer() -> None:
    """A localizer stands for a series only if there is nothing else."""
    localizer = row(2, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    assert chosen([row(1), localizer, row(3)]) == "1.9.3"
    assert chosen([localizer]) == "1.9.2"


def test_whole_slide() -> None:
    """The level that shows all of it; otherwise the smallest one; never the label."""

    def level(number: int, kind: str, pixels: int) -> dict[str, Any]:
        kinds = ["ORIGINAL", "PRIMARY", kind, "NONE"]
        size = {"TotalPixelMatrixRows": pixels, "TotalPixelMatrixColumns": pixels}
        return row(number, SOPClassUID=WHOLE_SLIDE, ImageType=kinds, **size)

    volumes = [level(1, "VOLUME", 90000), level(2, "VOLUME", 1000)]
    assert chosen([*volumes, level(3, "LABEL", 500)]) == "1.9.2"
    assert chosen([*volumes, level(4, "OVERVIEW", 2000)]) == "1.9.4"
    assert chosen([*volumes, level(4, "OVERVIEW", 2000), level(5, "THUMBNAIL", 700)]) == "1.9.5"
    assert chosen([level(3, "LABEL", 500)]) is None


@pytest.mark.parametrize(
    "more",
    [{"SOPClassUID": SR}, {"Rows": None}, {"Rows": 0}, {"SpecimenLabelInImage": "YES"}],
    ids=str,
)
def test_no_picture(more: dict[str, Any]) -> None:
    """What is no picture stands for nothing."""
    assert not is_picture(row(1, **more))
    assert chosen([row(1, **more)]) is None


def test_study() -> None:
    """The series with most pictures; the lowest number decides, then the UID."""
    few = [row(each, SeriesInstanceUID="1.1", SeriesNumber="1") for each in (1, 2)]
    many = [row(each, SeriesInstanceUID="1.3", SeriesNumber="7") for each in (11, 12, 13)]
    reports = [row(each, SeriesInstanceUID="1.4", SOPClassUID=SR) for each in range(20, 30)]
    found = of_study([*few, *many, *reports])
    assert found is not None
    assert found["SOPInstanceUID"] == "1.9.12"
    same = [row(each, SeriesInstanceUID="1.0", SeriesNumber="3") for each in (41, 42, 43)]
    found = of_study([*many, *same])
    assert found is not None
    assert found["SeriesInstanceUID"] == "1.0"
    assert of_study(reports) is None
    assert of_study([]) is None
