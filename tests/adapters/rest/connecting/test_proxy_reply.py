"""Telling the proxy's own replies from those of the store."""

import pytest

from adapters.rest.connecting.proxy_reply import (
    HUNG_UP,
    LONG_HEAD,
    NOT_HTTP,
    TOO_MUCH,
    TunnelReader,
    is_of_proxy,
    tunnel_failure,
    verdict_of_proxy,
)
from adapters.rest.http.http1 import Failure, Fields
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Unavailable

PAGE = b"Content-Type: text/html\r\nContent-Length: 9\r\n\r\n<html>..."

TUNNELS: dict[str, tuple[bytes, Failure | None]] = {
    "a tunnel": (b"HTTP/1.1 200 Connection established\r\n\r\n", None),
    "of HTTP/1.0, without a phrase": (b"HTTP/1.0 200\r\n\r\n", None),
    "with fields": (b"HTTP/1.1 200 OK\r\nVia: 1.1 p\r\nProxy-Agent: x\r\n\r\n", None),
    "with lines that end with LF": (b"HTTP/1.1 200 OK\n\n", None),
    "another 2xx": (b"HTTP/1.1 204 \r\n\r\n", None),
    "after an interim reply": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", None),
    "credentials wanted": (
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n" + PAGE,
        tunnel_failure(407),
    ),
    "wrong credentials, says Tinyproxy": (b"HTTP/1.0 401 Unauthorized\r\n" + PAGE, tunnel_failure(401)),
    "forbidden": (b"HTTP/1.1 403 Filtered\r\n" + PAGE, tunnel_failure(403)),
    "store down": (b"HTTP/1.1 502 Bad Gateway\r\n" + PAGE, tunnel_failure(502)),
    "store down, says Squid": (b"HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: x\r\n" + PAGE, tunnel_failure(503)),
    "a redirect to a login page": (b"HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n", tunnel_failure(302)),
    "another protocol": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", tunnel_failure(101)),
    "a page in place of a tunnel": (b"HTTP/1.1 200 OK\r\n" + PAGE, TOO_MUCH),
    "a page without a head": (b"<html>sign in</html>", NOT_HTTP),
    "no status": (b"HTTP/1.1 OK\r\n\r\n", NOT_HTTP),
    "another program": (b"SSH-2.0-OpenSSH_9.2p1\r\n", NOT_HTTP),
    "nothing": (b"", HUNG_UP),
    "half a head": (b"HTTP/1.1 200 OK\r\nVia:", HUNG_UP),
    "a head without end": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, LONG_HEAD),
}


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(("wire", "expected"), TUNNELS.values(), ids=TUNNELS)
def test_tunnel(wire: bytes, expected: Failure | None, size: int) -> None:
    """There is a tunnel, or one reason why not, however the octets are cut."""
    reader = TunnelReader()
    for start in range(0, len(wire), size):
        if not reader.over:
            reader.receive_data(wire[start : start + size])
    if not reader.over:
        reader.receive_data(b"")
    assert reader.over
    if expected is not TOO_MUCH or size > 1000:  # what is not there yet, TLS finds
        assert expected == reader.failure


def reply(status: int, **fields: str) -> Reply:
    """Return a reply with header *fields*."""
    return Reply(
        status, Fields([(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]), b""
    )


HTML = "text/html; charset=utf-8"
OF_PROXY = {
    "407": reply(407),
    "407 of a proxy behind the proxy": reply(407, Via="1.1 p"),
    "Squid's page": reply(400, X_Squid_Error="ERR_INVALID_REQ 0", Content_Type=HTML, Via="1.1 p (squid)"),
    "Squid's limit": reply(413, X_Squid_Error="ERR_TOO_BIG 0", Content_Type=HTML),
    "Tinyproxy's page": reply(403, Server="tinyproxy/1.11.1", Content_Type="text/html"),
    "Tinyproxy's page for wrong credentials": reply(401, Server="tinyproxy/1.11.1", Content_Type="text/html"),
    "RFC 9209": reply(409, Proxy_Status="p.example; error=http_request_error", Via="1.1 p"),
    "a page for people": reply(422, Content_Type="TEXT/HTML"),
}
OF_STORE = {
    "a success": reply(200),
    "a success as a page": reply(200, Content_Type=HTML),
    "JSON": reply(400, Content_Type="application/json"),
    "without a type": reply(413),
    "a page that was passed on": reply(413, Content_Type=HTML, Via="1.1 p"),
    "RFC 9209 without an error": reply(409, Proxy_Status="p.example; received-status=409"),
}


@pytest.mark.parametrize("answer", OF_PROXY.values(), ids=OF_PROXY)
def test_of_proxy(answer: Reply) -> None:
    """The proxy's own errors are recognized by status, by header fields, or as a page without Via."""
    assert is_of_proxy(answer)


@pytest.mark.parametrize("answer", OF_STORE.values(), ids=OF_STORE)
def test_of_store(answer: Reply) -> None:
    """Every other reply is the store's."""
    assert not is_of_proxy(answer)


@pytest.mark.parametrize(
    ("status", "maybe_stored"), {401: False, 407: False, 400: False, 413: False, 503: False, 504: True}.items()
)
def test_verdict(status: int, maybe_stored: bool) -> None:
    """After the proxy's own reply the message may be sent again; with a 504 it may be stored."""
    verdict = verdict_of_proxy(reply(status))
    assert (True, maybe_stored) == (isinstance(verdict, Unavailable), verdict.maybe_stored)
    assert "the proxy" in verdict.reason


TINYPROXY = {500: False, 502: True, 503: True}


@pytest.mark.parametrize(("status", "maybe_stored"), TINYPROXY.items())
def test_verdict_of_tinyproxy(status: int, maybe_stored: bool) -> None:
    """Tinyproxy's 500 means no connection; its 503 an incomplete reply of the store, so it may be stored."""
    verdict = verdict_of_proxy(reply(status, Server="tinyproxy/1.11.1", Content_Type="text/html"))
    assert maybe_stored == verdict.maybe_stored
