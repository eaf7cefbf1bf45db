"""The names of ``client_names``: each is of one kind, and is compared by the rules of that kind.

A bare name is a DNS name, compared as RFC 9525 6.3 says (as RFC 6125 6.4 did): letters of ASCII in either case, and
``*`` for one whole label, the leftmost. Every other kind is written before the name. So no name of one kind can be
taken for that of another: a DNS name has no colon.
"""

import re
from ipaddress import ip_address, ip_network

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
DNS_NAME = re.compile(rf"(?=.{{1,253}}\Z){LABEL}(?:\.{LABEL})*")
"""In lower case; with underscores, which systems do have in their names. One with other letters is an A-label."""
ANY_LABEL = "*."
PRINTABLE = re.compile(r"[!-~]+")
MAILBOX = re.compile(r"(.+)@([^@]+)")
URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)(//(?:[^/?#@]*@)?)?([^/?#]*)(.*)")
OLD_ADDRESS = re.compile(r"[0-9.*?]*[0-9][0-9.*?]*[*?][0-9.*?]*")

ANYBODY = "stands for every name; leave client_names out where any certificate of client_ca_file will do"
ONE_LABEL = (
    "is a pattern that stands for nothing any more: only the leftmost label of a DNS name can be `*`, for one whole"
    " label; list the names, or write such as *.ward.example"
)
ADDRESSES = "is a pattern that stands for nothing any more; list addresses, or write a network such as ip:10.1.2.0/24"
A_SPACE = "leave out the space behind the colon, as in cn:CT 1"
WITHOUT_STAR = "has a `*`, which stands for something in a DNS name only; list the names"
AN_ADDRESS = "is no DNS name but an IP address; write `ip:` before it"
A_MAILBOX = "is no DNS name but an e-mail address; write `email:` before it, and list each one"
A_URI = "is no DNS name; write `uri:` before a URI, `cn:` before the subject's common name, and list each one"
NOT_ASCII = "has letters beyond ASCII; write a DNS name as certificates do, as an A-label (xn--…), others by kind"
NO_DNS_NAME = "is no DNS name; mend it, or write `cn:` before it where it is the subject's common name"


def read_name(text: str) -> str:
    """Return one of ``client_names`` in the form in which it is compared; raises ValueError with the mend."""
    kind, colon, value = text.partition(":")
    if not colon or kind not in OTHER_KINDS:
        return _read_dns_name(text)
    if value.startswith(" "):
        raise ValueError(f"{text!r} is the name of nobody; {A_SPACE}")
    if "*" in value:
        raise ValueError(f"{text!r} {ADDRESSES if kind == 'ip' else WITHOUT_STAR}")
    named = _network(value) if kind == "ip" else OTHER_KINDS[kind](value)
    if named is None:
        raise ValueError(f"{text!r} {WRONG[kind]}")
    return f"{kind}:{named}"


def refuse_mapping(value: object) -> object:
    """Return what the configuration has for a name; raises ValueError where YAML has made more than a text of it."""
    if isinstance(value, dict) and value.keys() & OTHER_KINDS.keys():
        raise ValueError(f"is a mapping and no name; {A_SPACE}")
    return value


def as_dns_name(value: str) -> str | None:
    """Return a DNS name as ``client_names`` would write it; None for what names no single system, as one with a `*`."""
    # What is not ASCII is not made smaller: the Kelvin sign would become a k.
    return value.lower() if value.isascii() and DNS_NAME.fullmatch(value.lower()) else None


def as_other_name(kind: str, value: str) -> str | None:
    """Return a name of another kind as ``client_names`` would write it; None for one that its kind cannot have."""
    canonical = OTHER_KINDS[kind](value)
    return None if canonical is None else f"{kind}:{canonical}"


def is_match(wanted: str, name: str) -> bool:
    """Whether the *name* of a certificate is the *wanted* one of ``client_names``, or one of those it stands for."""
    if wanted.startswith(ANY_LABEL):
        return name.partition(".")[1:] == (".", wanted.removeprefix(ANY_LABEL)) and ":" not in name
    if wanted.startswith("ip:") and name.startswith("ip:"):
        return ip_address(name.removeprefix("ip:")) in ip_network(wanted.removeprefix("ip:"))
    return wanted == name


def _mailbox(value: str) -> str | None:
    found = MAILBOX.fullmatch(value) if PRINTABLE.fullmatch(value) else None
    return f"{found[1]}@{found[2].lower()}" if found else None  # RFC 5280 7.5: the case of the local part counts


def _uri(value: str) -> str | None:
    found = URI.fullmatch(value) if PRINTABLE.fullmatch(value) else None
    if found is None:
        return None
    scheme, user, host, rest = found.groups()  # RFC 5280 7.4: only scheme and host are the same in either case
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
"""What is written before a name, to what returns it in the form in which it is compared."""
WRONG = {
    "email": "is no e-mail address; write it as it stands in the certificate, such as email:ct@ward.example",
    "uri": "is no URI; write it as it stands in the certificate, such as uri:urn:ct:1",
    "ip": "is neither an address nor a network; write such as ip:10.1.2.3, or ip:10.1.2.0/24 with no bits behind the /",
    "cn": "is no common name; write it as it stands in the certificate's subject, such as cn:CT 1",
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
