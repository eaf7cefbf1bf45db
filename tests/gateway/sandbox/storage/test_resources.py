"""Resources of the JSON API."""

from pathlib import Path

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.files import File
from gateway.sandbox.storage.records import Record
from gateway.sandbox.storage.resources import bucket_resource, conditions_of, number_of, object_resource
from gateway.sandbox.storage.store import Conditions, Stored


def test_object() -> None:
    """64-bit numbers are texts, and the link to the content is absolute."""
    file = File("a/b c", Path("x"), 5, 1_577_836_800_000_000)
    found = object_resource(Stored("north", file, Record(1, 5, {}, {"k": "v"}, "m", "c")), "http://h")
    assert ("5", "1577836800000000", "m", "c") == tuple(
        found[key] for key in ("size", "generation", "md5Hash", "crc32c")
    )
    link = "http://h/download/storage/v1/b/north/o/a%2Fb%20c?generation=1577836800000000&alt=media"
    assert (link, "2020-01-01T00:00:00.000000Z", {"k": "v"}) == (
        found["mediaLink"],
        found["updated"],
        found["metadata"],
    )


def test_unknown_digests_are_left_out() -> None:
    """Nothing is said of what is not known."""
    assert "md5Hash" not in object_resource(Stored("north", File("a", Path("x"), 1, 1), Record(1, 1)), "http://h")


def test_bucket() -> None:
    """A bucket has its name."""
    assert "http://h/storage/v1/b/north" == bucket_resource("north", "http://h")["selfLink"]


def test_conditions() -> None:
    """Preconditions are parameters with numbers."""
    assert Conditions(0, 5, 2) == conditions_of(
        {"ifGenerationMatch": "0", "ifGenerationNotMatch": "5", "ifMetagenerationMatch": "2"}
    )
    assert number_of({}, "x") is None
    for query in ({"ifGenerationMatch": "x"}, {"ifMetagenerationNotMatch": "1"}):
        with pytest.raises(ReasonedError):
            conditions_of(query)
