"""A TLS hello that no port of Hilum can take, in octets: no TLS library would send it."""

ALERT_OF_VERSION = b"\x02\x46"
"""What the alert says: fatal, protocol_version (RFC 8446 6.2)."""


def old_hello() -> bytes:
    """Return a hello of TLS 1.0 with one cipher suite."""
    body = b"\x03\x01" + bytes(32) + b"\0" + b"\0\x02\0\x2f" + b"\x01\0"
    hello = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(hello).to_bytes(2, "big") + hello
