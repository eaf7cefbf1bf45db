"""Requests to an origin, direct or through an HTTP proxy (RFC 9110 7.6, 9.3.6).

For an origin with https:// the proxy opens a tunnel and learns only the origin's name; TLS runs through the tunnel.
For an origin with http:// the request line has the whole URL, and the proxy reads everything.
"""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import replace

import structlog

from adapters.rest.connecting.dialer import Contexts, Dialer, Origin
from adapters.rest.connecting.failures import REFUSED, TLS_TOO_SLOW, TOO_SLOW
from adapters.rest.connecting.proxy_reply import HUNG_UP, TunnelReader, is_of_proxy, verdict_of_proxy
from adapters.rest.credentials.opening import NOTHING, basic
from adapters.rest.credentials.secret import Secret
from adapters.rest.credentials.settings import ProxySettings
from adapters.rest.http.http1 import Failure
from adapters.rest.http.reply import Reply
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable

PROXY_REFUSED = Failure("the proxy refuses the connection")
PROXY_TOO_SLOW = Failure("no connection through the proxy within connect_seconds")
AT_ONCE = 4096

log = structlog.get_logger()


class Proxy:
    """One proxy on the way to one origin. Logs when it begins to fail, and when it works again."""

    def __init__(self, settings: ProxySettings) -> None:
        self.origin = Origin(settings.url)
        username = settings.username or ""
        self._secret: Secret | None = None
        if settings.password_file is not None:
            self._secret = Secret(settings.password_file, "proxy.password_file", lambda text: basic(username, text))
        self._trouble: str | None = None

    def fields(self) -> Mapping[str, str] | Unavailable:
        """Return the header with Hilum's credentials for the proxy, or why there is none."""
        if self._secret is None:
            return {}
        value = self._secret.value()
        return {"Proxy-Authorization": value} if isinstance(value, str) else value

    async def open_tunnel(self, connected: socket.socket, origin: Origin) -> Failure | None:
        """Have the proxy open a tunnel from *connected* to *origin*; return why it does not."""
        fields = self.fields()
        if isinstance(fields, Unavailable):
            failure: Failure | None = Failure(fields.reason, diagnosis=fields.diagnosis)
        else:
            failure = await self._connect(connected, origin, fields)
            failure = failure and replace(failure, diagnosis=self.diagnose(failure.diagnosis))
        self.tell(None if failure is None else failure.reason)
        return failure

    def blame(self, failure: Failure) -> Failure:
        """Return *failure* of a connection with a reason that names the proxy instead of the store."""
        named = {REFUSED: PROXY_REFUSED, TOO_SLOW: PROXY_TOO_SLOW, TLS_TOO_SLOW: PROXY_TOO_SLOW}.get(failure)
        named = named or Failure(failure.reason.replace("the store", "the proxy"))
        self.tell(named.reason)
        return replace(named, diagnosis=self.diagnose(failure.diagnosis))

    def diagnose(self, why: Diagnosis | None, **more: str) -> Diagnosis:
        """Return the diagnosis of a failure of the proxy itself."""
        told = {} if why is None else dict(why.details) if why.cause is Cause.PROXY_FAILED else {"why": why.cause.value}
        return Diagnosis(Cause.PROXY_FAILED, {"proxy": self.origin.authority, **told, **more})

    def tell(self, trouble: str | None) -> None:
        """Log *trouble*, or with None that the proxy works again; the same is not logged twice in a row."""
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
    """Sends requests to one origin directly or through a proxy, and tells which of the two has answered."""

    def __init__(self, origin: Origin, settings: ProxySettings | None = None) -> None:
        self._origin = origin
        self._proxy = None if settings is None else Proxy(settings)
        self._whole = None if origin.tls else self._proxy
        """The proxy, if it gets whole requests: the origin has http://."""

    def dialer(
        self, connect_seconds: float, contexts: Contexts | None, *, shows_certificate: bool | None = None
    ) -> Dialer:
        """Return the dialer for connections to the origin."""
        return Dialer(self._origin, connect_seconds, contexts, self._proxy, shows_certificate=shows_certificate)

    def target(self, url: str) -> str:
        """Return the request target of *url*, which must have this origin."""
        target = self._origin.target(url)
        return target if self._whole is None else f"http://{self._origin.host_field}{target}"

    def fields(self) -> Mapping[str, str] | Unavailable:
        """Return the header fields that a request needs for the proxy, or why it cannot be sent."""
        return NOTHING if self._whole is None else self._whole.fields()

    def judge(self, reply: Reply | Unavailable) -> Reply | Unavailable:
        """Return *reply* if it is the origin's; one that the proxy made itself is no verdict on a message."""
        if self._whole is None:
            return reply
        if isinstance(reply, Reply) and not is_of_proxy(reply):
            self._whole.tell(None)
            return reply
        verdict = verdict_of_proxy(reply) if isinstance(reply, Reply) else _of_proxy(reply)
        if "the proxy" not in verdict.reason:
            return verdict
        self._whole.tell(verdict.reason)
        status = {"status": str(reply.status)} if isinstance(reply, Reply) else {}
        return replace(verdict, diagnosis=self._whole.diagnose(verdict.diagnosis, **status))


def _of_proxy(failure: Unavailable) -> Unavailable:
    """Return *failure* of a connection to the proxy with a reason that names the proxy."""
    return replace(failure, reason=failure.reason.replace("the store", "the proxy"))
