"""What of the configuration the cases need."""

from gateway.causes.site import Site
from tests.gateway.causes.observations import SITE


def test_things() -> None:
    """Images do not reach a store of images; messages all others."""
    assert [SITE.things(each) for each in ("image-store", "hl7-store")] == ["Images", "Messages"]


def test_feeders() -> None:
    """The listeners that send to a destination are known by their mode."""
    assert SITE.feeders("image-store", "commit") == ["modalities"]
    assert SITE.feeders("image-store", "relay") == []
    assert Site().feeders("image-store", "commit") == []
