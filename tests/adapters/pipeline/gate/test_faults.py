"""Whatever fails in the gate, at each line of it and of what it uses: it opens no way across.

The errors are raised where the gate really goes: a trace function of the interpreter raises them.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import adapters
from adapters.pipeline.gate.candidates import Candidate, Verdict
from adapters.pipeline.gate.judging import NOT_CHECKED, gate
from adapters.pipeline.gate.parquet.checking import check
from adapters.pipeline.gate.release import release
from adapters.pipeline.gate.reporting import FAILED
from adapters.pipeline.gate.second_look import TEXT_FOUND, Look, second_look
from adapters.pipeline.gate.strings import ManyStrings
from adapters.pipeline.thumbnails.picture import webp
from tests.adapters.deidentify.faults import Place, failing, name_of, recorded
from tests.adapters.pipeline.gate.parquet.made import NAMES, row, segment
from tests.adapters.pipeline.gate.support import RULES, candidate, candidates, identified, no_text, picture
from tests.adapters.pipeline.thumbnails.made import ramp, values

SECRET = "Musterfrau^Erika 74230000"
CODE = str(Path(str(adapters.__path__[0])))
"""All adapters: the gate, and the scanners of de-identification that it uses."""
WITH_TEXT = picture(99)
LEAK = webp(ramp(32, 32, "u1", 4), values())
BAD = [
    candidate(0, report=f"seen: {SECRET}"),
    candidate(0, report="born 1 March 1954"),
    candidate(1, pictures={"okafor.webp": picture(1)}),
    candidate(2, pictures={"1.webp": WITH_TEXT}),
    candidate(2, pictures={"1.webp": LEAK[:60] + b"Lindqvist" + LEAK[69:]}),
    candidate(3, pictures={"1.webp": picture() + b"Dubois"}),
    candidate(3, PatientName="Dubois^Amelie"),
    candidate(4, Modality="Quetzalcoatl"),
    candidate(5, PatientSex="O", StudyDescription="Abdomen"),
    candidate(9),
]
GIVEN = [*candidates(3), *BAD, *candidates(6), *(candidate(each, PatientAge=f"09{each + 1}Y") for each in range(4))]


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """Let pydicom speak again, where an error was raised just before it would have been let."""
    yield
    logging.getLogger("pydicom").disabled = False


def look(octets: bytes) -> str:
    """Find text in one picture."""
    return TEXT_FOUND if octets == WITH_TEXT else ""


def places(run: Callable[[], object], *, lines: bool) -> Mapping[Place, int]:
    """Return where the code goes, the second time: what is kept for later is kept then."""
    for _ in range(2):
        with recorded(lines=lines, folder=CODE, boundary="") as found:
            run()
    return dict(found)


def rows(verdict: Verdict) -> set[str]:
    """Return what passes, as texts that can be compared."""
    return {json.dumps([each.reference, each.row], sort_keys=True) for each in verdict.passed}


def judged(given: list[Candidate], look_again: Look) -> Verdict | None:
    """Return the verdict; None if the gate raises, so that nothing passes."""
    try:
        return gate(given, identified(), RULES, look_again)
    except (RuntimeError, MemoryError, ValueError, LookupError, OSError):
        return None


def errors() -> Iterator[Exception]:
    """Yield errors that quote the patient, also such as some code expects."""
    yield from (RuntimeError(SECRET), MemoryError(SECRET), ValueError(SECRET), KeyError(SECRET), OSError(5, SECRET))


def assert_closed(before: Verdict, place: Place, error: Exception, at: int = 1, look_again: Look = look) -> None:
    """Let the gate fail there: nothing passes that did not pass before, and what was not checked is held back."""
    with failing(place, error, at):
        after = judged(GIVEN, look_again)
    if after is None:
        return
    assert rows(after) <= rows(before), name_of(place)
    assert {each.reason for each in after.held} & {NOT_CHECKED, FAILED}, name_of(place)
    told = json.dumps([after.report, [each.reason for each in after.held]])
    assert not [each for each in (*SECRET.split(), "Musterfrau") if each in told], name_of(place)


def test_undisturbed() -> None:
    """What is bad is held back, and the rest passes."""
    verdict = gate(GIVEN, identified(), RULES, look)
    assert (len(verdict.passed), len(verdict.held)) == (len(GIVEN) - len(BAD), len(BAD))
    assert not {each.reason for each in verdict.held} & {NOT_CHECKED, FAILED}


def test_functions() -> None:
    """An error at the first and the last call of each function."""
    before = gate(GIVEN, identified(), RULES, look)
    found = places(lambda: gate(GIVEN, identified(), RULES, look), lines=False)
    assert len(found) > 60
    for place, count in found.items():
        for at in {1, count}:
            assert_closed(before, place, RuntimeError(SECRET), at)


@pytest.mark.slow
def test_lines() -> None:
    """An error at each line of the gate and of the scanners; one that other code expects in the gate's own lines."""
    before = gate(GIVEN, identified(), RULES, look)
    found = places(lambda: gate(GIVEN, identified(), RULES, look), lines=True)
    assert len(found) > 300
    for place in found:
        is_own = "/pipeline/gate/" in place[0].co_filename
        for error in [RuntimeError(SECRET), *([KeyError(SECRET)] if is_own else [])]:
            assert_closed(before, place, error)


@pytest.mark.slow
def test_second_look() -> None:
    """An error anywhere in the search for text."""
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra `pipeline` is not installed")
    given = [candidate(each, pictures={"1.webp": LEAK}, thumbnail=None) for each in range(3)]
    before = gate(given, identified(), RULES)
    assert len(before.passed) == 3
    found = places(lambda: second_look(LEAK), lines=True)
    assert len(found) > 60
    for place in found:
        with failing(place, RuntimeError(SECRET)):
            after = judged(given, second_look)
        assert after is None or len(after.passed) < 3, name_of(place)


def test_release() -> None:
    """An error at each line before the report is on the disk: nothing is returned."""
    verdict = gate(GIVEN, identified(), RULES, no_text)
    files: dict[str, bytes] = {}
    for place in places(lambda: release(verdict, files.__setitem__), lines=True):
        with failing(place, RuntimeError(SECRET)), pytest.raises(RuntimeError):
            release(verdict, files.__setitem__)


@pytest.mark.parametrize("lines", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_files(tmp_path: Path, lines: bool) -> None:
    """An error anywhere in the check of a finished file: the file does not pass."""
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    forbidden = ManyStrings(["Musterfrau^Erika"])
    clean = segment(tmp_path / "clean", [row(each) for each in range(9)])
    leaking = segment(tmp_path / "leaking", [row(each, report="Musterfrau^Erika") for each in range(9)])
    for path, passes in ((clean, True), (leaking, False)):
        assert (check(path, NAMES, forbidden) == "") is passes
        for place in places(lambda path=path: check(path, NAMES, forbidden), lines=lines):  # type: ignore[misc]
            for error in errors() if lines else [RuntimeError(SECRET)]:
                with failing(place, error):
                    try:
                        said = check(path, NAMES, forbidden)
                    except type(error):
                        said = "raised"
                assert said, name_of(place)
                assert SECRET not in said
