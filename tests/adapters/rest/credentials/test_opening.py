"""Secrets come from files, are read again when they change and are never repeated in a reason."""

import os
from pathlib import Path

import pytest

from adapters.rest.credentials.opening import Credentials
from adapters.rest.credentials.settings import BasicCredentials, BearerCredentials, NoCredentials
from gateway.contract.outcome import Unavailable


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Make a file with a secret."""
    path = tmp_path / "secret"
    path.write_text("first\n")
    return path


def test_none() -> None:
    """Without credentials there is no header."""
    assert {} == Credentials(NoCredentials()).headers()


def test_basic(secret: Path) -> None:
    """User name and password are joined and encoded as RFC 7617 says."""
    credentials = Credentials(BasicCredentials(kind="basic", username="hilum", password_file=secret))
    assert {"Authorization": "Basic aGlsdW06Zmlyc3Q="} == credentials.headers()


def test_bearer_is_read_again_when_it_changes(secret: Path) -> None:
    """The next request after a change carries the new token."""
    credentials = Credentials(BearerCredentials(kind="bearer", token_file=secret))
    assert {"Authorization": "Bearer first"} == credentials.headers()
    secret.write_text("second")
    assert {"Authorization": "Bearer second"} == credentials.headers()


def test_swapped_link(secret: Path, tmp_path: Path) -> None:
    """A link that points to another file of the same size and time counts as a change."""
    other = tmp_path / "other"
    other.write_text("other\n")
    times = (1_000_000_000, 1_000_000_000)
    os.utime(secret, ns=times)
    os.utime(other, ns=times)
    link = tmp_path / "link"
    link.symlink_to(secret)
    credentials = Credentials(BearerCredentials(kind="bearer", token_file=link))
    assert {"Authorization": "Bearer first"} == credentials.headers()
    link.unlink()
    link.symlink_to(other)
    assert {"Authorization": "Bearer other"} == credentials.headers()


def test_unchanged_file_is_not_read(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the file is the same, a request costs a stat and no read."""
    credentials = Credentials(BearerCredentials(kind="bearer", token_file=secret))
    expected = credentials.headers()
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_options: pytest.fail("read"))
    assert expected == credentials.headers()


def test_missing_file_recovers(secret: Path) -> None:
    """A file that is gone makes the store unavailable until it is back."""
    credentials = Credentials(BearerCredentials(kind="bearer", token_file=secret))
    secret.unlink()
    assert Unavailable("the file of credentials.token_file cannot be read") == credentials.headers()
    secret.write_text("back")
    assert {"Authorization": "Bearer back"} == credentials.headers()


BAD_SECRETS = {
    "empty": (b" \n", "empty"),
    "two lines": (b"to\nken", "characters"),
    "not ASCII": ("tökén".encode(), "characters"),
    "not UTF-8": (b"\xff\xff", "cannot be read"),
}


@pytest.mark.parametrize(("content", "complaint"), BAD_SECRETS.values(), ids=BAD_SECRETS)
def test_bad_secret(secret: Path, content: bytes, complaint: str) -> None:
    """What no header can carry is never sent, and the reason names the setting, not the content."""
    secret.write_bytes(content)
    refusal = Credentials(BearerCredentials(kind="bearer", token_file=secret)).headers()
    assert isinstance(refusal, Unavailable)
    assert complaint in refusal.reason
    assert "credentials.token_file" in refusal.reason
    assert "ken" not in refusal.reason.replace("token_file", "")
