"""The facts about a message that routes may read. Most routes read none, so the header is read on the first use."""

from collections.abc import Iterator, KeysView, Mapping

from adapters.hl7.er7 import STANDARD, Header
from gateway.contract.journal import Signature

TYPE, CHARSET = 9, 18
"""Numbers of fields of MSH."""


class Facts(Mapping[str, str]):
    """The facts that are *known* without the header, and the HL7_FACTS of *header* that are not empty."""

    __slots__ = ("_facts", "_header")

    def __init__(self, known: dict[str, str], header: Header) -> None:
        self._facts = known
        self._header: Header | None = header

    def __getitem__(self, name: str) -> str:
        return self._facts[name] if name in self._facts else self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def keys(self) -> KeysView[str]:
        """Return the names; ``dict()`` of these facts asks for them, and a dict's own are faster than Mapping's."""
        return self._all().keys()

    def signature(self) -> Signature | None:
        """Return what is equal for messages of a listener with the same sender and type, if they are not read yet.

        The octets of MSH-3, MSH-4 and MSH-9, and the character set that counts. Each message passes here.
        """
        header = self._header
        if header is None or header.delimiters is not STANDARD:
            return None
        fields = header.fields
        if len(fields) < TYPE:
            return None
        if header.charset is not None:
            return fields[2], fields[3], fields[8], header.charset
        if len(fields) >= CHARSET:
            return fields[2], fields[3], fields[8], fields[17]
        return fields[2], fields[3], fields[8]

    def _all(self) -> dict[str, str]:
        if self._header is not None:
            self._facts |= _read(self._header)
            self._header = None
        return self._facts


def _read(header: Header) -> dict[str, str]:
    event = header.text(9, 2)
    message_type = header.text(9)
    found = {
        "sending_application": header.text(3),
        "sending_facility": header.text(4),
        "receiving_application": header.text(5),
        "receiving_facility": header.text(6),
        "message_type": f"{message_type}^{event}" if event else message_type,
        "version": header.text(12),
        "processing_id": header.text(11),
    }
    return {name: value for name, value in found.items() if value}
