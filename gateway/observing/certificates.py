"""The certificates that Hilum shows to others: whose they are, who has issued them, and when they end."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.contract.observed import CertificateSeen

if TYPE_CHECKING:
    from cryptography import x509

LOOK_SECONDS = 10.0
"""How old what is known of a file may be: a certificate that was renewed is seen within this time."""
LONGEST_NAME = 200


@dataclass(slots=True)
class Certificates:
    """Reads the *files*, by place in the configuration, when asked; at most every LOOK_SECONDS."""

    files: Mapping[str, Path]
    clock: Callable[[], float] = time.monotonic
    _at: float = float("-inf")
    _seen: list[CertificateSeen] = field(default_factory=list)

    def seen(self) -> list[CertificateSeen]:
        """Return the certificates. A file that cannot be read is left out: whoever uses it reports that."""
        if self._seen and self.clock() - self._at < LOOK_SECONDS:
            return self._seen
        self._at = self.clock()
        self._seen = [seen for place, path in self.files.items() if (seen := _read(place, path)) is not None]
        return self._seen


def _read(place: str, path: Path) -> CertificateSeen | None:
    from cryptography import x509  # noqa: PLC0415  only processes that use TLS spend this memory

    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return None
    first = min(chain, key=lambda each: each.not_valid_after_utc)
    return CertificateSeen(
        place=place,
        subject=_name(first.subject),
        issuer=_name(first.issuer),
        ends_at=first.not_valid_after_utc.timestamp(),
    )


def _name(name: "x509.Name") -> str:
    """Return the common name, or all of it where there is none."""
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[0].value) if common else name.rfc4514_string()
    return text[:LONGEST_NAME] or "without a name"
