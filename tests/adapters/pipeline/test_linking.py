"""Reports are linked to their studies for certain, or not at all."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pipeline.contract import Row
from adapters.pipeline.linking import Why, link
from tests.adapters.pipeline.reports.made import report


def image(study: str = "1.1", accession: str = "A1", patient: str = "P1", hospital: str = "north") -> Row:
    """Return the row of an image."""
    return {
        "hospital": hospital,
        "StudyInstanceUID": study,
        "AccessionNumber": accession,
        "PatientID": patient,
    }


IMAGE = image()
CASES: dict[str, tuple[list[Row], list[dict[str, Any]], list[str | Why]]] = {
    "by the accession number": ([IMAGE], [{}], ["1.1"]),
    "in another spelling": ([image(accession="a1 ")], [{"accession": "A1^RIS"}], ["1.1"]),
    "many images": ([IMAGE, IMAGE, image("1.2", "A2")], [{}], ["1.1"]),
    "no images yet": ([], [{}], [Why.NO_IMAGES]),
    "zeros count": ([image(accession="01")], [{"accession": "1"}], [Why.NO_IMAGES]),
    "nothing named": ([image(accession="")], [{"accession": ""}], [Why.NAMES_NOTHING]),
    "a word for nothing": ([image(accession="N/A")], [{"accession": "n/a"}], [Why.NAMES_NOTHING]),
    "two studies": ([IMAGE, image("1.2")], [{}], [Why.TWO_STUDIES]),
    "two studies, one named": ([IMAGE, image("1.2")], [{"study": "1.2"}], [Why.TWO_STUDIES]),
    "two accession numbers": ([IMAGE, image(accession="A2")], [{}], [Why.TWO_ACCESSIONS]),
    "some images without": ([IMAGE, image(accession="")], [{}], ["1.1"]),
    "two patients": ([IMAGE, image(patient="P2")], [{}], [Why.TWO_PATIENTS]),
    "another patient": ([IMAGE], [{"patient": "P2"}], [Why.OTHER_PATIENT]),
    "the same patient": ([IMAGE], [{"patient": "p1"}], ["1.1"]),
    "by the study": ([image(accession="")], [{"accession": "", "study": "1.1"}], ["1.1"]),
    "by the study, as the images have no number": ([image(accession="")], [{"study": "1.1"}], ["1.1"]),
    "a study with another number": ([image(accession="A2")], [{"study": "1.1"}], [Why.OTHER_STUDY]),
    "another study": ([IMAGE, image("1.2", "A2")], [{"study": "1.2"}], [Why.OTHER_STUDY]),
    "a study that is not there": ([IMAGE], [{"study": "1.9"}], [Why.OTHER_STUDY]),
    "another hospital": ([image(hospital="south")], [{}], [Why.NO_IMAGES]),
    "a correction": ([IMAGE], [{}, {}], [Why.SUPERSEDED, "1.1"]),
    "no correction": ([IMAGE], [{"status": "F"}, {"status": "F"}], [Why.TWO_REPORTS, Why.TWO_REPORTS]),
    "the same twice": ([IMAGE], [{"text": "t"}, {"text": "t"}], [Why.REPEATED, "1.1"]),
    "withdrawn": ([IMAGE], [{"status": "X"}], [Why.WITHDRAWN]),
    "two ways to one study": ([IMAGE], [{}, {"accession": "", "study": "1.1"}], [Why.TWO_REPORTS, Why.TWO_REPORTS]),
}


@pytest.mark.parametrize(("images", "given_rows", "expected"), CASES.values(), ids=CASES)
def test_link(images: list[Row], given_rows: list[dict[str, Any]], expected: list[str | Why]) -> None:
    """Each case, in every order of its rows."""
    rows = [report(f"r{number}", **each) for number, each in enumerate(given_rows)]
    for order in permutations(rows):
        for turned in (images, images[::-1]):
            links = link(turned, order)
            found = {name: uid for (_, uid), name in links.reports.items()} | dict(links.unlinked)
            assert expected == [found[row["report_id"]] for row in rows]


def test_without() -> None:
    """Studies without a report, and the reasons, are counted; nothing in the counts is a value."""
    links = link([IMAGE, image("1.2", "A2")], [report("r1"), report("r2", "A9")])
    assert {("north", "1.2")} == links.without
    assert {
        "linked": 1,
        "studies without a report": 1,
        "there are no images with its accession number or study": 1,
    } == links.counts()
    assert not Why.NO_IMAGES.is_held_back
    assert Why.TWO_STUDIES.is_held_back


IMAGES = st.lists(
    st.builds(
        image,
        st.sampled_from(["1.1", "1.2", "1.3"]),
        st.sampled_from(["", "A1", "a1 ", "A2"]),
        st.sampled_from(["", "P1", "P2"]),
        st.sampled_from(["north", "south"]),
    ),
    max_size=6,
)
REPORTS = st.lists(
    st.fixed_dictionaries(
        {
            "accession": st.sampled_from(["", "A1", " a1", "A2"]),
            "study": st.sampled_from(["", "1.1", "1.2"]),
            "patient": st.sampled_from(["", "P1"]),
            "status": st.sampled_from(["", "F"]),
            "hospital": st.sampled_from(["north", "south"]),
        }
    ),
    max_size=5,
)


@given(IMAGES, REPORTS, st.randoms())
def test_order(images: list[Row], given_rows: list[dict[str, Any]], chance: Any) -> None:
    """The order does not matter; each report is linked once or has a reason; nothing contradicts a link."""
    rows = [report(f"r{number}", **each) for number, each in enumerate(given_rows)]
    links = link(images, rows)
    names = {row["report_id"]: row for row in rows}
    assert sorted([*links.reports.values(), *links.unlinked]) == sorted(names)
    for (hospital, uid), name in links.reports.items():
        row, own = (
            names[name],
            [each for each in images if (each["hospital"], each["StudyInstanceUID"]) == (hospital, uid)],
        )
        assert row["hospital"] == hospital
        numbers = {each["AccessionNumber"].strip().upper() for each in own} - {""}
        assert numbers in (set(), {row["accession"].strip().upper()}) or not row["accession"]
        assert row["study"] in ("", uid)
        assert len({each["PatientID"] for each in own} - {""}) <= 1
    chance.shuffle(images)
    chance.shuffle(rows)
    assert links == link(images, rows)


@given(IMAGES, REPORTS)
def test_pseudonyms(images: list[Row], given_rows: list[dict[str, Any]]) -> None:
    """Pseudonyms, one for each normal form, are linked as what they stand for."""
    rows = [report(f"r{number}", **each) for number, each in enumerate(given_rows)]

    def other(text: str) -> str:
        return f"{text.strip().upper()}XYZ"[::-1] if text.strip() else ""

    hidden = [{**each, "AccessionNumber": other(each["AccessionNumber"])} for each in images]
    told = [{**each, "accession": other(each["accession"])} for each in rows]
    assert link(images, rows) == link(hidden, told)
