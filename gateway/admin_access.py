"""Who may ask the admin port for more than whether the gateway is alive and ready."""

import hmac
from collections.abc import Callable
from pathlib import Path

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.addresses import is_loopback
from gateway.admin_hosts import Hosts
from gateway.config import AdminSettings
from gateway.errors import ConfigError
from gateway.tls.renewal import Renewed

FREE = ("/livez", "/readyz")
"""What anybody may ask: an orchestrator's probes know no token."""
SHORTEST = 16
"""Characters of a token; a shorter one can be guessed."""

KNOWN = web.RequestKey("known", bool)
"""Whether whoever sent a request has shown who they are, or need not."""

log = structlog.get_logger()


class Access:
    """Demands what the settings say, of all but the probes."""

    def __init__(
        self,
        *,
        token: Callable[[], str | None] | None = None,
        certificate: str = "none",
        hosts: Hosts | None = None,
    ) -> None:
        self._token = token
        self._certificate = certificate
        self._hosts = hosts or Hosts()
        self.is_open = token is None and certificate != "required"
        """Whether everybody may ask for everything, as is right only where nobody else reaches the port."""

    def knows(self, request: web.Request) -> bool:
        """Whether *request* brings the proofs that are demanded."""
        if self.is_open:
            return True
        verified = request.transport is not None and bool(request.transport.get_extra_info("peercert"))
        if self._certificate == "required":
            return verified and (self._token is None or self._has_token(request))
        return (self._certificate == "optional" and verified) or self._has_token(request)

    def guard(self) -> Middleware:
        """Return the middleware that turns strangers away."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            is_meant = self._is_meant(request)
            request[KNOWN] = is_meant and self.knows(request)
            if request[KNOWN] or request.path in FREE:
                return await handler(request)
            log.warning("admin_request_refused", peer=request.remote, reason="stranger" if is_meant else "host")
            if not is_meant:
                text = "the Host header names another; use localhost or an IP address, or add the name to admin.hosts"
                return web.json_response({"error": text}, status=421)  # Misdirected Request, RFC 9110 15.5.20
            text = "show the bearer token of admin.token_file, or a certificate of admin.tls.client_ca_file"
            return web.json_response({"error": text}, status=401, headers={"WWW-Authenticate": "Bearer"})

        return guarded

    def _is_meant(self, request: web.Request) -> bool:
        """Whether *request* was made for this gateway: a page that sends somebody's browser here knows no token."""
        headers = request.headers.getall("Host", [])
        return all(map(self._hosts.knows, headers)) or self._has_token(request)

    def _has_token(self, request: web.Request) -> bool:
        token = None if self._token is None else self._token()
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        if token is None or kind.lower() != "bearer":
            return False
        return hmac.compare_digest(token.encode(), shown.strip().encode(errors="replace"))


def access_of(settings: AdminSettings) -> Access:
    """Return the access that *settings* grant. Raises ConfigError where the token's file is no good."""
    certificate = "none" if settings.tls is None else settings.tls.client_auth
    hosts = Hosts((settings.host, *settings.hosts))
    if settings.token_file is not None:
        return Access(token=_token_in(settings.token_file), certificate=certificate, hosts=hosts)
    if certificate == "optional" and not is_loopback(settings.host):
        certificate = "required"  # nothing else is there to be shown
    return Access(certificate=certificate, hosts=hosts)


def access_by(token: str) -> Access:
    """Return the access of those who know *token*."""
    return Access(token=lambda: token)


def _token_in(path: Path) -> Callable[[], str | None]:
    """Return what gives the token in the file *path* as it is now; None, and nobody is let in, while it is no good."""
    read_token(path)

    def read() -> str | None:
        try:
            return read_token(path)
        except ConfigError as error:
            log.error("admin_token_lost", reason=str(error))
            return None

    return Renewed([path], read, lambda _: None).current


def read_token(path: Path) -> str:
    """Return the token in the file *path*; raises ConfigError where there is none that is good."""
    try:
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror}; mend the path or its rights"
        raise ConfigError(f"admin.token_file: {reason}") from None
    except ValueError:
        raise ConfigError(f"admin.token_file: {path} holds other characters than ASCII; make a new token") from None
    if len(token) < SHORTEST:
        mend = "make a longer one, for example with: openssl rand -hex 32"
        raise ConfigError(f"admin.token_file: {path} holds fewer than {SHORTEST} characters; {mend}")
    return token
