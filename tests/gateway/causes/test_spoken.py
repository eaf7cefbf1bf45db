"""Details in words, and what some of their codes add."""

import pytest

from gateway.causes.spoken import spoken
from tests.gateway.causes.observations import NOW


@pytest.mark.parametrize(
    ("details", "added"),
    [
        ({"name": "pacs", "code": "EAI_AGAIN"}, {"unanswered": "pacs"}),
        ({"name": "pacs", "code": "timeout"}, {"unanswered": "pacs"}),
        ({"name": "pacs", "code": "EAI_NONAME"}, {}),
        ({"code": "timeout"}, {}),
        ({"error": "closed"}, {"closing": "in the TLS handshake without a reason"}),
        ({"error": "timeout"}, {}),
        ({"error": "expired_token", "path": "/run/token"}, {"expired_path": "/run/token"}),
        ({"error": "invalid_token", "path": "/run/token"}, {}),
        ({"error": "expired_token"}, {}),
        ({"ended_at": str(NOW - 7200)}, {"ended_ago": "2 h"}),
    ],
)
def test_what_codes_add(details: dict[str, str], added: dict[str, str]) -> None:
    """A name that only some sentences use is there only where its code is."""
    assert spoken(details, NOW) == {**details, **added}


def test_seconds() -> None:
    """A duration is told with its unit; what is none is left out."""
    assert spoken({"seconds": "5"}, NOW) == {"seconds": "5 s"}
    assert spoken({"seconds": "soon"}, NOW) == {}
