"""Heads of replies that give the length of the body in more than one way (RFC 9112 6.3).

The parser refuses them, because two readers of one message might disagree where it ends. Here Hilum is the only reader,
and the rules are clear: chunked coding overrides Content-Length; several Content-Length fields with the same value
count as one. ``Transfer-Encoding: identity``, of an older HTTP, means nothing. The connection is not used again.
"""

import re

INTERIM = re.compile(rb"[\r\n]*HTTP/[0-9.]+ 1[0-9][0-9]\b")
END = re.compile(rb"\n\r?\n")
MOST_OF_AN_END = 2
"""So many octets of an end may have arrived before its last one."""
CONTENT_LENGTH = re.compile(rb"(?<=\n)content-length[ \t]*:([^\r\n]*)\r?\n", re.IGNORECASE)
TRANSFER_ENCODING = re.compile(rb"(?<=\n)transfer-encoding[ \t]*:([^\r\n]*)\r?\n", re.IGNORECASE)


def settle_length(octets: bytes) -> bytes | None:
    """Return *octets* from the final head on, with one length in it if that is certain; None if it is incomplete."""
    start = len(octets) - len(octets.lstrip(b"\r\n"))
    while (found := END.search(octets, start)) is not None and INTERIM.match(octets, start):
        start = found.end()
    if found is None:
        return None
    head, rest = octets[start : found.end()], octets[found.end() :]
    codings = _values(TRANSFER_ENCODING, head)
    if codings[-1:] == [b"chunked"]:
        return CONTENT_LENGTH.sub(b"", head) + rest
    if set(codings) == {b"identity"}:
        head = TRANSFER_ENCODING.sub(b"", head)
    lengths = set(_values(CONTENT_LENGTH, head))
    if len(lengths) == 1:
        line = b"Content-Length: " + lengths.pop() + b"\r\n"
        head = CONTENT_LENGTH.sub(b"", head)
        status_line, _, fields = head.partition(b"\n")
        head = status_line + b"\n" + line + fields
    return head + rest


def _values(pattern: re.Pattern[bytes], head: bytes) -> list[bytes]:
    """Return the list elements of all fields that *pattern* finds."""
    return [value.strip().lower() for line in pattern.findall(head) for value in line.split(b",")]
