"""Pages of rows."""

import pytest

from gateway.sandbox.bigquery.pages import MOST, Page, asked_page, next_token
from gateway.sandbox.reasoned_error import ReasonedError


def test_pages() -> None:
    """A token is the place of the next row."""
    page = asked_page({"maxResults": "2", "formatOptions.useInt64Timestamp": "True"})
    assert Page(0, 2, whole_timestamps=True) == page
    token = next_token(page, 2, 3)
    assert token is not None
    page = asked_page({"pageToken": token})
    assert (2, MOST, None) == (page.first, page.count, next_token(page, 1, 3))
    assert next_token(asked_page({"maxResults": "0"}), 0, 3) is None
    assert 5 == asked_page({"startIndex": "5"}).first


@pytest.mark.parametrize("query", [{"pageToken": "x"}, {"maxResults": "-1"}, {"startIndex": "1.5"}])
def test_wrong(query: dict[str, str]) -> None:
    """What is no number is refused."""
    with pytest.raises(ReasonedError):
        asked_page(query)
