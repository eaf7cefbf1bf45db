"""Messages as JSON."""

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2.resource import decode, encode, labels_in, read_resource


def test_read() -> None:
    """Octets come in either alphabet of base64; what the server sets is ignored."""
    assert read_resource({"data": "-_8=", "labels": {"a": "b"}, "createTime": "x"}) == (b"\xfb\xff", {"a": "b"})
    assert decode(encode(b"\xfb\xff")) == b"\xfb\xff"


@pytest.mark.parametrize("message", [5, {}, {"data": "!"}, {"data": "QQ==", "x": 1}, {"data": "QQ==", "labels": [1]}])
def test_wrong(message: object) -> None:
    """What is no message is a 400."""
    with pytest.raises(ApiError):
        read_resource(message)


def test_labels() -> None:
    """Labels map strings to strings."""
    assert labels_in({}) == {}
    with pytest.raises(ApiError):
        labels_in({"a": 5})
