"""The current one of several reports is the later one, if something tells for certain which that is."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pipeline.reports.corrections import State, states
from tests.adapters.pipeline.reports.made import report

C, S, R, W, A = State.CURRENT, State.SUPERSEDED, State.REPEATED, State.WITHDRAWN, State.AMBIGUOUS
NEW = {"version": "2", "modified": "2021-03-06T00:00:00Z"}
OTHER = {"object": "b.csv"}
LATER = {**OTHER, "modified": "2021-03-06T00:00:00Z"}
CASES: dict[str, tuple[list[dict[str, Any]], list[State]]] = {
    "one": ([{}], [C]),
    "two rows of one file": ([{}, {}], [S, C]),
    "three rows of one file": ([{}, {}, {}], [S, S, C]),
    "a newer version of the file": ([{**NEW, "row": 1}, {"row": 9}], [C, S]),
    "a file that came later": ([LATER, {}], [C, S]),
    "two files that came at once": ([OTHER, {}], [A, A]),
    "two files that came at once, with dates": (
        [{**OTHER, "report_date": "2021-03-02"}, {"report_date": "2021-03-01"}],
        [C, S],
    ),
    "a date that contradicts the place": ([{"report_date": "2021-03-02"}, {"report_date": "2021-03-01"}], [A, A]),
    "a clock": (
        [
            {**OTHER, "report_date": "2021-03-02", "report_time": "2021-03-02T12:00:00"},
            {"report_date": "2021-03-02", "report_time": "2021-03-02T11:00:00"},
        ],
        [C, S],
    ),
    "a clock with a zone, and one without": (
        [
            {"report_date": "2021-03-02", "report_time": "2021-03-02T12:00:00+00:00"},
            {"report_date": "2021-03-02", "report_time": "2021-03-02T11:00:00"},
        ],
        [S, C],
    ),
    "a correction that stands first": ([{"status": "c"}, {"status": "F"}, {"status": "P"}], [C, S, S]),
    "two corrections": ([{"status": "C"}, {"status": "F"}, {"status": "C"}], [S, S, C]),
    "two final ones": ([{"status": "F"}, {"status": "Final"}], [A, A]),
    "two final ones, corrected": ([{"status": "F"}, {"status": "F"}, {"status": "C"}], [S, S, C]),
    "a final one in a newer version": ([{"status": "F"}, {**NEW, "status": "F"}], [S, C]),
    "an unknown status": ([{"status": "F"}, {"status": "ADDENDUM"}], [A, A]),
    "withdrawn": ([{"status": "F"}, {"status": "X"}], [S, W]),
    "withdrawn alone": ([{"status": "cancelled"}], [W]),
    "the same twice": ([{"text": "t"}, {**OTHER, "text": "t"}], [R, C]),
    "the same, and corrected": ([{"text": "t"}, {"text": "t"}, {}], [R, S, C]),
    "two patients": ([{"patient": "p1"}, {"patient": "p2"}], [A, A]),
    "one patient in two spellings": ([{"patient": "p1"}, {"patient": "P1^^^H"}, {"patient": ""}], [S, S, C]),
    "two studies": ([{"study": "1.2"}, {"study": "1.3"}], [A, A]),
    "by the study": ([{"accession": "", "study": "1.2"}, {"accession": "", "study": "1.2"}], [S, C]),
    "without anything": ([{"accession": ""}, {"accession": ""}], [C, C]),
    "two hospitals": ([{}, {"hospital": "south"}], [C, C]),
    "one accession number in two spellings": ([{"accession": "a1"}, {"accession": " A1"}], [S, C]),
}


@pytest.mark.parametrize(("given_rows", "expected"), CASES.values(), ids=CASES)
def test_states(given_rows: list[dict[str, Any]], expected: list[State]) -> None:
    """Each case, in every order of its rows."""
    rows = [report(f"r{number}", **each) for number, each in enumerate(given_rows)]
    wanted = {row["report_id"]: state for row, state in zip(rows, expected, strict=True)}
    for order in permutations(rows):
        assert wanted == states(order)


REPORTS = st.lists(
    st.fixed_dictionaries(
        {
            "row": st.integers(2, 4),
            "object": st.sampled_from("ab"),
            "modified": st.sampled_from("12"),
            "status": st.sampled_from(["", "F", "C", "?"]),
            "report_date": st.sampled_from([None, "2021-03-01", "2021-03-02"]),
            "text": st.sampled_from("xy"),
            "patient": st.sampled_from(["", "p"]),
        }
    ),
    max_size=6,
)


@given(REPORTS, st.randoms())
def test_order(given_rows: list[dict[str, Any]], chance: Any) -> None:
    """The order of the rows does not matter, and no accession number has two current reports."""
    distinct = {(each["object"], each["modified"], each["row"]): each for each in given_rows}.values()
    rows = [report(f"r{number}", version=each["modified"], **each) for number, each in enumerate(distinct)]
    found = states(rows)
    chance.shuffle(rows)
    assert found == states(rows)
    assert found.keys() == {row["report_id"] for row in rows}
    assert [*found.values()].count(State.CURRENT) <= 1
