"""How paths are written, and which may be edited."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.editing.paths import Path, field_path, removed_path, source_path, target_path

NUMBER = st.none() | st.integers(1, 999)

PATHS = {
    "PID": Path("PID"),
    "ZPD[2]": Path("ZPD", 2),
    "PID-3": Path("PID", field=3),
    "PID-3[2]": Path("PID", field=3, repetition=2),
    "PID-3.4": Path("PID", field=3, component=4),
    "PID-3[1].4": Path("PID", field=3, repetition=1, component=4),
    "OBX[2]-5[3].1.2": Path("OBX", 2, 5, 3, 1, 2),
}


@pytest.mark.parametrize(("text", "path"), PATHS.items(), ids=PATHS)
def test_parse(text: str, path: Path) -> None:
    """A path names a segment, and of it a field, a repetition, a component and a subcomponent."""
    assert (path, text) == (Path.parse(text), str(path))


@given(st.builds(Path, st.from_regex("[A-Z][A-Z0-9]{2}", fullmatch=True), NUMBER, st.integers(1, 999), NUMBER))
def test_str_undoes_parse(path: Path) -> None:
    """A path is written as it is read."""
    if path.segment not in ("FHS", "BHS", "BTS", "FTS"):
        assert path == Path.parse(str(path))


NO_PATHS = [
    *("", "pid-3", "PI-3", "PID3", "PID.3", "PID-3-1", "PID-", "PID-3.", "PID-3[]", "PID-3[1", "PID-3.1.1.1", " PID-3"),
    *(
        "PID-0",
        "PID-1000",
        "PID[0]-3",
        "PID-3.0",
        "PID-3[99999999999999999999]",
        "PID-3\n",
        "PID-\u0663",
        "BHS-3",
        "FTS",
    ),
]


@pytest.mark.parametrize("text", NO_PATHS)
def test_no_path(text: str) -> None:
    """The error for an invalid path has the reason and what to do."""
    with pytest.raises(ValueError, match=r"; "):
        Path.parse(text)


FORBIDDEN: list[tuple[Callable[[str], Path], str]] = [
    (field_path, "PID"),
    (source_path, "PID"),
    (source_path, "MSH-1"),
    (source_path, "MSH-2.1"),
    (target_path, "PID"),
    (target_path, "MSH-1"),
    (target_path, "MSH-2"),
    (target_path, "MSH-10"),
    (target_path, "MSH[1]-10[1].1"),
    (removed_path, "MSH"),
    (removed_path, "MSH[2]"),
    (removed_path, "MSH-10"),
]


@pytest.mark.parametrize(("read", "text"), FORBIDDEN)
def test_forbidden(read: Callable[[str], Path], text: str) -> None:
    """Delimiters and the control ID stay, MSH is not removed, and an operation on fields names one."""
    with pytest.raises(ValueError, match=r"; "):
        read(text)


@pytest.mark.parametrize(
    ("read", "text"), [(source_path, "MSH-10"), (target_path, "MSH-3"), (removed_path, "ZPD"), (field_path, "MSH-1")]
)
def test_allowed(read: Callable[[str], Path], text: str) -> None:
    """A control ID may be copied, other fields of MSH be edited, a segment be removed, a delimiter be read."""
    assert text == str(read(text))
