"""Which values of the configuration are not shown: what can be a secret, and the parts of addresses that can be one.

Secrets belong into files, whose paths are shown. This also hides what somebody has written into the configuration
itself, and values of keys that a separately installed kind has added.
"""

import re
from urllib.parse import urlsplit, urlunsplit

HIDDEN = "hidden"
"""What is shown in the place of a secret."""
SECRET_KEY = re.compile(r"(?:password|passphrase|secret|token|api_?key|private_?key|credential)s?", re.IGNORECASE)
"""A key that ends with one of these words has a secret as its value; ``token_file`` and ``token_url`` do not."""
VALUES_ARE_SECRET = ("headers",)
"""Groups of which every value can be a secret: headers of requests often hold a key."""
PARTS = re.compile(r"[.\[\]]+")


def is_secret(path: str) -> bool:
    """Whether the value at *path* of the configuration can be a secret."""
    *groups, key = [each for each in PARTS.split(path) if each and not each.isdigit()]
    return any(each in VALUES_ARE_SECRET for each in groups) or any(
        SECRET_KEY.fullmatch(word) for word in (key, key.rpartition("_")[2], key.rpartition("-")[2])
    )


def without_secrets(text: str) -> str:
    """Return *text*; if it is an address, without its user, password and fragment, and with its query hidden."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return HIDDEN
    query = HIDDEN if parts.query else ""
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{HIDDEN}@{host}" if at and user else host
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))
