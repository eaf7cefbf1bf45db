"""The heads of requests. Those to one store mostly differ in the length of the body only: the rest is prepared once."""

from collections.abc import Callable, Mapping

Fields = Mapping[str, str]


def begin_head(method: str, target: str, fields: Fields) -> bytes:
    """Return the head of a request without its last field, which says how long the body is, and the empty line."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), ""]
    return "\r\n".join(lines).encode()


def end_head(beginning: bytes, length: int | None) -> bytes:
    """Return the head that has this *beginning*, for a body of *length* octets, or for one in chunks."""
    if length is None:
        return beginning + b"Transfer-Encoding: chunked\r\n\r\n"
    return b"%bContent-Length: %d\r\n\r\n" % (beginning, length)


class Heads:
    """Prepares heads for one store, and keeps the last one for as long as the next request asks for the same."""

    def __init__(self, common: Fields, target_of: Callable[[str], str]) -> None:
        self._common = common
        self._target_of = target_of
        self._asked: tuple[object, ...] = ()
        self._head = b""

    def begin(self, method: str, url: str, *groups: Fields) -> bytes:
        """Return the beginning of the head; of fields with the same name the one in the last of the *groups* counts."""
        asked = method, url, groups
        if asked != self._asked:
            fields = dict(self._common)
            for group in groups:
                fields.update(group)
            self._head = begin_head(method, self._target_of(url), fields)
            self._asked = method, url, tuple(map(dict, groups))
        return self._head
