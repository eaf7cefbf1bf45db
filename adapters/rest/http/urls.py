"""Checks the addresses of stores, token endpoints and proxies in a configuration.

Credentials belong in files, not in an address, which is logged. None of these errors quotes the address, because its
query may be a secret.
"""

from urllib.parse import SplitResult, urlsplit, urlunsplit

from gateway.contract.addresses import is_loopback


def check_url(url: str) -> str:
    """Return *url*, or raise ValueError. No query: longer addresses are made by appending a path to *url*."""
    check_post_url(url)
    if "?" in url:
        raise ValueError("must have neither a query nor a fragment")
    return url


def check_post_url(url: str) -> str:
    """Return *url*, which is used as it is and may have a query, or raise ValueError."""
    if any(character <= " " or character == "\x7f" for character in url):
        raise ValueError("must not contain spaces or control characters")
    parts = _split(url)
    if not url.startswith(("http://", "https://")):  # other code looks for these in lower case
        raise ValueError("must begin with http:// or https://, in lower case")
    if "@" in parts.netloc:
        raise ValueError("must not contain credentials; use the key credentials")
    if not parts.hostname or not _has_valid_port(parts.netloc):
        raise ValueError("must name a host, and a port only between 1 and 65535")
    if "#" in url:
        raise ValueError("must have neither a query nor a fragment" if "?" not in url else "must have no fragment")
    return url


def check_proxy_url(url: str) -> str:
    """Return *url* of a proxy, or raise ValueError."""
    if "@" in url:
        raise ValueError("must not contain credentials; use the keys username and password_file")
    check_url(url)
    parts = urlsplit(url)
    if parts.scheme != "http":
        raise ValueError("must begin with http://: Hilum speaks no TLS with the proxy itself, only through it")
    if parts.path not in {"", "/"}:
        raise ValueError("must have no path: a proxy is a host and a port")
    return url


def without_query(url: str) -> str:
    """Return *url* without its query, which may be a secret, so that it can be shown."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def is_in_the_clear(url: str) -> bool:
    """Whether others can read what is sent to *url*: it is http:// and not on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def origin_of(url: str) -> tuple[str, str]:
    """Return the scheme and the host with port of *url* as they are written: they decide who gets a request."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def host_of(url: str) -> str:
    """Return the host and port of *url*, as they are written."""
    return urlsplit(url).netloc


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("must name a host, and a port only between 1 and 65535") from None


def _has_valid_port(netloc: str) -> bool:
    try:
        return urlsplit(f"//{netloc}").port != 0
    except ValueError:
        return False
