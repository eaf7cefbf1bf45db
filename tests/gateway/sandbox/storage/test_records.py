"""What is kept of objects and uploads."""

import sqlite3

import pytest

from gateway.sandbox.storage.records import (
    Record,
    Upload,
    described,
    read_record,
    read_upload,
    remove_record,
    remove_upload,
    write_record,
    write_upload,
)


def test_a_record_is_of_one_generation(connection: sqlite3.Connection) -> None:
    """When a file was changed by somebody else, what is known of it is nothing."""
    record = Record(7, 3, {"contentType": "a/b"}, {"k": "v"}, "md5", "crc", 2)
    write_record(connection, "north", "a", record)
    assert record == read_record(connection, "north", "a", 7, 3)
    assert Record(8, 3) == read_record(connection, "north", "a", 8, 3)
    assert Record(7, 4) == read_record(connection, "north", "a", 7, 4)
    remove_record(connection, "north", "a")
    assert not read_record(connection, "north", "a", 7, 3).has_digests


def test_described() -> None:
    """A resource changes what it has; null removes."""
    record = described(Record(1, 1), {"contentType": "a/b", "metadata": {"k": "v", "l": "w"}, "size": "9"})
    assert ("a/b", {"k": "v", "l": "w"}) == (record.content_type, record.metadata)
    record = described(record, {"contentType": None, "metadata": {"k": None}})
    assert ("application/octet-stream", {"l": "w"}) == (record.content_type, record.metadata)
    assert {} == described(record, {"metadata": None}).metadata


@pytest.mark.parametrize("resource", [{"contentType": "a\r\nb"}, {"metadata": {"a": 1}}, {"metadata": []}])
def test_what_no_header_can_hold(resource: dict[str, object]) -> None:
    """Texts of one line only, because they become headers."""
    with pytest.raises(ValueError, match="text"):
        described(Record(1, 1), resource)


def test_uploads(connection: sqlite3.Connection) -> None:
    """An upload is kept until it is removed."""
    upload = Upload("0" * 32, "north", "a", {"object": {}})
    write_upload(connection, upload)
    assert upload == read_upload(connection, upload.id)
    remove_upload(connection, upload.id)
    assert read_upload(connection, upload.id) is None
