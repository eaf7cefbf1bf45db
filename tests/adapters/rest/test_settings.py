"""What a configuration may say about a store."""

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.rest.settings import (
    BasicCredentials,
    BatchSettings,
    BearerCredentials,
    DicomwebSettings,
    Hl7v2StoreSettings,
    HttpSettings,
    NoCredentials,
    RestSettings,
    check_url,
)
from gateway.settings import Settings

GOOD_URLS = [
    "http://127.0.0.1:8042/dicom-web",
    "https://healthcare.googleapis.com/v1/projects/p/locations/l/datasets/d/hl7V2Stores/s",
    "http://[::1]:8080/",
]

BAD_URLS = {
    "ftp://store/": "http://",
    "store:8080": "http://",
    "http:///path": "name a host",
    "http://store:0/": "port",
    "http://store:99999/": "port",
    "http://store:x/": "port",
    "http://user:secret@store/": "credentials",
    "http://store/?key=1": "query",
    "http://store/#part": "fragment",
    "http://store/a b": "spaces",
    "http://store/\r\nX: 1": "control",
}


@pytest.mark.parametrize("url", GOOD_URLS)
def test_good_url(url: str) -> None:
    """An address is kept as it was written."""
    assert url == check_url(url)


@pytest.mark.parametrize(("url", "complaint"), BAD_URLS.items(), ids=BAD_URLS)
def test_bad_url(url: str, complaint: str) -> None:
    """An address that no request could use is refused with the reason."""
    with pytest.raises(ValueError, match=complaint):
        check_url(url)


CREDENTIALS = {
    "none": ({"kind": "none"}, NoCredentials),
    "basic": ({"kind": "basic", "username": "hilum", "password_file": "/run/p"}, BasicCredentials),
    "bearer": ({"kind": "bearer", "token_file": "/run/t"}, BearerCredentials),
}


@pytest.mark.parametrize(("credentials", "expected"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_credentials(credentials: dict[str, str], expected: type) -> None:
    """The key kind chooses the credentials."""
    settings = RestSettings.model_validate({"url": "http://store", "credentials": credentials})
    assert isinstance(settings.credentials, expected)


WRONG = {
    "a secret in the file": {"credentials": {"kind": "bearer", "token": "secret"}},
    "an unknown kind": {"credentials": {"kind": "digest"}},
    "a colon in the user name": {"credentials": {"kind": "basic", "username": "a:b", "password_file": "/run/p"}},
    "no time at all": {"total_seconds": 0},
    "an unknown key": {"retries": 3},
}


@pytest.mark.parametrize("extra", WRONG.values(), ids=WRONG)
def test_wrong_settings(extra: dict[str, object]) -> None:
    """What cannot be meant is an error."""
    with pytest.raises(ValidationError):
        RestSettings.model_validate({"url": "http://store", **extra})


@pytest.mark.parametrize("content_type", ["text/plain\r\nX: 1", "hl7", ""])
def test_wrong_content_type(content_type: str) -> None:
    """A content type that no header could carry is an error."""
    with pytest.raises(ValidationError):
        HttpSettings.model_validate({"kind": "http", "url": "http://store", "content_type": content_type})


def test_defaults() -> None:
    """The Cloud Healthcare API gets CR, another endpoint what the peer sent."""
    assert "cr" == Hl7v2StoreSettings(kind="hl7v2_store", url="http://store").segment_end
    assert "as_sent" == HttpSettings(kind="http", url="http://store").segment_end
    assert "x-application/hl7-v2+er7" == HttpSettings(kind="http", url="http://store").content_type
    assert "refuse" == DicomwebSettings(kind="dicomweb", url="http://store").on_conflict


def test_batch_is_off_by_default() -> None:
    """Each instance has a request of its own unless the configuration says otherwise."""
    assert 1 == DicomwebSettings(kind="dicomweb", url="http://store").batch.instances


@pytest.mark.parametrize("wrong", [{"instances": 0}, {"instances": 1001}, {"bytes": 0}, {"wait_ms": -1}, {"size": 9}])
def test_wrong_batch(wrong: dict[str, int]) -> None:
    """A batch that could never be sent, or never be answered, is an error."""
    with pytest.raises(ValidationError):
        DicomwebSettings.model_validate({"kind": "dicomweb", "url": "http://store", "batch": wrong})


@pytest.mark.parametrize("settings", [Hl7v2StoreSettings, HttpSettings, DicomwebSettings, BatchSettings])
def test_every_key_is_documented(settings: type[Settings]) -> None:
    """The schema describes every key of a destination."""
    schema = TypeAdapter(settings).json_schema()
    assert [] == [name for name, value in schema["properties"].items() if not value.get("description")]
