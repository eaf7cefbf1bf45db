"""Tells the replies that an HTTP proxy made itself from those that it forwards (RFC 9110 9.3.6, 15.5.8).

For a store with https:// this is easy: what comes before the tunnel is from the proxy, what comes through the tunnel is
from the store. For a store with http:// both come over one connection. Then a reply is the proxy's own if its status is
407, if it has a header that proxies put on their own errors, or if it is an error as an HTML page without the ``Via``
that a proxy adds to what it forwards (RFC 9110 7.6.3).
"""

import re
from collections.abc import Mapping

from adapters.rest.http.http1 import Failure
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.outcomes import unavailable
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable

MAX_HEAD = 64 * 1024
"""Most octets of the head of a reply to CONNECT; a page that explains a refusal is not read."""
END = re.compile(rb"\r?\n\r?\n")
MOST_OF_AN_END = 3
"""So many octets of an end may have arrived before its last one."""
STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9][0-9])(?:[ \r\n]|$)")
AUTHENTICATION_REQUIRED = 407
UNAUTHORIZED = 401
"""The status with which Tinyproxy answers wrong credentials."""
TINYPROXY = {500: False, 503: True}
"""Whether the store may have the request after a page of Tinyproxy: with 500 it could not connect to the store, with
503 the head of the store's reply was incomplete. Other proxies use 503 for the first and 502 for the second."""


def _diagnosed(status: int) -> Diagnosis:
    """Return the diagnosis of a reply; ``proxy`` adds which one it is."""
    return Diagnosis(Cause.PROXY_FAILED, {"status": str(status)})


BROKE, IS_NO_HTTP = Diagnosis(Cause.CONNECTION_BROKE), Diagnosis(Cause.NOT_HTTP)
HUNG_UP = Failure("the proxy closed the connection without a reply", diagnosis=BROKE)
NOT_HTTP = Failure("the proxy's reply is not HTTP", diagnosis=IS_NO_HTTP)
LONG_HEAD = Failure("the head of the proxy's reply is too long", diagnosis=IS_NO_HTTP)
TOO_MUCH = Failure("the proxy sent unexpected data before the tunnel to the store was used", diagnosis=IS_NO_HTTP)

NOT_LET_IN = "the proxy does not accept the credentials for it"
NO_TUNNEL = {
    400: "the proxy does not understand the request for a tunnel to the store",
    401: NOT_LET_IN,
    403: "the proxy does not permit a tunnel to the store",
    404: "the proxy cannot reach the store",
    405: "the proxy does not permit a tunnel to the store",
    407: NOT_LET_IN,
    429: "the proxy has too many requests",
    500: "the proxy cannot reach the store",
    502: "the proxy cannot reach the store",
    503: "the proxy cannot reach the store",
    504: "the proxy cannot reach the store",
}


class TunnelReader:
    """Reads the reply to one CONNECT. Never raises, whatever the proxy sends."""

    def __init__(self) -> None:
        self._head = bytearray()
        self.over = False
        """Whether the reply is complete: there is a tunnel, or a failure."""
        self.failure: Failure | None = None

    def receive_data(self, data: bytes) -> None:
        """Take the next octets from the proxy; an empty *data* is the end of the connection."""
        searched = max(0, len(self._head) - MOST_OF_AN_END)  # a proxy that sends single octets takes no more time
        self._head += data
        while not self.over:
            end = END.search(self._head, searched)
            if end is None:
                self._wait(ended=not data)
                return
            searched = 0
            self._take(bytes(self._head[: end.start()]), self._head[end.end() :])

    def _wait(self, *, ended: bool) -> None:
        if len(self._head) >= 5 and not self._head.startswith(b"HTTP/"):
            self._end(NOT_HTTP)
        elif ended:
            self._end(HUNG_UP)
        elif len(self._head) > MAX_HEAD:
            self._end(LONG_HEAD)

    def _take(self, head: bytes, rest: bytearray) -> None:
        found = STATUS.match(head)
        status = int(found[1]) if found else 0
        if 100 <= status < 200 and status != 101:  # interim replies are ignored (RFC 9110 15.2)
            self._head = rest
        elif 200 <= status < 300:
            # The store sends nothing before Hilum does, and octets that were read here would be lost to TLS.
            self._end(TOO_MUCH if rest else None)
        else:
            self._end(tunnel_failure(status) if status else NOT_HTTP)

    def _end(self, failure: Failure | None) -> None:
        self.over = True
        self.failure = failure


def tunnel_failure(status: int) -> Failure:
    """Return the failure that *status*, no success, of a reply to CONNECT means."""
    sentence = NO_TUNNEL.get(status, "the proxy opens no tunnel to the store")
    return Failure(f"{sentence} (HTTP {status})", diagnosis=_diagnosed(status))


def is_of_proxy(reply: Reply) -> bool:
    """Whether the proxy made *reply* itself; the request went through the proxy without a tunnel."""
    if reply.status == AUTHENTICATION_REQUIRED or _is_marked(reply.headers):
        return True
    content_type = reply.headers.get("content-type", "").lower()
    return reply.status >= 400 and content_type.startswith("text/html") and "via" not in reply.headers


def verdict_of_proxy(reply: Reply) -> Unavailable:
    """Return what a *reply* of the proxy itself means: never a refusal, because it is not from the store."""
    diagnosis = _diagnosed(reply.status)
    if reply.status in {UNAUTHORIZED, AUTHENTICATION_REQUIRED}:
        reason = f"{NOT_LET_IN} (HTTP {reply.status})"
        return Unavailable(reason, retry_after=reply.retry_after, diagnosis=diagnosis)
    maybe_stored = unavailable(reply, "").maybe_stored
    if reply.headers.get("server", "").lower().startswith("tinyproxy"):
        maybe_stored = TINYPROXY.get(reply.status, maybe_stored)
    reason = f"the proxy answered in place of the store (HTTP {reply.status})"
    return Unavailable(reason, retry_after=reply.retry_after, maybe_stored=maybe_stored, diagnosis=diagnosis)


def _is_marked(headers: Mapping[str, str]) -> bool:
    # The header of Squid's own errors, and Proxy-Status (RFC 9209 2.1.1).
    return "x-squid-error" in headers or "error=" in headers.get("proxy-status", "").replace(" ", "").lower()
