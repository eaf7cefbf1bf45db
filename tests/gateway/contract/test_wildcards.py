"""Patterns of object names mean what Google's documentation says, and nothing else is a pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.wildcards import BadPattern, check, has_wildcard, matches, may_hold, prefix_of

MEANT = [
    # Google's own examples: "gs://bucket/directory/Example*.dcm", "Example?.dcm", "directory/**", "directory/**.dcm"
    ("directory/Example*.dcm", "directory/Example.dcm", True),
    ("directory/Example*.dcm", "directory/Example22.dcm", True),
    ("directory/Example*.dcm", "directory/Example/2.dcm", False),
    ("directory/Example*.dcm", "directory/subdirectory/Example.dcm", False),
    ("directory/Example?.dcm", "directory/Example1.dcm", True),
    ("directory/Example?.dcm", "directory/Example.dcm", False),
    ("directory/Example?.dcm", "directory/Example01.dcm", False),
    ("directory/Example?.dcm", "directory/Example/.dcm", False),
    ("directory/**", "directory/a", True),
    ("directory/**", "directory/a/b/c.dcm", True),
    ("directory/**", "other/a", False),
    ("directory/**.dcm", "directory/a.dcm", True),
    ("directory/**.dcm", "directory/a/b.dcm", True),
    ("directory/**.dcm", "directory/a/b.dcm.gz", False),
    ("directory/**.dcm.gz", "directory/a/b.dcm.gz", True),
    ("**", "anything/at/all", True),
    ("000000*.dcm", "000000042.dcm", True),
    ("*/image.dcm", "a/image.dcm", True),
    ("*/image.dcm", "a/b/image.dcm", False),
    ("a.dcm", "a.dcm", True),
    ("a.dcm", "abdcm", False),
    ("a[1]{2}.dcm", "a[1]{2}.dcm", True),
    ("*", "a\nb", True),
]


@pytest.mark.parametrize(("pattern", "key", "is_meant"), MEANT)
def test_matches(pattern: str, key: str, is_meant: bool) -> None:
    """Each pattern means these objects and not those."""
    assert matches(pattern, key) is is_meant


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "empty"),
        ("a/**/b.dcm", "in its middle"),
        ("**a", "in its middle"),
        ("a/**.dcm/b", "in its middle"),
        ("a*/**", "beside another"),
        ("a?/**.dcm", "beside another"),
        ("***", "beside another"),
        ("****", "beside another"),
        ("a" * 1025, "longer"),
        ("*a" * 33, "more than 32"),
    ],
)
def test_no_pattern(pattern: str, why: str) -> None:
    """Anything else is refused, and the text says why without the pattern."""
    with pytest.raises(BadPattern, match=why) as raised:
        check(pattern)
    with pytest.raises(BadPattern):
        matches(pattern, "a")
    assert len(pattern) < 3 or pattern not in str(raised.value)


@pytest.mark.parametrize(
    ("pattern", "prefix"), [("a/b*.dcm", "a/b"), ("a/**", "a/"), ("a/b?", "a/b"), ("a/b", "a/b"), ("*", "")]
)
def test_prefix(pattern: str, prefix: str) -> None:
    """The literal beginning is what a listing asks for."""
    assert prefix_of(pattern) == prefix
    assert has_wildcard(pattern) is (prefix != pattern)


@pytest.mark.parametrize(
    ("pattern", "folder", "is_possible"),
    [
        ("a/**", "a/", True),
        ("a/**", "a/b/", True),
        ("a/**", "b/", False),
        ("a/b/*.dcm", "a/", True),
        ("a/*.dcm", "a/b/", False),
        ("*/*.dcm", "x/", True),
        ("*/*.dcm", "x/y/", False),
        ("image", "a/", False),
    ],
)
def test_may_hold(pattern: str, folder: str, is_possible: bool) -> None:
    """A folder is not entered if nothing in it can be meant."""
    assert may_hold(pattern, folder) is is_possible


PARTS = st.text("ab.?*/", max_size=8)


@given(PARTS, PARTS)
def test_folders_that_are_not_entered_hold_nothing(pattern: str, key: str) -> None:
    """If a key is meant, so is every folder above it, and it begins with the literal prefix."""
    try:
        if not matches(pattern, key):
            return
    except BadPattern:
        return
    assert key.startswith(prefix_of(pattern))
    steps = [index + 1 for index, letter in enumerate(key) if letter == "/"]
    assert all(may_hold(pattern, key[:step]) for step in steps)
