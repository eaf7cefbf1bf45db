"""Access control of the admin port: which requests get more than the state of the gateway."""

import hmac
from collections.abc import Collection
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.admin.hosts import Hosts
from gateway.admin.pages import is_followed_link, is_of_another_page
from gateway.admin.settings import AdminSettings
from gateway.admin.token import Token, configured_token, own_token, own_token_file
from gateway.contract.addresses import is_loopback
from gateway.spool.folders import existing_folders

FREE = ("/livez", "/readyz")
"""Paths that anybody may ask for: the probes of an orchestrator have no token."""
STATE = (*FREE, "/metrics")
"""Paths that describe the gateway and no single message. All other paths concern messages."""

KNOWN = web.RequestKey("known", bool)
"""Whether the sender of a request has authenticated, or does not have to."""

HOST = "the Host header has an unknown name; use localhost or an IP address, or add the name to admin.hosts"
PAGE = "a web page of another origin sent this; open the address directly, or add the name of a proxy to admin.hosts"
TOKEN = "send the bearer token of admin.token_file, or a certificate of admin.tls.client_ca_file"  # noqa: S105  no secret

log = structlog.get_logger()


class Access:
    """Demands the configured token or certificate for every path that is not in FREE.

    With *state_is_open*, everybody may ask for the paths in STATE. That is safe only on the loopback address.
    """

    def __init__(
        self,
        *,
        token: Token | None = None,
        certificate: str = "none",
        hosts: Hosts | None = None,
        proxies: Collection[str] = (),
        state_is_open: bool = False,
        mend: str = TOKEN,
    ) -> None:
        self._token = token
        self._certificate = certificate
        self._hosts = hosts or Hosts()
        self._proxies = frozenset(each.lower() for each in proxies)
        self._mend = mend
        self._state_is_open = state_is_open
        self.is_open = token is None and certificate != "required"
        """Whether neither token nor certificate is demanded: without a spool there are only the paths in STATE."""

    def knows(self, request: web.Request) -> bool:
        """Whether *request* has the token or the certificate that is demanded."""
        if self.is_open or (self._state_is_open and request.path in STATE):
            return True
        verified = request.transport is not None and bool(request.transport.get_extra_info("peercert"))
        if self._certificate == "required":
            return verified and (self._token is None or self._has_token(request))
        return (self._certificate == "optional" and verified) or self._has_token(request)

    def guard(self) -> Middleware:
        """Return the middleware that refuses unauthenticated requests."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            refusal = self._refusal(request)
            request[KNOWN] = refusal is None
            if refusal is None or request.path in FREE:
                return await handler(request)
            reason, status, text = refusal
            log.warning("admin_request_refused", peer=request.remote, reason=reason)
            headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
            return web.json_response({"error": text}, status=status, headers=headers)

        return guarded

    def _refusal(self, request: web.Request) -> tuple[str, int, str] | None:
        """Return why *request* is refused: a reason, a status and an error text; None if it is allowed.

        A foreign web page that makes a browser send requests does not know the token. So a request with the token may
        have any Host and any origin.
        """
        if not self._has_token(request):
            if not all(map(self._hosts.knows, request.headers.getall("Host", []))):
                return "host", 421, HOST  # Misdirected Request, RFC 9110 15.5.20
            if is_of_another_page(request, self._proxies) and not (request.path in STATE and is_followed_link(request)):
                return "page", 403, PAGE
        return None if self.knows(request) else ("stranger", 401, self._mend)

    def _has_token(self, request: web.Request) -> bool:
        token = None if self._token is None else self._token()
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        if token is None or kind.lower() != "bearer":
            return False
        return hmac.compare_digest(token.encode(), shown.strip().encode(errors="replace"))


def access_of(settings: AdminSettings, data_dir: Path) -> Access:
    """Return the access that *settings* grant. Raises ConfigError if the file of the token is not valid.

    If the settings demand nothing, as on the loopback address, a spool in *data_dir* still demands a token: other users
    of this machine, and web pages in their browsers, can reach the port too.
    """
    certificate = "none" if settings.tls is None else settings.tls.client_auth
    if certificate == "optional" and settings.token_file is None and not is_loopback(settings.host):
        certificate = "required"  # there is no token that could replace the certificate
    hosts = Hosts((settings.host, *settings.hosts))
    access = partial(Access, certificate=certificate, hosts=hosts, proxies=settings.hosts)
    if settings.token_file is not None:
        return access(token=configured_token(settings.token_file))
    if certificate == "required" or not existing_folders(data_dir):
        return access()
    mend = f"send the bearer token in {own_token_file(data_dir)}, or set admin.token_file"
    return access(token=own_token(data_dir), state_is_open=True, mend=mend)


def access_by(token: str) -> Access:
    """Return the access that demands *token* and nothing else."""
    return Access(token=lambda: token)
