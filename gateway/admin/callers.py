"""Who calls the admin port: what they may do, and how they are named when they act or read a payload."""

from dataclasses import dataclass

from aiohttp import web

from gateway.admin.roles import Role, Roles, named
from gateway.tls.identity import names_in


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request."""

    roles: Roles
    name: str = ""
    """What they have called themselves at the sign-in. It is not proved."""
    csrf: str = ""
    """The token that each form has to send; empty without a session: such a caller can send no form."""

    def may(self, role: str) -> bool:
        """Whether this caller has *role*; a template asks before it shows a verb."""
        return Role(role) in self.roles

    def __str__(self) -> str:
        return f"{self.name} ({named(self.roles)})" if self.name else named(self.roles)


NOBODY = Caller(frozenset())
CALLER = web.RequestKey("caller", Caller)
"""Who has sent a request; the middleware of ``gateway.admin.access`` sets it."""


def caller_of(request: web.Request) -> str:
    """Return one line with the caller's certificate name or kind of proof, and address; the proof is not included."""
    certificate = None if request.transport is None else request.transport.get_extra_info("peercert")
    name = next(iter(names_in(certificate)), None) if certificate else None
    if name is not None and name.isprintable():
        shown = f"certificate {name}"
    elif certificate:
        shown = "certificate"
    else:
        shown = "admin token" if "Authorization" in request.headers else "nobody by name"
    return f"{shown} at {request.remote}"
