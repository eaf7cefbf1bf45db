"""Patterns of a listing."""

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.globs import compile_glob, glob_prefix

FITS = {
    "a/*.dcm": (["a/1.dcm"], ["a/b/1.dcm", "a/1.dcmx"]),
    "a/**.dcm": (["a/1.dcm", "a/b/1.dcm"], ["b/1.dcm"]),
    "**/x": (["a/x", "a/b/x"], ["x"]),
    "?.txt": (["a.txt"], ["/.txt", "ab.txt"]),
    "[a-c]1": (["b1"], ["d1"]),
    "[!a]1": (["b1"], ["a1", "/1"]),
    "{a,bc}.x": (["a.x", "bc.x"], ["b.x"]),
    "a.b": (["a.b"], ["axb"]),
    r"a\*b": (["a*b"], ["aab"]),
    "a,b}": (["a,b}"], ["a"]),
}


@pytest.mark.parametrize("glob", FITS)
def test_fits(glob: str) -> None:
    """Names fit or do not."""
    good, bad = FITS[glob]
    pattern = compile_glob(glob)
    assert all(pattern.fullmatch(each) for each in good)
    assert not any(pattern.fullmatch(each) for each in bad)


@pytest.mark.parametrize("glob", ["[a", "{a", "[z-a]", "*" * 70, "x" * 1025])
def test_refused(glob: str) -> None:
    """A pattern that is not valid, or would take long, is refused."""
    with pytest.raises(ReasonedError, match="matchGlob"):
        compile_glob(glob)


def test_prefix() -> None:
    """All names that fit begin in the same way."""
    assert ["a/", "", "ab"] == [glob_prefix(each) for each in ("a/*.dcm", "**", "ab")]
