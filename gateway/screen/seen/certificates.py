"""The certificates in use, the one that ends first on top."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.contract.observed import CertificateSeen

DAY = 86400
SOON_DAYS = 14
"""A certificate that ends within so many days needs somebody."""


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate."""

    place: str
    subject: str
    issuer: str
    ends_at: float
    days_left: int
    """0 on its last day; negative if it has ended."""
    state: str


def certificate_rows(certificates: Sequence[CertificateSeen], now: float) -> list[CertificateRow]:
    """Return the rows of the page."""
    rows = [_row(each, now) for each in certificates]
    return sorted(rows, key=lambda row: (row.ends_at, row.place))


def _row(certificate: CertificateSeen, now: float) -> CertificateRow:
    days = int((certificate["ends_at"] - now) // DAY)
    state = "ended" if certificate["ends_at"] <= now else "ends_soon" if days < SOON_DAYS else "valid"
    return CertificateRow(
        certificate["place"], certificate["subject"], certificate["issuer"], certificate["ends_at"], days, state
    )
