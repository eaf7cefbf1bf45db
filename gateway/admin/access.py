"""Access control of the admin port: who a request is from, and whether that caller may send it."""

import hmac
import secrets
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.admin.callers import CALLER, NOBODY, Caller, certificate_name
from gateway.admin.hosts import Hosts
from gateway.admin.pages import is_followed_link, is_of_another_page, wants_page
from gateway.admin.refusing import HOST, PAGE, Refusal, form_refusal, role_refusal, stranger
from gateway.admin.roles import ALL, GRANTED, READS, Role
from gateway.admin.sessions import Sessions
from gateway.admin.settings import AdminSettings
from gateway.admin.token import Token, configured_token, own_token
from gateway.admin.token_file import own_token_file
from gateway.admin.tokens import Proof, Tokens
from gateway.contract.addresses import is_loopback

FREE = ("/livez", "/readyz")
"""Paths that anybody may ask for: the probes of an orchestrator have no token."""
STATE = (*FREE, "/metrics")
"""Paths that describe the gateway and no single message. All other paths concern messages."""
SIGN_IN = "/sign-in"
STATIC = "/static/"
COOKIE, SECURE_COOKIE = "hilum_session", "__Host-hilum_session"
"""A browser takes a cookie with the prefix ``__Host-`` only over TLS, and sends it to no other host."""

KNOWN = web.RequestKey("known", bool)
"""Whether the sender of a request has authenticated, or does not have to."""

TOKEN = "send the bearer token of admin.token_file, or a certificate of admin.tls.client_ca_file"  # noqa: S105  no secret

log = structlog.get_logger()


class Access:
    """Demands a token, a session that began with one, or a certificate, for every path that is not in FREE.

    With *state_is_open*, everybody may ask for the paths in STATE. That is safe only on the loopback address.
    """

    def __init__(
        self,
        *,
        tokens: Tokens | None = None,
        certificate: str = "none",
        hosts: Hosts | None = None,
        proxies: Collection[str] = (),
        state_is_open: bool = False,
        mend: str = TOKEN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = tokens
        self._certificate = certificate
        self._hosts = hosts or Hosts()
        self._proxies = frozenset(each.lower() for each in proxies)
        self._mend = mend
        self._state_is_open = state_is_open
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self.sessions = Sessions()
        self.is_open = tokens is None and certificate != "required"
        """Whether neither token nor certificate is demanded: without a spool there are only the paths in STATE."""

    def proof(self, shown: str) -> Proof | None:
        """Return what the token *shown* proves; None if it is not valid."""
        return None if self._tokens is None else self._tokens.proof(shown)

    def caller(self, request: web.Request) -> Caller | None:
        """Return who *request* is from; None if what is demanded was not shown."""
        if self.is_open:
            return Caller(ALL)
        name = certificate_name(request)
        if self._certificate == "required" and name is None:
            found = None
        elif name is not None and (self._certificate == "optional" or self._tokens is None):
            found = self._by_token(request) or Caller(ALL, name, self._csrf_of(name))
        else:
            found = self._by_token(request)
        is_state = self._state_is_open and request.path in STATE
        return found or (Caller(frozenset({Role.VIEWER})) if is_state else None)

    def guard(self) -> Middleware:
        """Return the middleware that refuses requests which their senders may not send."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            caller = self.caller(request)
            refusal = self._refusal(request, caller)
            if refusal is None and caller is not None and request.path != SIGN_IN:
                refusal = await form_refusal(request, caller)
            request[KNOWN] = refusal is None and caller is not None
            request[CALLER] = NOBODY if caller is None or refusal is not None else caller
            if refusal is None or request.path in FREE:
                return await handler(request)
            if self._sends_to_sign_in(request, refusal):
                raise web.HTTPSeeOther(f"{SIGN_IN}?to={quote(request.path_qs, safe='')}")
            log.warning("admin_request_refused", peer=request.remote, reason=refusal.reason)
            return refusal.response()

        return guarded

    def session_cookie(self, request: web.Request) -> str | None:
        """Return the cookie of a session that *request* has."""
        return request.cookies.get(SECURE_COOKIE if request.secure else COOKIE)

    def still_in(self, request: web.Request) -> bool:
        """Whether the sender of *request*, which is answered for a long time, would still be let in."""
        caller = self.caller(request)
        return caller is not None and caller.roles >= request[CALLER].roles

    def _refusal(self, request: web.Request, caller: Caller | None) -> Refusal | None:
        """Return why *request* is refused; None if it is allowed.

        A foreign web page that makes a browser send requests does not know the token. So a request with the token may
        have any Host and any origin.
        """
        if self._bearer(request) is None:
            if not all(map(self._hosts.knows, request.headers.getall("Host", []))):
                return HOST
            if is_of_another_page(request, self._proxies) and not (
                (request.path in STATE or request.path == SIGN_IN) and is_followed_link(request)
            ):
                return PAGE
        if request.path == SIGN_IN or request.path.startswith(STATIC):
            return None
        return stranger(self._mend) if caller is None else role_refusal(request, caller)

    def _sends_to_sign_in(self, request: web.Request, refusal: Refusal) -> bool:
        """Whether a person is shown the sign-in page: one without a session, or one who comes by a link.

        After a link in a page of others the browser keeps back the cookie of the session, and sends it again from here.
        """
        if self._tokens is None or request.method not in READS or not wants_page(request):
            return False
        return refusal.status == 401 or (refusal is PAGE and is_followed_link(request))

    def _by_token(self, request: web.Request) -> Caller | None:
        """Return the caller whose token or session *request* has."""
        proof = self._bearer(request)
        return self._by_session(request) if proof is None else Caller(proof.roles)

    def _bearer(self, request: web.Request) -> Proof | None:
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        return self.proof(shown.strip()) if kind.lower() == "bearer" else None

    def _csrf_of(self, name: str) -> str:
        """Return the token of the forms for the holder of a certificate, who needs no session."""
        return hmac.digest(self._secret, name.encode(), "sha256").hex()

    def _by_session(self, request: web.Request) -> Caller | None:
        """Return who has signed in, as long as the token that was shown is valid."""
        cookie = self.session_cookie(request)
        session = None if cookie is None else self.sessions.find(cookie, self._clock())
        if cookie is None or session is None or self._tokens is None:
            return None
        if not self._tokens.still_holds(session.proof):
            self.sessions.end(cookie)
            return None
        return session.caller


def access_of(settings: AdminSettings, data_dir: Path) -> Access:
    """Return the access that *settings* grant. Raises ConfigError if the file of a token is not valid.

    If the settings demand nothing, as on the loopback address, what is kept in *data_dir* still demands a token: other
    users of this machine, and web pages in their browsers, can reach the port too.
    """
    tokens = _configured(settings)
    certificate = "none" if settings.tls is None else settings.tls.client_auth
    if certificate == "optional" and not tokens and not is_loopback(settings.host):
        certificate = "required"  # there is no token that could replace the certificate
    hosts = Hosts((settings.host, *settings.hosts))
    access = partial(Access, certificate=certificate, hosts=hosts, proxies=settings.hosts)
    if tokens:
        return access(tokens=Tokens(tokens))
    if certificate == "required" or not data_dir.is_dir():
        return access()
    mend = f"send the bearer token in {own_token_file(data_dir)}, or set admin.token_file"
    return access(tokens=Tokens({ALL: own_token(data_dir)}), state_is_open=True, mend=mend)


def access_by(token: str) -> Access:
    """Return the access that demands *token* and nothing else."""
    return Access(tokens=Tokens({ALL: lambda: token}))


def _configured(settings: AdminSettings) -> dict[frozenset[Role], Token]:
    """Return the tokens of the files in *settings* by the roles that they grant."""
    files = {name: getattr(settings, name) for name in GRANTED}
    return {GRANTED[name]: configured_token(path, f"admin.{name}") for name, path in files.items() if path is not None}
