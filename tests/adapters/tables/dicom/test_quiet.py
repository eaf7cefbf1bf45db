"""What pydicom says is kept to itself."""

import logging
import warnings

import pytest

from adapters.tables.dicom.quiet import quiet


def test_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a warning nor a log line comes out; afterwards everything is as it was."""
    logger = logging.getLogger("pydicom")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with quiet():
            logger.error("Invalid value 'Musterfrau'")
            warnings.warn("Invalid value 'Musterfrau'", stacklevel=1)
        assert not caplog.records
        assert not said
        warnings.warn("afterwards", stacklevel=1)
        logger.error("afterwards")
    assert [str(each.message) for each in said] == ["afterwards"]
    assert [each.message for each in caplog.records] == ["afterwards"]


def test_after_an_error() -> None:
    """An error inside does not silence what comes later."""
    with pytest.raises(ValueError, match="x"), quiet():
        raise ValueError("x")
    assert not logging.getLogger("pydicom").disabled
