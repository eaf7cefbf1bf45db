"""What an operator should know of a configuration that is right."""

import pytest

from gateway import config, notices
from gateway.notices import BY_ADDRESS, REFUSED, WITHIN_CONNECTION
from tests.running import relay

HTTP, STOW = 'kind: http, url: "http://127.0.0.1:1/"', 'kind: dicomweb, url: "http://127.0.0.1:1/"'
MLLP, DIMSE = "kind: mllp, port: 0, acknowledge: commit", "kind: dimse, port: 0, acknowledge: commit"

ORDER = {
    "one worker": (1, MLLP, HTTP, True, None),
    "relay": (2, "kind: mllp, port: 0", HTTP, True, None),
    "by peer": (2, MLLP, HTTP, True, BY_ADDRESS),
    "by peer, DICOM": (2, f"{DIMSE}, order_by: peer", STOW, True, BY_ADDRESS),
    "by patient": (2, f"{MLLP}, order_by: patient", HTTP, True, BY_ADDRESS),
    "by peer, spread": (2, f"{MLLP}, spread: connection", HTTP, True, WITHIN_CONNECTION),
    "by peer, kernel refuses": (2, MLLP, HTTP, False, REFUSED),
    "by connection": (2, f"{MLLP}, order_by: connection", HTTP, True, None),
    "no order": (2, DIMSE, STOW, True, None),
}
"""Workers, listener, destination, whether the kernel lets us choose, and what is said."""


@pytest.mark.parametrize(("workers", "listener", "store", "possible", "said"), ORDER.values(), ids=ORDER)
def test_reach_of_order(
    workers: int, listener: str, store: str, possible: bool, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far an order reaches that several workers keep is said of each listener that has one."""
    monkeypatch.setattr(notices, "is_possible", lambda: possible)
    found = list(notices.notices(config.parse(f"{relay(listener, store)}workers: {workers}\n")))
    assert [f"listeners.in.order_by: {said}"] * (said is not None) == found
