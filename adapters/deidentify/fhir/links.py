"""Ids, references and URLs of resources: each becomes the same other one wherever it is."""

import re
from hashlib import sha256
from uuid import UUID

from adapters.deidentify.fhir.structure import is_resource
from adapters.deidentify.pseudonyms.service import Pseudonyms

UUID_URN, OID_URN = "urn:uuid:", "urn:oid:"
DICOM_SYSTEM = "urn:dicom:uid"
"""The system of identifiers that are DICOM UIDs (R4 imagingstudy.html, 10.5.4)."""
URI_SYSTEM = "urn:ietf:rfc:3986"
OID = re.compile(r"[0-9.]{1,64}\Z", re.ASCII)
RESOURCE = re.compile(r"(?:(https?://[^\s?#]+)/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/\S+)?\Z", re.ASCII)
"""The URL of a resource, absolute or relative to its server. That of a version becomes that of the resource: another
store counts its versions anew."""
ABSOLUTE = re.compile(r"(https?://[^\s/?#]+)\S*\Z", re.ASCII | re.IGNORECASE)


class Links:
    """Makes the ids and URLs of one key."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms

    def identity(self, kind: str, text: str) -> str:
        """Return the id of a resource of type *kind*, or ``contained``."""
        return self._pseudonyms.identifier(f"id {kind}", text)

    def link(self, text: str) -> str | None:
        """Return a reference, a URL or a URN; None if it is no such thing."""
        if text.startswith("#"):
            return f"#{self.identity('contained', text[1:])}" if text[1:] else "#"
        if (urn := text.lower()).startswith(UUID_URN):
            return UUID_URN + self.uuid(urn.removeprefix(UUID_URN))
        if urn.startswith(OID_URN):
            return OID_URN + self.uid(urn.removeprefix(OID_URN))
        found = RESOURCE.match(text)
        if found is not None and is_resource(found[2]):
            base = f"{self._host(found[1])}/" if found[1] else ""
            return f"{base}{found[2]}/{self.identity(found[2], found[3])}"
        if found := ABSOLUTE.match(text):
            return f"{self._host(found[1])}/{self._pseudonyms.identifier('url', text)}"
        return None

    def uuid(self, text: str) -> str:
        """Return the UUID for another one, of version 8 (RFC 9562 5.8)."""
        digest = sha256(self._pseudonyms.identifier("uuid", text.lower()).encode()).digest()
        number = int.from_bytes(digest[:16])
        number = number & ~(0xF << 76) | 8 << 76  # the version
        return str(UUID(int=number & ~(0b11 << 62) | 0b10 << 62))  # the variant

    def uid(self, text: str) -> str:
        """Return the UID for another one: the same as in the DICOM instances of the study."""
        if OID.match(text):
            return self._pseudonyms.uid(text)
        return f"2.25.{UUID(self.uuid(text)).int}"

    def _host(self, base: str) -> str:
        # The name of a server tells the hospital; ``.invalid`` is nobody's (RFC 2606 2).
        return f"https://{self._pseudonyms.identifier('server', base).lower()}.invalid"
