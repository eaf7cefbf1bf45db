"""Which header fields may come from the configuration; more through the settings, in ``test_settings``."""

import pytest

from adapters.rest.http.header_rules import check_name, check_plain_name, check_value, sendable


@pytest.mark.parametrize("name", ["X-Api-Key", "Ocp-Apim-Subscription-Key", "apikey", "User-Agent", "Authorization"])
def test_good_name(name: str) -> None:
    """Header fields that gateways require are allowed."""
    assert name == check_name(name)


@pytest.mark.parametrize("name", ["", "X Key", "X:", "Schlüssel", "X\r\n", "x\x00", "HOST", "transfer-encoding", "TE"])
def test_bad_name(name: str) -> None:
    """Invalid names, and fields that control the request, are refused."""
    with pytest.raises(ValueError, match=r"must be|set by Hilum"):
        check_name(name)


@pytest.mark.parametrize("name", ["Authorization", "COOKIE"])
def test_secret_name(name: str) -> None:
    """Fields whose values are always secrets belong in a file."""
    with pytest.raises(ValueError, match="header_files"):
        check_plain_name(name)


VALUES = {"a": True, "a b\tc": True, "": False, " a": False, "a ": False, "a\r\nb": False, "a\n": False, "ä": False}


@pytest.mark.parametrize(("value", "expected"), VALUES.items(), ids=map(repr, VALUES))
def test_value(value: str, *, expected: bool) -> None:
    """A value is one line of printable ASCII, out of the configuration and out of a file alike."""
    assert (value if expected else None) == sendable(value)
    if expected:
        assert value == check_value(value)
    else:
        with pytest.raises(ValueError, match="printable ASCII"):
            check_value(value)
