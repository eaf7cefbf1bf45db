"""Who calls the admin port: what they may do, and how they are named when they act or read a payload."""

from dataclasses import dataclass

from aiohttp import web

from gateway.admin.roles import ALL, Role, Roles, named
from gateway.tls.identity import names_in


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request."""

    roles: Roles
    name: str = ""
    """What they have called themselves at the sign-in, which is not proved; or the name in their certificate."""
    csrf: str = ""
    """The token that each form has to send; empty for a caller that can send no form, such as a program."""
    in_session: bool = False
    """Whether a browser has shown the cookie of a session."""

    def may(self, role: str) -> bool:
        """Whether this caller has *role*; a template asks before it shows a verb."""
        return Role(role) in self.roles

    def __str__(self) -> str:
        return f"{self.name} ({named(self.roles)})" if self.name else named(self.roles)


NOBODY = Caller(frozenset())
CALLER = web.RequestKey("caller", Caller)
"""Who has sent a request; the middleware of ``gateway.admin.access`` sets it."""


def certificate_name(request: web.Request) -> str | None:
    """Return the name in the certificate of the caller: "" if it has none that can be shown; None if none was shown."""
    certificate = None if request.transport is None else request.transport.get_extra_info("peercert")
    if not certificate:
        return None
    name = next(iter(names_in(certificate)), "")
    return str(name) if name.isprintable() else ""


def caller_of(request: web.Request) -> str:
    """Return one line with the caller's certificate name or kind of proof, and address; the proof is not included."""
    name, caller = certificate_name(request), request.get(CALLER, NOBODY)
    if name is not None:
        shown = f"certificate {name}".strip()
    elif caller.in_session:
        shown = f"{named(caller.roles)} {caller.name}".strip()
    elif "Authorization" in request.headers:
        shown = "admin token" if caller.roles in (ALL, NOBODY.roles) else f"{named(caller.roles)} token"
    else:
        shown = "nobody by name"
    return f"{shown} at {request.remote}"
