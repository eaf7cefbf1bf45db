"""The way to an origin, straight or through an HTTP proxy (RFC 9110 7.6, 9.3.6).

For an origin with https:// the proxy opens a tunnel and learns no more than its name; TLS is spoken with the origin
through it. One with http:// is named as a whole on the request line, and the proxy reads everything.
"""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import replace

import structlog

from adapters.rest.connecting.dialer import REFUSED, TOO_SLOW, Contexts, Dialer, Origin
from adapters.rest.connecting.proxy_reply import HUNG_UP, TunnelReader, is_of_proxy, verdict_of_proxy
from adapters.rest.credentials.opening import basic
from adapters.rest.credentials.secret import Secret
from adapters.rest.credentials.settings import ProxySettings
from adapters.rest.http.http1 import Failure
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Unavailable

PROXY_REFUSED = Failure("the proxy refuses the connection")
PROXY_TOO_SLOW = Failure("no connection through the proxy within connect_seconds")
AT_ONCE = 4096

log = structlog.get_logger()


class Proxy:
    """One proxy on the way to one origin. The log says when it begins to fail, and when that is over."""

    def __init__(self, settings: ProxySettings) -> None:
        self.origin = Origin(settings.url)
        username = settings.username or ""
        self._secret: Secret | None = None
        if settings.password_file is not None:
            self._secret = Secret(settings.password_file, "proxy.password_file", lambda text: basic(username, text))
        self._trouble: str | None = None

    def fields(self) -> Mapping[str, str] | Unavailable:
        """Return the header that makes Hilum known to the proxy, or why there is none."""
        if self._secret is None:
            return {}
        value = self._secret.value()
        return {"Proxy-Authorization": value} if isinstance(value, str) else value

    async def open_tunnel(self, connected: socket.socket, origin: Origin) -> Failure | None:
        """Have the proxy join *connected* to *origin*; return why it does not."""
        fields = self.fields()
        if isinstance(fields, Unavailable):
            failure: Failure | None = Failure(fields.reason)
        else:
            failure = await self._connect(connected, origin, fields)
        self.tell(None if failure is None else failure.reason)
        return failure

    def blame(self, failure: Failure) -> Failure:
        """Return *failure* of a connection as one of the proxy."""
        named = {REFUSED: PROXY_REFUSED, TOO_SLOW: PROXY_TOO_SLOW}.get(failure)
        named = named or Failure(failure.reason.replace("the store", "the proxy"))
        self.tell(named.reason)
        return named

    def tell(self, trouble: str | None) -> None:
        """Log *trouble*, or that there is none any more, unless that is what was said last."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            log.info("proxy_works_again", proxy=self.origin.authority)
        else:
            log.warning("proxy_fails", proxy=self.origin.authority, reason=trouble)

    async def _connect(self, connected: socket.socket, origin: Origin, fields: Mapping[str, str]) -> Failure | None:
        loop, reader = asyncio.get_running_loop(), TunnelReader()
        head = {"Host": origin.authority, "User-Agent": "hilum", **fields}
        lines = [f"CONNECT {origin.authority} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        try:
            await loop.sock_sendall(connected, "\r\n".join(lines).encode())
            while not reader.over:
                reader.receive_data(await loop.sock_recv(connected, AT_ONCE))
        except TimeoutError:
            raise
        except OSError:
            return HUNG_UP
        return reader.failure


class Passage:
    """How requests get to one origin, and who has answered them."""

    def __init__(self, origin: Origin, settings: ProxySettings | None = None) -> None:
        self._origin = origin
        self._proxy = None if settings is None else Proxy(settings)
        self._whole = None if origin.tls else self._proxy
        """The proxy, where it gets whole requests."""

    def dialer(self, connect_seconds: float, contexts: Contexts | None) -> Dialer:
        """Return what opens connections to the origin."""
        return Dialer(self._origin, connect_seconds, contexts, self._proxy)

    def target(self, url: str) -> str:
        """Return what names *url* on the request line; it must be of the origin."""
        target = self._origin.target(url)
        return target if self._whole is None else f"http://{self._origin.host_field}{target}"

    def fields(self) -> Mapping[str, str] | Unavailable:
        """Return what a request needs for the proxy, or why it cannot be sent."""
        return {} if self._whole is None else self._whole.fields()

    def judge(self, reply: Reply | Unavailable) -> Reply | Unavailable:
        """Return *reply* if it is the origin's; what the proxy says for itself is no verdict on a message."""
        if self._whole is None:
            return reply
        if isinstance(reply, Reply) and not is_of_proxy(reply):
            self._whole.tell(None)
            return reply
        verdict = verdict_of_proxy(reply) if isinstance(reply, Reply) else _of_proxy(reply)
        if "the proxy" in verdict.reason:
            self._whole.tell(verdict.reason)
        return verdict


def _of_proxy(failure: Unavailable) -> Unavailable:
    """Return the *failure* of a connection which is one to the proxy."""
    return replace(failure, reason=failure.reason.replace("the store", "the proxy"))
