"""Which instance stands for a series, and which for a study: by rows of ``dicom_metadata`` or of a table made of it."""

from collections.abc import Iterable, Sequence

from adapters.pipeline.contract import Row
from adapters.pipeline.thumbnails.admission import NO_PICTURES, WHOLE_SLIDE

WHOLE = ("THUMBNAIL", "OVERVIEW")
"""The levels of a whole slide that show all of it, the better one first."""


def of_study(rows: Iterable[Row]) -> Row | None:
    """Return the row of the instance that stands for a study; None if none of them is a picture.

    It is of the series with most pictures; of several, of the one with the lowest number, then with the lowest UID.
    """
    series: dict[str, list[Row]] = {}
    for row in rows:
        if is_picture(row):
            series.setdefault(_text(row, "SeriesInstanceUID"), []).append(row)
    if not series:
        return None
    largest = min(series.items(), key=lambda each: (-len(each[1]), _number(each[1][0], "SeriesNumber"), each[0]))
    return of_series(largest[1])


def of_series(rows: Iterable[Row]) -> Row | None:
    """Return the row of the middle instance of a series, by its position, otherwise by its number.

    Of a whole slide it is the level that shows all of it, otherwise the one with the fewest pixels. None if none of
    them is a picture.
    """
    pictures = [each for each in rows if is_picture(each)]
    pictures = [each for each in pictures if "LOCALIZER" not in _kinds(each)] or pictures
    if not pictures:
        return None
    if any(_text(each, "SOPClassUID") == WHOLE_SLIDE for each in pictures):
        return min(pictures, key=_level)
    ordered = _by_position(pictures) or sorted(pictures, key=_by_number)
    return ordered[len(ordered) // 2]


def is_picture(row: Row) -> bool:
    """Whether an instance may have a thumbnail, as far as its row says."""
    sop_class = _text(row, "SOPClassUID")
    if any(sop_class == root or sop_class.startswith(f"{root}.") for root in NO_PICTURES):
        return False
    if "LABEL" in _kinds(row)[2:] or _text(row, "SpecimenLabelInImage") == "YES":
        return False
    return _number(row, "Rows") not in {0.0, MISSING}


MISSING = float("inf")


def _by_position(rows: Sequence[Row]) -> list[Row]:
    """Return the rows in order along the normal of their plane (PS3.3 C.7.6.2.1.1); nothing if one has no place."""
    normal = _normal(rows[0])
    places = [_numbers(each, "ImagePositionPatient", 3) for each in rows]
    if normal is None or any(each is None for each in places):
        return []
    along = [sum(a * b for a, b in zip(normal, place or (), strict=False)) for place in places]
    if len(set(along)) < len(rows):  # several instances have one place, as the phases of a heart: numbers tell more
        return []
    return [rows[each] for each in sorted(range(len(rows)), key=lambda each: along[each])]


def _normal(row: Row) -> tuple[float, float, float] | None:
    found = _numbers(row, "ImageOrientationPatient", 6)
    if found is None:
        return None
    ax, ay, az, bx, by, bz = found
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


def _by_number(row: Row) -> tuple[float, str]:
    return _number(row, "InstanceNumber"), _text(row, "SOPInstanceUID")


def _level(row: Row) -> tuple[int, float, str]:
    kinds = _kinds(row)
    rank = next((number for number, each in enumerate(WHOLE) if each in kinds), len(WHOLE))
    pixels = _number(row, "TotalPixelMatrixRows") * _number(row, "TotalPixelMatrixColumns")
    return rank, pixels, _text(row, "SOPInstanceUID")


def _kinds(row: Row) -> list[str]:
    value = row.get("ImageType") or ()
    return [str(each).strip().upper() for each in (value.split("\\") if isinstance(value, str) else value)]


def _text(row: Row, column: str) -> str:
    return str(row.get(column) or "").strip()


def _number(row: Row, column: str) -> float:
    try:
        return float(row.get(column) if row.get(column) is not None else MISSING)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return MISSING


def _numbers(row: Row, column: str, count: int) -> list[float] | None:
    try:
        found = [float(each) for each in row.get(column) or ()]
    except (TypeError, ValueError):
        return None
    return found if len(found) == count and all(abs(each) < MISSING for each in found) else None
