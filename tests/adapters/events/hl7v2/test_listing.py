"""Requests to an HL7v2 store and its replies."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.listing import Addresses, Fetched, Page, read_description, read_message, read_page
from adapters.events.instants import SECOND
from gateway.contract.outcome import Unavailable

STORE = "projects/p/locations/l/datasets/d/hl7V2Stores/s"
URL = f"https://store.example/v1/{STORE}"
NAME = f"{STORE}/messages/abc="
ADDRESSES = Addresses(URL, 'NOT labels."hilum":*')


def page(*messages: object, **others: object) -> bytes:
    """Return the body of a page."""
    return json.dumps({"hl7V2Messages": list(messages), **others}).encode()


def test_address_of_a_page() -> None:
    """The list is asked by the time of creation, with the condition, for names and times only."""
    url = urlsplit(ADDRESSES.page(SECOND, 2 * SECOND, "t", 1000))
    asked = {key: value for key, (value,) in parse_qs(url.query).items()}
    assert f"/v1/{STORE}/messages" == url.path
    assert asked == {
        "filter": 'create_time >= "1970-01-01T00:00:01.000Z" AND create_time < "1970-01-01T00:00:02.000Z"'
        ' AND (NOT labels."hilum":*)',
        "pageSize": "1000",
        "view": "RAW_ONLY",
        "fields": "hl7V2Messages(name,createTime),nextPageToken",
        "pageToken": "t",
    }


def test_address_of_a_message() -> None:
    """A message is asked for below the store, whatever its name is."""
    assert f"{URL}/messages/abc%3D?view=RAW_ONLY" == ADDRESSES.message(NAME)


def test_page() -> None:
    """Names and times are read, and where the list goes on."""
    found = read_page(page({"name": NAME, "createTime": "1970-01-01T00:00:01Z"}, nextPageToken="t"), ADDRESSES)
    assert Page([Entry(SECOND, NAME)], "t") == found
    assert Page([]) == read_page(b"{}", ADDRESSES)


WRONG_PAGES = {
    "no JSON": b"<html>",
    "an array": b"[]",
    "no list": b'{"hl7V2Messages": 5}',
    "a message that is no object": page("x"),
    "a message without a time": page({"name": NAME}),
    "a time that is none": page({"name": NAME, "createTime": "yesterday"}),
    "a name of another store": page({"name": NAME.replace("/s/", "/t/"), "createTime": "1970-01-01T00:00:01Z"}),
    "a name that leads elsewhere": page({"name": f"{STORE}/messages/..", "createTime": "1970-01-01T00:00:01Z"}),
    "a name with a query": page({"name": f"{NAME}?view=x", "createTime": "1970-01-01T00:00:01Z"}),
    "a long token": page(nextPageToken="t" * 5000),
    "more than a page": page(*[{"name": NAME, "createTime": "1970-01-01T00:00:01Z"}] * 1001),
    "a bomb": b"[" * 100_000,
    "many values": b'{"hl7V2Messages": [' + b"{}," * 50_000 + b"{}]}",
}


@pytest.mark.parametrize("body", WRONG_PAGES.values(), ids=WRONG_PAGES)
def test_wrong_page(body: bytes) -> None:
    """A page with anything that cannot be read is none: half a list would overtake."""
    assert isinstance(read_page(body, ADDRESSES), Unavailable)


def test_message() -> None:
    """The data is decoded in both alphabets; the keys of the labels are read."""
    body = json.dumps({"name": NAME, "data": "-_8=", "labels": {"hilum": "x"}}).encode()
    assert Fetched(b"\xfb\xff", frozenset({"hilum"})) == read_message(body, NAME)


def test_description() -> None:
    """A message can be asked for without its data."""
    assert f"{URL}/messages/abc%3D?view=RAW_ONLY&fields=name%2CcreateTime%2Clabels" == ADDRESSES.description(NAME)
    body = json.dumps({"name": NAME, "labels": {"hilum": "x"}, "createTime": "1970-01-01T00:00:01Z"}).encode()
    found = read_description(body, NAME)
    assert isinstance(found, Fetched)
    assert (frozenset({"hilum"}), SECOND) == (found.labels, found.created)
    assert isinstance(read_description(body, "other"), Unavailable)
    assert isinstance(read_description(b"[]", NAME), Unavailable)


WRONG_MESSAGES = {
    "no JSON": b"<html>",
    "another name": json.dumps({"name": "x", "data": "YQ=="}).encode(),
    "no data": json.dumps({"name": NAME}).encode(),
    "data that is no text": json.dumps({"name": NAME, "data": 5}).encode(),
    "data that is no base64": json.dumps({"name": NAME, "data": "MSH|^~&"}).encode(),
    "data cut in the middle": json.dumps({"name": NAME, "data": "YWJjZ"}).encode(),
    "data of one character": json.dumps({"name": NAME, "data": "[=="}).encode(),
    "labels that are none": json.dumps({"name": NAME, "data": "YQ==", "labels": []}).encode(),
}


@pytest.mark.parametrize("body", WRONG_MESSAGES.values(), ids=WRONG_MESSAGES)
def test_wrong_message(body: bytes) -> None:
    """A message that cannot be read is none."""
    assert isinstance(read_message(body, NAME), Unavailable)


@given(st.binary(max_size=500))
def test_any_data(data: bytes) -> None:
    """Any octets come back as they are."""
    body = json.dumps({"name": NAME, "data": base64.b64encode(data).decode()}).encode()
    assert (
        isinstance(read_message(body, NAME), Unavailable)
        if not data
        else Fetched(data, frozenset()) == (read_message(body, NAME))
    )


@given(st.binary(max_size=200))
def test_never_raises(body: bytes) -> None:
    """Whatever comes, it is read or not, without an error."""
    read_page(body, ADDRESSES)
    read_message(body, NAME)


def test_names() -> None:
    """Only a name of this store is one."""
    assert ADDRESSES.is_name(NAME)
    for other in ("", None, 5, STORE, f"{STORE}/messages/", f"{STORE}/messages/a/b", f"x{NAME}", f"{NAME} "):
        assert not ADDRESSES.is_name(other)
