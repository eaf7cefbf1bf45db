"""Settings of the destination ``bucket``."""

import pytest
from pydantic import ValidationError

from adapters.objects.destination_settings import BucketDestinationSettings


def test_settings() -> None:
    """The key has a default by format."""
    settings = BucketDestinationSettings(kind="bucket", bucket="archive")
    assert (settings.key, settings.on_conflict, settings.most_at_once) == (None, "refuse", 16)


def test_mistake() -> None:
    """A key is checked."""
    with pytest.raises(ValidationError, match="is not known"):
        BucketDestinationSettings(kind="bucket", bucket="archive", key="{name}")
