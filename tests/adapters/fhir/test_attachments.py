"""Documents in results."""

import base64
from typing import Any

import pytest

from adapters.fhir.attachments import attachment
from tests.adapters.fhir.making import context

PDF = base64.b64encode(b"%PDF-1.7").decode()
DOCUMENTS: dict[str, tuple[str, str, Any]] = {
    "a type": ("ED", f"^AP^PDF^Base64^{PDF}", {"contentType": "application/pdf", "data": PDF}),
    "a MIME type": ("ED", f"^^application/pdf^Base64^{PDF}", {"contentType": "application/pdf", "data": PDF}),
    "sniffed": ("ED", f"^^^Base64^{PDF}", {"contentType": "application/pdf", "data": PDF}),
    "line ends in Base64": (
        "ED",
        f"^^PDF^Base64^{PDF[:4]}\\.br\\{PDF[4:]}",
        {"contentType": "application/pdf", "data": PDF},
    ),
    "hexadecimal": ("ED", "^^PDF^Hex^" + b"%PDF-1.7".hex(), {"contentType": "application/pdf", "data": PDF}),
    "text": ("ED", "^TX^TXT^A^good", {"contentType": "text/plain", "data": base64.b64encode(b"good").decode()}),
    "octets": ("ED", "^^^Base64^AAAA", {"contentType": "application/octet-stream", "data": "AAAA"}),
    "broken": ("ED", "^^PDF^Base64^%%%", None),
    "an unknown encoding": ("ED", "^^PDF^Gzip^AAAA", None),
    "nothing": ("ED", "^^PDF^Base64", None),
    "a pointer": (
        "RP",
        "https://pacs.example/1^^AP^PDF",
        {"contentType": "application/pdf", "url": "https://pacs.example/1"},
    ),
    "a pointer that is no URL": ("RP", "file 7", {"title": "file 7"}),
    "no pointer": ("RP", "", None),
}


@pytest.mark.parametrize(("kind", "raw", "expected"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_attachment(kind: str, raw: str, expected: Any) -> None:
    """A document has a type and its octets in Base64; one that cannot be read is reported."""
    there = context()
    assert (expected, expected is None) == (attachment(kind, raw, there), bool(there.report))
