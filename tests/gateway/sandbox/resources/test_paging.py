"""Lists in pages."""

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.resources.paging import page_of


def test_pages() -> None:
    """Page by page every entry comes once; an empty list has no key."""
    seen, token = [], ""
    while True:
        page = page_of(make_mocked_request("GET", f"/x?pageSize=2&pageToken={token}"), "things", list(range(5)))
        seen += page["things"]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert seen == [0, 1, 2, 3, 4]
    assert page_of(make_mocked_request("GET", "/x"), "things", []) == {}


@pytest.mark.parametrize("query", ["pageSize=x", "pageToken=-1", "pageSize=99999999999", "filter=a"])
def test_refused(query: str) -> None:
    """What is no number that the sandbox gave, and a filter, is an error."""
    with pytest.raises(ApiError):
        page_of(make_mocked_request("GET", f"/x?{query}"), "things", [])
