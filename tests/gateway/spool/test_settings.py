"""The settings of the spool."""

import pytest
from pydantic import ValidationError

from gateway.spool import SpoolSettings


def test_defaults() -> None:
    """A spool without settings is plain, bounded, and keeps records for a week."""
    settings = SpoolSettings()
    assert (7, 65536, None) == (settings.retention_days, settings.inline_bytes, settings.key_file)
    assert min(settings.max_bytes, settings.min_free_bytes) > 0


@pytest.mark.parametrize("key", ["max_bytes", "min_free_bytes", "retention_days", "inline_bytes"])
def test_bounds(key: str) -> None:
    """No limit is negative."""
    with pytest.raises(ValidationError):
        SpoolSettings.model_validate({key: -1})
