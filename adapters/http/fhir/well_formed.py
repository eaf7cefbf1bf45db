"""Whether a body is JSON that every reader understands alike: UTF-8, each name once in its object, not too deep.

Two readers may take different values of a name that is there twice (RFC 8259 4), and one of them may be Hilum, which
routes by what it reads. Nothing is kept of the values, so that a large body costs little memory.
"""

from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

MOST_DEPTH = 100
"""Objects and lists within each other. A Questionnaire needs two for each level of its groups."""
NOT_UTF8 = "the body is not UTF-8"
NOT_JSON = "the body is not JSON"
TWICE = "an object in the body has the same name twice"
TOO_DEEP = f"the body has more than {MOST_DEPTH} objects and lists within each other"


class _Flaw(Exception):  # noqa: N818  it is a finding, not an error
    """Carries a finding out of the decoder."""


class _Object(int):
    """An object: how many objects and lists within each other begin with it."""


def flaw_of(body: bytes) -> str | None:
    """Return what is wrong with *body*; None if it is well-formed JSON."""
    return _read(body)[0]


def is_object(body: bytes) -> bool:
    """Whether *body*, which is well-formed, is an object."""
    return body.lstrip(b" \t\r\n").startswith(b"{")


def _read(body: bytes) -> tuple[str | None, Any]:
    try:
        value = _decoder.decode(body.decode())
        return (TOO_DEEP if _depth(value) > MOST_DEPTH else None), value
    except UnicodeDecodeError:
        return NOT_UTF8, None
    except JSONDecodeError:
        return NOT_JSON, None
    except RecursionError:
        return TOO_DEEP, None
    except _Flaw as found:
        return str(found), None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _Flaw(TWICE)
    inner = [value for _, value in pairs if value.__class__ is _Object or value.__class__ is list]
    depth = 1 + max(map(_depth, inner), default=0)
    if depth > MOST_DEPTH:
        raise _Flaw(TOO_DEEP)
    return _Object(depth)


def _depth(value: Any) -> int:
    if value.__class__ is _Object:
        return int(value)
    return 1 + max(map(_depth, value), default=0) if value.__class__ is list else 0


def _not_a_number(_: str) -> NoReturn:
    raise _Flaw(NOT_JSON)  # NaN and Infinity, which Python takes and RFC 8259 does not know


_decoder = JSONDecoder(object_pairs_hook=_object, parse_float=bool, parse_int=bool, parse_constant=_not_a_number)
