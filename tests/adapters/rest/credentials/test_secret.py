"""A secret in a file; more of it through the headers that are made of it in ``test_credentials``."""

from pathlib import Path

from adapters.rest.credentials.secret import Secret
from gateway.contract.outcome import Unavailable


def test_value(tmp_path: Path) -> None:
    """A secret is stripped and encoded, and read again when it changes."""
    path = tmp_path / "secret"
    path.write_text(" one\n")
    secret = Secret(path, "key_file", str.upper)
    assert "ONE" == secret.value()
    path.write_text("second")
    assert "SECOND" == secret.value()


def test_reason(tmp_path: Path) -> None:
    """The reason for an unusable secret names its key."""
    path = tmp_path / "secret"
    secret = Secret(path, "header_files.X-Key", lambda _: None)
    assert Unavailable("the file of header_files.X-Key cannot be read") == secret.value()
    path.write_text("x")
    assert Unavailable("the file of header_files.X-Key holds characters that its header cannot carry") == secret.value()
