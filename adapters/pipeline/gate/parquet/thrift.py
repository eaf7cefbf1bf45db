"""Reads structures in Thrift's compact protocol, in which Parquet writes its footer and the heads of its pages.

The protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
MOST_DEEP = 24
"""Structures and lists in one another; Parquet has six structures."""
LONGEST = 10
"""Octets of a number."""


class ThriftError(ValueError):
    """The octets are no such structure."""


class Reader:
    """Reads one structure after the other."""

    def __init__(self, octets: bytes | memoryview, at: int = 0) -> None:
        self._octets, self.at = memoryview(octets), at

    def struct(self, deep: int = 0) -> dict[int, Any]:
        """Return the fields of a structure by their numbers; raises ThriftError."""
        _check_depth(deep)
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 0x0F
            number = number + delta if delta else self._signed()
            fields[number] = kind == TRUE if kind in {TRUE, FALSE} else self._value(kind, deep)
        return fields

    def _value(self, kind: int, deep: int) -> Any:
        if kind in {LIST, SET}:
            return self._list(deep + 1)
        if kind == STRUCT:
            return self.struct(deep + 1)
        if kind == BINARY:
            return bytes(self._take(self._number()))
        return self._scalar(kind)

    def _scalar(self, kind: int) -> int | memoryview:
        if kind in {TRUE, FALSE}:  # in a list each has an octet of its own
            return self._byte() == TRUE
        if kind in {I16, I32, I64}:
            return self._signed()
        if kind == DOUBLE:
            return self._take(8)
        if kind == BYTE:
            return self._byte()
        raise ThriftError("a kind of value that Parquet does not have")

    def _list(self, deep: int) -> list[Any]:
        _check_depth(deep)
        head = self._byte()
        count, kind = head >> 4, head & 0x0F
        count = self._number() if count == 15 else count
        if count > len(self._octets) - self.at:
            raise ThriftError("a list is longer than what is left")
        return [self._value(kind, deep) for _ in range(count)]

    def _signed(self) -> int:
        number = self._number()
        return number >> 1 ^ -(number & 1)

    def _number(self) -> int:
        number = 0
        for place in range(LONGEST):
            byte = self._byte()
            number |= (byte & 0x7F) << 7 * place
            if not byte & 0x80:
                return number
        raise ThriftError("a number is too long")

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, count: int) -> memoryview:
        taken = self._octets[self.at : self.at + count]
        if len(taken) != count:
            raise ThriftError("it ends in the middle of a structure")
        self.at += count
        return taken


def _check_depth(deep: int) -> None:
    if deep > MOST_DEEP:
        raise ThriftError("structures or lists in too many others")
