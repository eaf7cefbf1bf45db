"""Signing in: a person shows a token once, and the browser keeps a cookie in its place."""

import math
import time
from collections.abc import Callable

import structlog
from aiohttp import web

from gateway.admin.access import COOKIE, SECURE_COOKIE, SIGN_IN, Access
from gateway.admin.attempts import Attempts
from gateway.admin.callers import CALLER, caller_of
from gateway.admin.roles import named
from gateway.admin.sessions import said_name
from gateway.contract.acts import Act, TellAct
from gateway.screen.rendering import Renderer
from gateway.screen.words import our_address

WRONG = "This token is not valid. It is in the file that the field names; sign in with its one line."
TOO_MANY = "Too many attempts from your address. Wait {seconds} s and try again."

log = structlog.get_logger()


class SigningIn:
    """Answers the requests of the sign-in page. Attempts are limited, logged and audited, always without the token."""

    def __init__(
        self,
        renderer: Renderer,
        access: Access,
        tell: TellAct | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renderer = renderer
        self._access = access
        self._tell = tell
        self._clock = clock
        self._attempts = Attempts()

    async def page(self, request: web.Request) -> web.Response:
        """Show the form."""
        return self._form(request, our_address(request.query.get("to", "/")))

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Begin a session, or show the form again."""
        form = await request.post()
        to, name = our_address(str(form.get("to", "/"))), said_name(str(form.get("name", "")))
        wait = self._attempts.wait(request.remote, self._clock())
        if wait:
            log.warning("admin_sign_in_refused", peer=request.remote, reason="too many attempts")
            reply = self._form(request, to, TOO_MANY.format(seconds=math.ceil(wait)), code=429)
            reply.headers["Retry-After"] = str(math.ceil(wait))
            return reply
        proof = self._access.proof(str(form.get("token", "")).strip())
        if proof is None:
            self._attempts.failed(request.remote, self._clock())
            log.warning("admin_sign_in_refused", peer=request.remote, reason="no valid token")
            await self._audit(request, "somebody without a valid token", "sign-in refused", is_done=False)
            return self._form(request, to, WRONG, code=401)
        self._end_session(request)
        cookie = self._access.sessions.begin(proof, name, self._clock())
        by = f"{named(proof.roles)} {name}".strip()
        log.info("admin_signed_in", peer=request.remote, by=by)
        await self._audit(request, by, "signed in")
        return _with_cookie(request, web.HTTPSeeOther(to), cookie)

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session."""
        self._end_session(request)
        log.info("admin_signed_out", peer=request.remote, by=caller_of(request))
        return _with_cookie(request, web.HTTPSeeOther(SIGN_IN), None)

    def _end_session(self, request: web.Request) -> None:
        cookie = self._access.session_cookie(request)
        if cookie is not None:
            self._access.sessions.end(cookie)

    async def _audit(self, request: web.Request, by: str, what: str, *, is_done: bool = True) -> None:
        if self._tell is not None:
            await self._tell(Act(by, f"{what} at the admin port", address=request.remote or "", is_done=is_done))

    def _form(self, request: web.Request, to: str, fault: str = "", code: int = 200) -> web.Response:
        is_in = bool(request[CALLER].roles)
        return self._renderer.page("sign_in.html", code=code, to=to, fault=fault, is_in=is_in)


def _with_cookie(request: web.Request, reply: web.HTTPSeeOther, cookie: str | None) -> web.Response:
    """Return *reply* with the cookie of the session, or without any if it is None."""
    answer = web.Response(
        status=reply.status, headers={"Location": reply.headers["Location"], "Cache-Control": "no-store"}
    )
    name = SECURE_COOKIE if request.secure else COOKIE
    if cookie is None:
        answer.del_cookie(name, path="/", secure=request.secure, httponly=True, samesite="Strict")
    else:
        answer.set_cookie(name, cookie, path="/", secure=request.secure, httponly=True, samesite="Strict")
    return answer
