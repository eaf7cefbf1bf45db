"""Heads of requests: their octets, and that a prepared one is never used for another request."""

from adapters.rest.http.heads import Heads, begin_head, end_head


def test_head() -> None:
    """A head names the target and the fields."""
    expected = b"POST /a?b HTTP/1.1\r\nHost: store\r\nX: \xc3\xa4\r\n"
    assert expected == begin_head("POST", "/a?b", {"Host": "store", "X": "ä"})


def test_end() -> None:
    """A head ends with the length of the body, or says that the body comes in chunks."""
    assert b"A\r\nContent-Length: 7\r\n\r\n" == end_head(b"A\r\n", 7)
    assert b"A\r\nTransfer-Encoding: chunked\r\n\r\n" == end_head(b"A\r\n", None)


def test_same_request() -> None:
    """The head of a request like the one before is the same object."""
    heads = Heads({"Host": "store"}, lambda url: url)
    first = heads.begin("POST", "/a", {"X": "1"}, {})
    assert first is heads.begin("POST", "/a", {"X": "1"}, {})


def test_other_request() -> None:
    """Method, URL and each field make another head; of fields with one name the last one counts."""
    heads = Heads({"Host": "store", "A": "0"}, lambda url: url.upper())
    token = {"T": "1"}
    assert b"POST /A HTTP/1.1\r\nHost: store\r\nA: 2\r\nT: 1\r\n" == heads.begin("POST", "/a", {"A": "2"}, token)
    token["T"] = "2"
    assert b"POST /A HTTP/1.1\r\nHost: store\r\nA: 2\r\nT: 2\r\n" == heads.begin("POST", "/a", {"A": "2"}, token)
    assert b"GET /A HTTP/1.1\r\nHost: store\r\nA: 2\r\nT: 2\r\n" == heads.begin("GET", "/a", {"A": "2"}, token)
    assert b"GET /B HTTP/1.1\r\nHost: store\r\nA: 0\r\n" == heads.begin("GET", "/b", {}, {})
