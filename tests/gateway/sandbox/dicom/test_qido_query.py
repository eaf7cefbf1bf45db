"""The query string of a search."""

import pytest

from gateway.sandbox.dicom.qido_query import LARGEST_LIMIT, Level, Query, parse_query, shown_tags, vr_of
from gateway.sandbox.google_error import ApiError


def test_nothing_asked() -> None:
    """Without parameters everything is found."""
    assert parse_query(Level.STUDY, []) == Query(Level.STUDY, {}, frozenset(), LARGEST_LIMIT, 0, False)


def test_everything_asked() -> None:
    """Attributes are named by keyword or tag; included fields can be repeated or listed."""
    parameters = [
        ("PatientName", "DOE*"),
        ("00100020", "7"),
        ("includefield", "StudyDescription,00081010"),
        ("includefield", "all"),
        ("limit", "10"),
        ("offset", "20"),
        ("fuzzymatching", "true"),
    ]
    included = frozenset({"00081030", "00081010", "all"})
    query = Query(Level.STUDY, {"00100010": "DOE*", "00100020": "7"}, included, 10, 20, True)
    assert query == parse_query(Level.STUDY, parameters)


REFUSED = {
    "an unknown attribute": (Level.STUDY, "Nonsense", "x"),
    "an attribute that is not searched by": (Level.INSTANCE, "Rows", "x"),
    "an attribute of a lower level": (Level.STUDY, "Modality", "CT"),
    "an attribute of a lower level, by tag": (Level.SERIES, "00080018", "1.2"),
    "modalities of a study for a series": (Level.SERIES, "ModalitiesInStudy", "CT"),
    "an attribute within a sequence": (Level.STUDY, "00400275.00400009", "x"),
    "an unknown field to include": (Level.STUDY, "includefield", "Nonsense"),
    "a negative limit": (Level.STUDY, "limit", "-1"),
    "an offset in words": (Level.STUDY, "offset", "two"),
    "another number sign": (Level.STUDY, "limit", "²"),
    "fuzzy in between": (Level.STUDY, "fuzzymatching", "maybe"),
}


@pytest.mark.parametrize(("level", "name", "value"), REFUSED.values(), ids=REFUSED)
def test_refused(level: Level, name: str, value: str) -> None:
    """What is not supported is a 400, never ignored: an ignored key would find too much."""
    with pytest.raises(ApiError) as raised:
        parse_query(level, [(name, value)])
    assert raised.value.status == 400


def test_shown() -> None:
    """A lower level shows what the levels above show."""
    assert set(shown_tags(Level.STUDY)) < set(shown_tags(Level.SERIES)) < set(shown_tags(Level.INSTANCE))


def test_vr() -> None:
    """How an attribute is matched depends on its value representation."""
    assert ["DA", "PN"] == [vr_of(tag) for tag in ("00080020", "00100010")]
