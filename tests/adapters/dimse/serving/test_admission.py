"""Which peers get an association."""

import pytest

from adapters.dimse.peer_policy import PeerPolicies
from adapters.dimse.protocol.events import AssociateRq
from adapters.dimse.protocol.negotiation import Refusal
from adapters.dimse.protocol.pdu import ASSOCIATE_FIXED, PDU_HEADER
from adapters.dimse.service import MOST_LONG_REQUESTS, Service
from adapters.dimse.serving.admission import Admission
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.meter import Rejection
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter
from tests.adapters.dimse.raw_peer import associate_rq

REQUEST = AssociateRq(associate_rq(calling="CT1"))
FIXED = REQUEST.pdu[: PDU_HEADER.size + ASSOCIATE_FIXED]


class Peer:
    """A connection."""

    def is_idle(self) -> bool:
        """Say so."""
        return True

    def displace(self) -> None:
        """Do nothing."""

    def drain(self) -> None:
        """Do nothing."""


def a_service(**settings: object) -> Service[Peer]:
    """Return the service of a listener."""
    checked = DimseListenerSettings.model_validate({"port": 0, **settings})
    return Service("modalities", checked, PeerPolicies(checked), KeepingStore(), RecordingMeter())


def admission(service: Service[Peer]) -> Admission[Peer]:
    """Return the admission of one more peer."""
    return Admission(service, Peer(), "10.0.0.1")


def test_terms() -> None:
    """Once its AE title is known, the peer gets the policy of its entry."""
    service = a_service(peers={"ct": {"calling_ae_titles": ["CT1"], "idle_seconds": 7}})
    assert "ct" == admission(service).peer_policy_of(REQUEST).entry


def judged(service: Service[Peer], request: AssociateRq) -> tuple[Refusal | None, Rejection]:
    """Return the refusal of *request*, and the limit that is reported."""
    judge = admission(service)
    return judge.refusal(request, judge.peer_policy_of(request)), judge.limit


# A request, and the limit that it is refused for.
TOO_MUCH: dict[str, tuple[AssociateRq, Rejection]] = {
    "not read to its end": (AssociateRq(FIXED, is_whole=False), Rejection.TOO_LARGE),
    "too many items": (AssociateRq(REQUEST.pdu + b"\x51\0\0\0" * 20_000), Rejection.TOO_MANY_ITEMS),
}


@pytest.mark.parametrize(("request_", "limit"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_too_much(request_: AssociateRq, limit: Rejection) -> None:
    """A request that asks for too much is refused because of a limit of Hilum."""
    assert (Refusal.LOCAL_LIMIT, limit) == judged(a_service(), request_)


def test_nothing_against_it() -> None:
    """A request within all limits is not refused here."""
    assert (None, Rejection.CONNECTION_LIMIT) == judged(a_service(), REQUEST)


def test_no_place() -> None:
    """The limit that leaves no place is reported."""
    service = a_service(max_connections_per_peer=1)
    service.admit(Peer(), "10.0.0.1", service.peer_policies.of("10.0.0.1"))
    assert (Refusal.LOCAL_LIMIT, Rejection.PEER_LIMIT) == judged(service, REQUEST)


def test_draining() -> None:
    """A listener that stops refuses the request for congestion."""
    service = a_service()
    service.stopping = True
    assert Refusal.CONGESTION is judged(service, REQUEST)[0]


@pytest.mark.parametrize(("titles", "has_certificate"), [(["CT1"], False), (None, True)], ids=["named", "certificate"])
def test_long_request_of_a_known_peer(titles: list[str] | None, *, has_certificate: bool) -> None:
    """A peer that is named in the configuration, or has a certificate, may always send a long request."""
    service = a_service(calling_ae_titles=titles)
    for _ in range(MOST_LONG_REQUESTS + 1):
        assert admission(service).takes_long_request(FIXED, has_certificate=has_certificate)
    assert set() == service.long_requests


def test_long_request_of_a_stranger() -> None:
    """Of other peers only a few may send long requests at the same time."""
    service = a_service()
    taken = [admission(service).takes_long_request(FIXED, has_certificate=False) for _ in range(MOST_LONG_REQUESTS + 1)]
    assert [True] * MOST_LONG_REQUESTS + [False] == taken
