"""Where the admin port is, and what is shown there."""

from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.gateway.cli.operating.statuses import TLS, TOKEN, Admin, configuration


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "localhost"])
def test_every_address_is_asked_at_loopback(tmp_path: Path, admin: Admin, host: str) -> None:
    """A port that is bound to every address is asked at the loopback address."""
    assert 0 == main(["status", configuration(tmp_path, admin.port, f", host: {host}")])


def test_configured_token(tmp_path: Path, admin: Admin) -> None:
    """The token of the configuration is shown."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert 0 == main(["status", configuration(tmp_path, admin.port, f", token_file: {tmp_path}/token")])
    assert f"Bearer {TOKEN}" == admin.asked[0][1]["Authorization"]


def test_token_of_viewers(tmp_path: Path, admin: Admin) -> None:
    """Somebody who may read only the token of viewers shows that one."""
    (tmp_path / "viewer").write_text(TOKEN)
    more = f", token_file: /nowhere/token, viewer_token_file: {tmp_path}/viewer"
    assert 0 == main(["status", configuration(tmp_path, admin.port, more)])
    assert f"Bearer {TOKEN}" == admin.asked[0][1]["Authorization"]


def test_own_token(tmp_path: Path, admin: Admin) -> None:
    """Without a configured token, the one that Hilum has made is shown."""
    (tmp_path / "admin-token").write_text(f"{TOKEN}\n")
    assert 0 == main(["status", configuration(tmp_path, admin.port)])
    assert f"Bearer {TOKEN}" == admin.asked[0][1]["Authorization"]


def test_no_token(tmp_path: Path, admin: Admin) -> None:
    """Without any token none is shown: a port on the loopback address may demand none."""
    assert 0 == main(["status", configuration(tmp_path, admin.port)])
    assert "Authorization" not in admin.asked[0][1]


def test_named_token(tmp_path: Path, admin: Admin) -> None:
    """A token named on the command line takes the place of a configured one, which may be unreadable."""
    (tmp_path / "mine").write_text(TOKEN)
    path = configuration(tmp_path, admin.port, ", token_file: /nowhere/token")
    assert 0 == main(["status", path, "--token-file", str(tmp_path / "mine")])
    assert f"Bearer {TOKEN}" == admin.asked[0][1]["Authorization"]


def test_token_cannot_be_read(tmp_path: Path, admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """A token that this user may not read is named, with what helps; nothing is asked without it."""
    assert 1 == main(["status", configuration(tmp_path, admin.port, ", token_file: /nowhere/token")])
    said = capsys.readouterr().err
    assert "the token: /nowhere/token cannot be read: No such file or directory" in said
    assert "run this as the user of `hilum serve` (such as `sudo -u hilum`)" in said
    assert [] == admin.asked


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (", prot: 1", "admin.prot: is not a known key; did you mean `port`?"),
        (", tls: 7", "admin.tls: "),
        ("}\nadminn: {", "adminn: is not a known key; did you mean `admin`?"),
    ],
)
def test_wrong_configuration(tmp_path: Path, more: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in what is used of the configuration is exit status 2, with its place."""
    path = configuration(tmp_path, 9, more)
    assert 2 == main(["status", path])
    assert sentence in capsys.readouterr().err


def test_port_of_chance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that the system chooses cannot be known from the configuration."""
    assert 2 == main(["status", configuration(tmp_path, 0)])
    assert "admin.port: is 0" in capsys.readouterr().err


def test_environment(tmp_path: Path, admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    """HILUM_ADMIN takes the place of the configured address."""
    monkeypatch.setenv("HILUM_ADMIN", f"http://127.0.0.1:{admin.port}")
    assert 0 == main(["status", configuration(tmp_path, 0)])


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "http://", "http://a:x", "ftp://a:1"])
def test_wrong_environment(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no address there is exit status 2."""
    monkeypatch.setenv("HILUM_ADMIN", url)
    assert 2 == main(["status", configuration(tmp_path, 0)])
    assert "HILUM_ADMIN: is no address; write it such as http://127.0.0.1:8080" in capsys.readouterr().err


def test_tls_file_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no certificate is named."""
    (tmp_path / "bad").write_text("nothing")
    assert 2 == main(["status", configuration(tmp_path, 9, TLS), "--ca-file", str(tmp_path / "bad")])
    assert f"TLS: {tmp_path}/bad: cannot be used" in capsys.readouterr().err
