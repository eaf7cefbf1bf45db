"""The Native DICOM Model in XML (PS3.19 A.1), turned into the shape of DICOM JSON (PS3.18 F).

Some older stores answer in this form whatever Accept says. Only sequences and plain values are kept: a store's response
has nothing else. A document type declaration is refused, and so no entity can be declared.
"""

from collections.abc import Mapping
from xml.parsers import expat

from adapters.rest.http.reply import MOST_NODES, MOST_OCTETS

MAX_DEPTH = 64
MAX_PIECE = 16 * 1024
"""Most octets from one tag to the next: expat blocks all threads until a tag with its attributes has ended."""
UTF_16 = b"\xff\xfe", b"\xfe\xff"


def read_native_model(xml: bytes) -> object:
    """Return the data set in *xml* as DICOM JSON, or None when it is none. Never raises."""
    if len(xml) > MOST_OCTETS or xml.count(b"<") > 2 * MOST_NODES:  # each element has two tags
        return None
    if max(map(len, xml.split(b">"))) > MAX_PIECE:
        return None
    if xml.startswith(UTF_16):  # the byte order mark counts more than the declaration (XML 1.0, F.2)
        return _read(xml, "UTF-16")
    value = _read(xml)
    # The octets are not UTF-8, although UTF-8 is declared or is the default.
    return value if value is not None or _is_utf_8(xml) else _read(xml, "ISO-8859-1")


def _is_utf_8(xml: bytes) -> bool:
    try:
        xml.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(xml: bytes, encoding: str | None = None) -> object:
    reader = _Reader(encoding)
    try:
        reader.parser.Parse(xml, True)
    except (expat.ExpatError, LookupError, ValueError, _NotNative):  # the middle two: an encoding Python does not have
        return None
    return reader.root


class _NotNative(Exception):  # noqa: N818 - never leaves this file
    """The XML is not a Native DICOM Model."""


class _Reader:
    """Reads the XML with a stack of the open elements: data sets, value lists of attributes, and others."""

    def __init__(self, encoding: str | None) -> None:
        self.root: dict[str, object] = {}
        self._text: list[str] = []
        self._stack: list[object] = []
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True  # otherwise each line of a text is a call of its own
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise _NotNative

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise _NotNative
        self._text.clear()
        name = name.rpartition(":")[2]  # a namespace may have any prefix
        if not self._stack and name != "NativeDicomModel":
            raise _NotNative
        self._stack.append(self._open(name, self._stack[-1], attributes) if self._stack else self.root)

    def _open(self, name: str, parent: object, attributes: Mapping[str, str]) -> object:
        match name, parent:
            case "DicomAttribute", dict():
                values: list[object] = []
                parent[attributes.get("tag", "")] = {"vr": attributes.get("vr", ""), "Value": values}
                return values
            case "Item", list():
                item: dict[str, object] = {}
                parent.append(item)
                return item
        return None

    def _end(self, name: str) -> None:
        self._stack.pop()
        if name.rpartition(":")[2] == "Value" and self._stack and isinstance(self._stack[-1], list):
            self._stack[-1].append("".join(self._text))
