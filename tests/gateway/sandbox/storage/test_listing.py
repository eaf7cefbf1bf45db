"""Pages of a listing."""

from pathlib import Path

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.listing import Asked, after_of, asked_by, list_objects, token_of

KEYS = ["a/1.dcm", "a/2.dcm", "a/x/3.dcm", "a/x/4.txt", "b/5.dcm", "c"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make some objects."""
    for key in KEYS:
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(b"")
    return tmp_path


def all_pages(folder: Path, most: int, **asked: str) -> tuple[list[str], list[str]]:
    """Return the objects and prefixes of all pages."""
    keys: list[str] = []
    prefixes: list[str] = []
    after: str | None = ""
    while after is not None:
        page = list_objects(folder, Asked(after=after, most=most, **asked))
        assert page.size <= most
        keys += [each.key for each in page.files]
        prefixes += page.prefixes
        after = page.next_after
    return keys, prefixes


@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_pages(folder: Path, most: int) -> None:
    """The pages together have everything once, however small they are."""
    assert (KEYS, []) == all_pages(folder, most)
    assert (["c"], ["a/", "b/"]) == all_pages(folder, most, delimiter="/")
    assert (["a/1.dcm", "a/2.dcm"], ["a/x/"]) == all_pages(folder, most, prefix="a/", delimiter="/")
    assert (["a/1.dcm", "a/2.dcm", "a/x/3.dcm"], []) == all_pages(folder, most, glob="a/**.dcm")
    assert (["a/1.dcm", "a/2.dcm"], []) == all_pages(folder, most, glob="a/*.dcm")
    assert (["a/2.dcm", "a/x/3.dcm"], []) == all_pages(folder, most, start="a/2", end="a/x/4")
    assert ([], ["a/1.d", "a/2.d", "a/x/3.d", "b/5.d"]) == (
        [key for key in all_pages(folder, most, delimiter=".d")[0] if "dcm" in key],
        all_pages(folder, most, delimiter=".d")[1],
    )


def test_tokens() -> None:
    """A token is opaque, and one that was not given is refused."""
    assert "ä/\U0010ffff" == after_of(token_of("ä/\U0010ffff"))
    assert Asked(prefix="p", most=2, after="x") == asked_by(
        {"prefix": "p", "maxResults": "2", "pageToken": token_of("x")}
    )
    for query in ({"pageToken": "%"}, {"maxResults": "0"}, {"maxResults": "x"}):
        with pytest.raises(ReasonedError):
            asked_by(query)
