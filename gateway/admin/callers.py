"""Who asks the admin port, as far as it can be told: kept where entries are decided on."""

from aiohttp import web

from gateway.tls.identity import names_in


def caller_of(request: web.Request) -> str:
    """Return how the caller has shown who they are, and from where; one line, without the proof itself."""
    certificate = None if request.transport is None else request.transport.get_extra_info("peercert")
    name = next(iter(names_in(certificate)), None) if certificate else None
    if name is not None and name.isprintable():
        shown = f"certificate {name}"
    elif certificate:
        shown = "certificate"
    else:
        shown = "admin token" if "Authorization" in request.headers else "nobody by name"
    return f"{shown} at {request.remote}"
