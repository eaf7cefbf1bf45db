"""Lines and tables in a width."""

import sys

import pytest

from gateway.cli.operating.lines import beside, columns, width_of_output, wrapped

ROWS = [["1", "CT Image Storage", "taken"], ["13", "PET", "REFUSED: not in sop_classes of this listener"]]


def test_columns() -> None:
    """Cells are below each other."""
    assert [
        "  1   CT Image Storage  taken",
        "  13  PET               REFUSED: not in sop_classes of this listener",
    ] == list(columns(ROWS, 80, 2))


def test_long_last_cell() -> None:
    """The last cell goes on below itself."""
    assert [
        "1   CT Image Storage  taken",
        "13  PET               REFUSED: not in",
        "                      sop_classes of this",
        "                      listener",
    ] == list(columns(ROWS, 44))


def test_narrow() -> None:
    """Where there is no room for a table each row is a paragraph."""
    assert [
        "  1  CT Image Storage  taken",
        "  13  PET  REFUSED: not in",
        "  sop_classes of this listener",
    ] == list(columns(ROWS, 32))


def test_no_rows() -> None:
    """No rows are no lines; a row may be shorter than others."""
    assert [] == list(columns([], 80))
    assert ["a", "b  c"] == list(columns([["a"], ["b", "c"]], 80))


def test_wrapped() -> None:
    """What stands first is within the indentation; nothing is no line."""
    assert ["  → one two three four", "    five six"] == list(wrapped("one two three four five six", 24, 4, "→ "))
    assert [] == list(wrapped("", 20))


def test_names_are_not_broken() -> None:
    """A path or a name with a hyphen is in one line, so that it can be copied."""
    path = "/srv/image-store/data-of-the-gateway"
    assert path in list(wrapped(f"The file {path} of the credentials", 40, 2))[1]
    wide = "/srv/" + "x" * 60
    assert wide in [each.strip() for each in wrapped(f"The file {wide} of the credentials", 40, 2)]
    assert "in image-store" in beside("Two messages are parked in image-store", "gw-1", 40)[0]


def test_beside() -> None:
    """What stands on the right goes below where there is no room."""
    assert ["left     right"] == beside("left", "right", 14)
    assert ["left", "  right"] == beside("left", "right", 7)


@pytest.mark.parametrize(("given", "width"), [("20", 40), ("100", 100), ("300", 120)])
def test_width_of_a_terminal(given: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are as wide as the terminal, within reason; 80 columns where there is none."""
    monkeypatch.setenv("COLUMNS", given)
    assert 80 == width_of_output()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert width == width_of_output()
