"""Which fields a PATCH changes."""

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.resources.masks import patched, read_mask

BEFORE = {"labels": {"a": "1"}, "config": {"topic": "t", "filter": "f"}, "other": 5}


def test_fields() -> None:
    """Both spellings of a field are taken."""
    request = make_mocked_request("PATCH", "/x?updateMask=time_zone,labels")
    assert read_mask(request, {"timeZone", "labels"}) == ["timeZone", "labels"]


@pytest.mark.parametrize("query", ["", "updateMask=", "updateMask=name", "updateMask=timeZone,x"])
def test_refused(query: str) -> None:
    """No mask, and a field that cannot be changed, is a 400."""
    with pytest.raises(ApiError):
        read_mask(make_mocked_request("PATCH", f"/x?{query}"), {"timeZone"})


def test_patched() -> None:
    """A field of the mask that the body does not have is removed; others stay, within an object too."""
    assert patched(BEFORE, {"labels": {"b": "2"}}, ["labels", "other"]) == {
        "labels": {"b": "2"},
        "config": {"topic": "t", "filter": "f"},
    }
    assert patched(BEFORE, {"config": {"topic": "u"}}, ["config.topic"])["config"] == {"topic": "u", "filter": "f"}
    assert patched(BEFORE, {}, ["config.topic"])["config"] == {"filter": "f"}
