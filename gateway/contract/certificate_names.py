"""Parses and compares the names in ``client_names``; each kind of name has its own rules of comparison.

A name without a prefix is a DNS name, compared as RFC 9525 6.3 says (formerly RFC 6125 6.4): ASCII letters without
regard to case, and ``*`` for the whole leftmost label. Every other kind has a prefix (``email:``, ``uri:``, ``ip:``,
``cn:``). A DNS name has no colon, so that a name of one kind is never taken for one of another kind.
"""

import re
from ipaddress import ip_address, ip_network

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
DNS_NAME = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*")
"""In lower case. Underscores are allowed because real host names have them; non-ASCII names are A-labels (xn--…)."""
ANY_LABEL = "*."
PRINTABLE = re.compile(r"[!-~]+")
MAILBOX = re.compile(r"(.+)@([^@]+)")
URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)(//(?:[^/?#@]*@)?)?([^/?#]*)(.*)")
OLD_ADDRESS = re.compile(r"[0-9.*?]*[0-9][0-9.*?]*[*?][0-9.*?]*")

ANYBODY = "would match every name; remove client_names if every certificate of client_ca_file may connect"
ONE_LABEL = (
    "is a pattern that is not supported: `*` can only be the whole leftmost label of a DNS name; list the names, or"
    " write for example *.ward.example"
)
ADDRESSES = "is a pattern that is not supported; list the addresses, or write a network such as ip:10.1.2.0/24"
A_SPACE = "remove the space after the colon, as in cn:CT 1"
WITHOUT_STAR = "has a `*`, which is a wildcard in DNS names only; list the names"
AN_ADDRESS = "is an IP address, not a DNS name; write `ip:` before it"
A_MAILBOX = "is an e-mail address, not a DNS name; write `email:` before each one"
A_URI = "is not a DNS name; write `uri:` before a URI, `cn:` before the subject's common name, and list each one"
NOT_ASCII = (
    "has non-ASCII letters; write a DNS name as an A-label (xn--…), as certificates do; other names need a prefix"
)
NO_DNS_NAME = "is not a DNS name; correct it, or write `cn:` before it if it is the subject's common name"


def read_name(text: str) -> str:
    """Return an entry of ``client_names`` in its canonical form; raises ValueError that says what to write instead."""
    kind, colon, value = text.partition(":")
    if not colon or kind not in OTHER_KINDS:
        return _read_dns_name(text)
    if value.startswith(" "):
        raise ValueError(f"{text!r} matches no name; {A_SPACE}")
    if "*" in value:
        raise ValueError(f"{text!r} {ADDRESSES if kind == 'ip' else WITHOUT_STAR}")
    named = _network(value) if kind == "ip" else OTHER_KINDS[kind](value)
    if named is None:
        raise ValueError(f"{text!r} {WRONG[kind]}")
    return f"{kind}:{named}"


def refuse_mapping(value: object) -> object:
    """Return *value* unchanged; raises ValueError if YAML has read a name with a space as a mapping (``cn: CT 1``)."""
    if isinstance(value, dict) and value.keys() & OTHER_KINDS.keys():
        raise ValueError(f"is a mapping, not a name; {A_SPACE}")
    return value


def as_dns_name(value: str) -> str | None:
    """Return a DNS name in its canonical form; None if it does not name a single host, for example one with a ``*``."""
    # Only ASCII is converted to lower case: the Kelvin sign would become a k.
    return value.lower() if value.isascii() and DNS_NAME.fullmatch(value.lower()) else None


def as_other_name(kind: str, value: str) -> str | None:
    """Return a name of another kind in its canonical form, with its prefix; None if it is not valid for that kind."""
    canonical = OTHER_KINDS[kind](value)
    return None if canonical is None else f"{kind}:{canonical}"


def is_match(wanted: str, name: str) -> bool:
    """Whether the *name* of a certificate matches *wanted*, an entry of ``client_names``."""
    if wanted.startswith(ANY_LABEL):
        return name.partition(".")[1:] == (".", wanted.removeprefix(ANY_LABEL)) and ":" not in name
    if wanted.startswith("ip:") and name.startswith("ip:"):
        return ip_address(name.removeprefix("ip:")) in ip_network(wanted.removeprefix("ip:"))
    return wanted == name


def _mailbox(value: str) -> str | None:
    found = MAILBOX.fullmatch(value) if PRINTABLE.fullmatch(value) else None
    return f"{found[1]}@{found[2].lower()}" if found else None  # RFC 5280 7.5: the local part is case-sensitive


def _uri(value: str) -> str | None:
    found = URI.fullmatch(value) if PRINTABLE.fullmatch(value) else None
    if found is None:
        return None
    scheme, user, host, rest = found.groups()  # RFC 5280 7.4: only scheme and host are case-insensitive
    return scheme.lower() + (host if user is None else user + host.lower()) + rest


def _address(value: str) -> str | None:
    try:
        return str(ip_address(value))
    except ValueError:
        return None


def _network(value: str) -> str | None:
    try:
        return str(ip_network(value))
    except ValueError:
        return None


def _common_name(value: str) -> str | None:
    return value if value and value.isprintable() else None


OTHER_KINDS = {"email": _mailbox, "uri": _uri, "ip": _address, "cn": _common_name}
"""Prefix of a name to the function that returns its canonical form, or None if the name is not valid."""
WRONG = {
    "email": "is not an e-mail address; write it as in the certificate, for example email:ct@ward.example",
    "uri": "is not a URI; write it as in the certificate, for example uri:urn:ct:1",
    "ip": "is neither an address nor a network; write for example ip:10.1.2.3 or ip:10.1.2.0/24 (host bits are zero)",
    "cn": "is not a common name; write it as in the certificate's subject, for example cn:CT 1",
}


def _read_dns_name(text: str) -> str:
    star = ANY_LABEL if text.startswith(ANY_LABEL) else ""
    named = as_dns_name(text.removeprefix(ANY_LABEL))
    if named is None or _address(text) is not None:
        raise ValueError(f"{text!r} {_why_no_dns_name(text)}")
    return star + named


def _why_no_dns_name(text: str) -> str:
    if _address(text) is not None:
        return AN_ADDRESS
    reasons = {
        ANYBODY: text == "*",
        ADDRESSES: OLD_ADDRESS.fullmatch(text),
        A_MAILBOX: "@" in text and ":" not in text,
        A_URI: ":" in text,
        ONE_LABEL: any(each in text for each in "*?["),
        NOT_ASCII: not text.isascii(),
    }
    return next((reason for reason, applies in reasons.items() if applies), NO_DNS_NAME)
