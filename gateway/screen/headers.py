"""The headers of every page: a browser runs and shows only what this port itself has sent.

Names on the pages come from the network: AE titles, ``MSH-3|MSH-4``, texts of stores. They are escaped when they are
rendered. If one was not, the content security policy would still keep it from running, from loading anything and from
sending anything elsewhere.
"""

from collections.abc import Mapping

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types hilum",
    )
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms. To others nothing is sent.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""A page is never kept on a disk: neither in the browser's cache nor in a proxy."""

ASSET_HEADERS: Mapping[str, str] = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
"""Style, script and icons hold nothing of this gateway, and their address has a digest of their content."""
