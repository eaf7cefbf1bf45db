"""Checks that a data set is the instance that its C-STORE-RQ names; if not, the status is A900 (PS3.4 table B.2-1).

A store reads the UID from the data set: it would answer about a UID that the peer did not name, and keep a copy for
each try. A data set is sorted by tag (PS3.5 7.1), so its SOP Instance UID comes with the first octets, and nothing else
is decoded. Where the UID cannot be read (a deflated data set, or a sequence of undefined length before it), the check
is left to the store.
"""

from adapters.dimse.subject import DEFLATED, UNDEFINED, ElementHeader, header_for
from gateway.contract.body import Buffer

SOP_INSTANCE_UID = (0x0008, 0x0018)
MOST = 16 * 1024
"""Most octets of a data set that are searched."""
LONGEST_HEADER = 12  # PS3.5 table 7.1-1


class Naming:
    """Takes the beginning of a data set and compares its SOP Instance UID with that of the command."""

    def __init__(self, sop_instance_uid: str, transfer_syntax: str) -> None:
        self._expected = sop_instance_uid.encode()
        self._header: ElementHeader = header_for(transfer_syntax)
        self._octets = b""
        self._offset = 0
        self._is_over = transfer_syntax == DEFLATED

    def is_another(self, data: Buffer) -> bool:
        """Take the next octets; return whether they name another instance."""
        if self._is_over:
            return False
        self._octets += bytes(data[: MOST - len(self._octets)])
        value = self._search()
        if len(self._octets) >= MOST:
            self._is_over = True
        if self._is_over:
            self._octets = b""
        return value not in (b"", self._expected)

    def _search(self) -> bytes:
        """Return the UID, or b"" while it has not come or where there is none."""
        while self._offset + LONGEST_HEADER <= len(self._octets):
            tag, length, start = self._header.read(self._octets, self._offset)
            if tag > SOP_INSTANCE_UID or length == UNDEFINED:
                self._is_over = True
                break
            if start + length > len(self._octets):
                break
            if tag == SOP_INSTANCE_UID:
                self._is_over = True
                return self._octets[start : start + length].strip(b"\0 ")
            self._offset = start + length
        return b""
