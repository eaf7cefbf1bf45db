"""What a configuration may say about a store."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.rest.credentials.settings import (
    BasicCredentials,
    BearerCredentials,
    GoogleCredentials,
    NoCredentials,
    OAuth2Credentials,
    ProxySettings,
)
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.settings import Hl7v2StoreSettings, HttpSettings, RestSettings

CREDENTIALS = {
    "none": ({"kind": "none"}, NoCredentials),
    "basic": ({"kind": "basic", "username": "hilum", "password_file": "/run/p"}, BasicCredentials),
    "bearer": ({"kind": "bearer", "token_file": "/run/t"}, BearerCredentials),
}


@pytest.mark.parametrize(("credentials", "expected"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_credentials(credentials: dict[str, str], expected: type) -> None:
    """The key kind chooses the credentials."""
    settings = RestSettings.model_validate({"url": "https://store", "credentials": credentials})
    assert isinstance(settings.credentials, expected)


WRONG = {
    "a secret in the file": {"credentials": {"kind": "bearer", "token": "secret"}},
    "an unknown kind": {"credentials": {"kind": "digest"}},
    "a colon in the user name": {"credentials": {"kind": "basic", "username": "a:b", "password_file": "/run/p"}},
    "no time at all": {"total_seconds": 0},
    "an unknown key": {"retries": 3},
}


HEADERS: dict[str, tuple[dict[str, object], str]] = {
    "Host": ({"headers": {"Host": "x"}}, "set by Hilum"),
    "the length": ({"headers": {"content-LENGTH": "3"}}, "set by Hilum"),
    "the coding": ({"header_files": {"Transfer-Encoding": "/run/x"}}, "set by Hilum"),
    "the connection": ({"headers": {"Connection": "close"}}, "set by Hilum"),
    "the content type": ({"headers": {"Content-Type": "text/plain"}}, "content_type"),
    "a condition": ({"headers": {"If-Match": "*"}}, "what the store holds"),
    "for the proxy": ({"header_files": {"Proxy-Authorization": "/run/x"}}, "the key proxy"),
    "a secret in the file": ({"headers": {"Authorization": "Key abcdef"}}, "header_files"),
    "a colon": ({"headers": {"X-Key:": "x"}}, "without a colon"),
    "a name of two lines": ({"headers": {"X\r\nHost": "x"}}, "name of an HTTP header"),
    "a value of two lines": ({"headers": {"X": "abcdef\r\nHost: x"}}, "one line"),
    "a value with LF": ({"headers": {"X": "abcdef\n"}}, "one line"),
    "no value": ({"headers": {"X": ""}}, "not empty"),
    "twice": ({"headers": {"x-key": "a"}, "header_files": {"X-Key": "/run/x"}}, "x-key is given twice"),
    "beside credentials": (
        {
            "header_files": {"Authorization": "/run/x"},
            "credentials": {"kind": "bearer", "token_file": "/run/t"},
        },
        "the same header",
    ),
}


@pytest.mark.parametrize(("extra", "complaint"), HEADERS.values(), ids=HEADERS)
def test_wrong_header(extra: dict[str, object], complaint: str) -> None:
    """A header that would change what a request is, or where it goes, is an error that says what to do."""
    with pytest.raises(ValidationError) as error:
        RestSettings.model_validate({"url": "https://store", **extra})
    messages = " ".join(each["msg"] for each in error.value.errors())
    assert complaint in messages
    assert "abcdef" not in messages


PROXIES = {
    "credentials in the address": ({"url": "http://u:p@proxy:3128"}, "password_file"),
    "a path": ({"url": "http://proxy:3128/pac"}, "path"),
    "TLS": ({"url": "https://proxy:3128"}, "http://"),
    "another protocol": ({"url": "socks5://proxy:1080"}, "http://"),
    "a name alone": ({"url": "proxy:3128"}, "http://"),
    "a user without a password": ({"url": "http://proxy:3128", "username": "u"}, "belong together"),
    "a password without a user": ({"url": "http://proxy:3128", "password_file": "/run/p"}, "belong together"),
}


@pytest.mark.parametrize(("proxy", "complaint"), PROXIES.values(), ids=PROXIES)
def test_wrong_proxy(proxy: dict[str, str], complaint: str) -> None:
    """A proxy that Hilum cannot use is an error that says why."""
    with pytest.raises(ValidationError, match=complaint):
        ProxySettings.model_validate(proxy)


STORES, OTHERS = ProxySettings(url="http://proxy:3128"), ProxySettings(url="http://other:3128")
OAUTH2 = {
    "kind": "oauth2_client_credentials",
    "token_url": "https://t/",
    "client_id": "c",
    "client_secret_file": "/run/s",
}
WAYS = [({}, STORES), ({"proxy": "direct"}, None), ({"proxy": {"url": "http://other:3128"}}, OTHERS)]


@pytest.mark.parametrize(("extra", "expected"), WAYS)
def test_proxy_of_the_token_endpoint(extra: dict[str, object], expected: ProxySettings | None) -> None:
    """The proxy of the credentials is that of the destination, unless they name another one or none."""
    assert expected == OAuth2Credentials.model_validate({**OAUTH2, **extra}).proxy_beside(STORES)


def test_metadata_server_is_asked_directly() -> None:
    """The machine's own metadata server is asked without a proxy."""
    assert None is GoogleCredentials(kind="google").proxy_beside(STORES)
    assert STORES is GoogleCredentials(kind="google", service_account_file=Path("/run/k")).proxy_beside(STORES)


FILE = {"X-Api-Key": "/run/k"}
BEARER = {"kind": "bearer", "token_file": "/run/t"}
PASSWORD = {"username": "u", "password_file": "/run/p"}
TOKENS_IN_THE_CLEAR = {**OAUTH2, "token_url": "http://t.example/"}
IN_THE_CLEAR: dict[str, tuple[dict[str, object], str]] = {
    "a token": ({"url": "http://s.example", "credentials": BEARER}, "credentials would go to s.example"),
    "a password": (
        {"url": "http://10.0.0.1:80", "credentials": {"kind": "basic", **PASSWORD}},
        "credentials would go to 10.0.0.1:80",
    ),
    "a token of OAuth 2": ({"url": "http://s.example", "credentials": OAUTH2}, "credentials would go to s.example"),
    "an API key": ({"url": "http://s.example", "header_files": FILE}, "header_files would go to s.example"),
    "a query": ({"kind": "http", "url": "http://s.example?code=abcdef"}, "the query of url would go to s.example"),
    "a client's secret": (
        {"url": "https://s.example", "credentials": TOKENS_IN_THE_CLEAR},
        "credentials.client_secret_file would go to t.example",
    ),
    "through a proxy": (
        {"url": "http://127.0.0.1", "credentials": BEARER, "proxy": {"url": "http://p.example:3128"}},
        "credentials would go to p.example:3128",
    ),
}


@pytest.mark.parametrize(("settings", "complaint"), IN_THE_CLEAR.values(), ids=IN_THE_CLEAR)
def test_secret_in_the_clear(settings: dict[str, object], complaint: str) -> None:
    """A secret that others could read on the way is an error, unless the operator allows it."""
    kind = HttpSettings if "kind" in settings else RestSettings
    with pytest.raises(ValidationError, match=re.escape(complaint)) as error:
        kind.model_validate(settings)
    assert "abcdef" not in error.value.errors()[0]["msg"]
    assert kind.model_validate({**settings, "allow_cleartext": True}).allow_cleartext


def test_password_of_a_proxy_in_the_clear() -> None:
    """A password goes to a proxy in the clear, which the operator has to allow unless it is on this machine."""
    proxy = {"url": "http://p.example:3128", **PASSWORD}
    with pytest.raises(ValidationError, match=r"would go to p\.example:3128 in the clear"):
        ProxySettings.model_validate(proxy)
    ProxySettings.model_validate({**proxy, "allow_cleartext": True})
    ProxySettings.model_validate({**proxy, "url": "http://127.0.0.1:3128"})


PROTECTED: list[dict[str, object]] = [
    {"url": "https://s.example", "credentials": OAUTH2, "header_files": FILE},
    {"url": "https://s.example", "credentials": BEARER, "proxy": {"url": "http://p.example:3128"}},
    {"url": "http://127.0.0.1:8042", "credentials": BEARER},
    {"url": "http://localhost", "header_files": FILE},
    {"url": "http://s.example", "headers": {"X-Tenant": "ward"}},
]


@pytest.mark.parametrize("settings", PROTECTED)
def test_secret_that_nobody_reads(settings: dict[str, object]) -> None:
    """With TLS, or on this machine, nothing has to be allowed."""
    assert not RestSettings.model_validate(settings).allow_cleartext


@pytest.mark.parametrize("addresses", [{}, {"url": "https://s/", "url_file": "/run/u"}])
def test_address_is_given_once(addresses: dict[str, str]) -> None:
    """An endpoint has an address or a file with one."""
    with pytest.raises(ValidationError, match="give one of url and url_file"):
        HttpSettings.model_validate({"kind": "http", **addresses})


@pytest.mark.parametrize("extra", WRONG.values(), ids=WRONG)
def test_wrong_settings(extra: dict[str, object]) -> None:
    """Invalid settings are an error."""
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
