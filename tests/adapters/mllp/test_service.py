"""Who may come in, by address and by number."""

from adapters.mllp.admission import Admission
from adapters.mllp.exchange import Exchange, id_source
from adapters.mllp.service import Service
from adapters.mllp.settings import MllpListenerSettings
from adapters.mllp.terms import TermsBook
from gateway.message import Rejection
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter


def service(**settings: object) -> Service:
    """Return the service of a listener with *settings*."""
    checked = MllpListenerSettings.model_validate({"kind": "mllp", "port": 0, **settings})
    meter, new_id = FakeMeter(), id_source()
    terms = TermsBook(checked, FakeDelivery(), lambda each, send: Exchange("adt", each, send, meter, new_id), None)
    return Service("adt", checked, terms, meter, Admission(checked.max_connections))


def test_stranger() -> None:
    """An address outside the allowed networks gets no place."""
    door = service(allow_networks=["10.0.0.0/8"])
    assert Rejection.NETWORK is door.enter("127.0.0.1", door.terms.of("127.0.0.1"))
    assert door.enter("10.0.0.1", door.terms.of("10.0.0.1")) is None


def test_one_address_too_often() -> None:
    """A peer that holds all of its places gets no other one."""
    door = service(max_connections_per_peer=1)
    terms = door.terms.of("10.0.0.1")
    assert door.enter("10.0.0.1", terms) is None
    assert Rejection.PEER_LIMIT is door.enter("10.0.0.1", terms)
    assert door.enter("10.0.0.2", terms) is None
