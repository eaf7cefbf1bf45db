"""Which addresses a configuration may have, and what of them may be shown."""

import pytest

from adapters.rest.http.urls import check_post_url, check_url, host_of, is_in_the_clear, without_query

GOOD_URLS = [
    "http://127.0.0.1:8042/dicom-web",
    "https://healthcare.googleapis.com/v1/projects/p/locations/l/datasets/d/hl7V2Stores/s",
    "http://[::1]:8080/",
]

BAD_URLS = {
    "ftp://store/": "http://",
    "store:8080": "http://",
    "HTTP://store/": "lower case",
    "Https://store/": "lower case",
    "http:///path": "name a host",
    "http://store:0/": "port",
    "http://store:99999/": "port",
    "http://store:x/": "port",
    "http://user:secret@store/": "credentials",
    "http://store/?key=1": "query",
    "http://store/#part": "fragment",
    "http://store/a b": "spaces",
    "http://store/\r\nX: 1": "control",
}


@pytest.mark.parametrize("url", GOOD_URLS)
def test_good_url(url: str) -> None:
    """An address is kept as it was written."""
    assert url == check_url(url)


@pytest.mark.parametrize(("url", "complaint"), BAD_URLS.items(), ids=BAD_URLS)
def test_bad_url(url: str, complaint: str) -> None:
    """An address that no request could use is refused with the reason."""
    with pytest.raises(ValueError, match=complaint):
        check_url(url)


@pytest.mark.parametrize("url", [*GOOD_URLS, "https://f.example/api/hl7?code=a%2Fb&x=1", "http://h?sig=1"])
def test_good_post_url(url: str) -> None:
    """An address that requests are sent to as it is may have a query."""
    assert url == check_post_url(url)


@pytest.mark.parametrize(
    "url", ["http://u:secret@h/?a=secret", "http://h/?a=secret#b", "http://h/?a=secret b", "x?secret"]
)
def test_bad_post_url(url: str) -> None:
    """What is wrong with one is said without repeating any of it."""
    with pytest.raises(ValueError, match=r"^must ") as error:
        check_post_url(url)
    assert "secret" not in str(error.value)


def test_without_query() -> None:
    """A query is not shown."""
    assert "https://h:1/a" == without_query("https://h:1/a?code=secret")


CLEAR = {
    "http://store/": True,
    "http://10.0.0.1:8042/": True,
    "http://127.0.0.1.example/": True,
    "http://[fe80::1]/": True,
    "https://store/": False,
    "http://127.0.0.1:8042/": False,
    "http://localhost/": False,
    "http://[::1]:1/": False,
}


@pytest.mark.parametrize(("url", "expected"), CLEAR.items())
def test_is_in_the_clear(url: str, *, expected: bool) -> None:
    """Without TLS only addresses of this machine are not in the clear."""
    assert expected == is_in_the_clear(url)


def test_host_of() -> None:
    """The host is as it was written."""
    assert "[::1]:8042" == host_of("http://[::1]:8042/a?code=secret")
