"""The identity of a caller of the admin port, recorded when entries are changed or payloads are read."""

from aiohttp import web

from gateway.tls.identity import names_in


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
