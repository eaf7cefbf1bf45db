"""Where a setting of a peer is."""

from gateway.config.loading import parse
from gateway.screen.explaining.places import key_paths_of
from tests.running import relay

TEXT = relay(
    'kind: dimse, port: 0, peers: {pets: {calling_ae_titles: [PET1], sop_classes: ["1.2.3"]}}',
    'kind: dicomweb, url: "http://127.0.0.1:1/"',
)


def test_path() -> None:
    """The key that decides is that of the peer's entry if the entry has it, else that of the listener."""
    path = key_paths_of(parse(TEXT))
    assert "listeners.in.peers.pets.sop_classes" == path("in", "pets", "sop_classes")
    assert "listeners.in.transfer_syntaxes" == path("in", "pets", "transfer_syntaxes")
    assert "listeners.in.sop_classes" == path("in", "", "sop_classes")
    assert "listeners.gone.sop_classes" == path("gone", "pets", "sop_classes")
