"""Why the admin port refuses a request, and what it answers then."""

import hmac
from dataclasses import dataclass

from aiohttp import web

from gateway.admin.callers import Caller
from gateway.admin.roles import READS, named, role_for

SIGN_OUT = "/sign-out"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused request: *reason* is for the log, *text* for the caller."""

    reason: str
    status: int
    text: str

    def response(self) -> web.Response:
        """Return the answer."""
        headers = {"WWW-Authenticate": "Bearer"} if self.status == 401 else None
        return web.json_response({"error": self.text}, status=self.status, headers=headers)


HOST = Refusal(  # Misdirected Request, RFC 9110 15.5.20
    "host", 421, "the Host header has an unknown name; use localhost or an IP address, or add the name to admin.hosts"
)
PAGE = Refusal(
    "page",
    403,
    "a web page of another origin sent this; open the address directly, or add the name of a proxy to admin.hosts",
)
FORM = Refusal("form", 403, "the form is not of this session; open the page again, and send it from there")


def stranger(mend: str) -> Refusal:
    """Return the refusal of a caller that has shown nothing."""
    return Refusal("stranger", 401, mend)


def role_refusal(request: web.Request, caller: Caller) -> Refusal | None:
    """Return the refusal if *caller* does not have the role that *request* needs."""
    needed = role_for(request.method, request.path)
    if needed in caller.roles or request.path == SIGN_OUT:
        return None
    text = f"this needs the role {needed}; you have the role {named(caller.roles)}; sign in with a token that grants it"
    return Refusal("role", 403, text)


async def form_refusal(request: web.Request, caller: Caller) -> Refusal | None:
    """Return the refusal if a browser acts by *request* without the token that only our own pages have.

    A program with a certificate sends JSON, which a foreign page cannot send without asking before (CORS).
    """
    if not caller.csrf or request.method in READS:
        return None
    shown = request.headers.get(CSRF_HEADER)
    if shown is None and request.content_type in FORMS:
        shown = str((await request.post()).get(CSRF_FIELD, ""))
    if shown is None and not caller.in_session and request.content_type == "application/json":
        return None
    is_ours = shown is not None and hmac.compare_digest(shown.encode(errors="replace"), caller.csrf.encode())
    return None if is_ours else FORM
