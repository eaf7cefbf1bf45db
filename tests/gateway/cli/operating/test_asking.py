"""Asking the admin port: every reason why it does not answer is one sentence, and exit status 1."""

import socket
import ssl
from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.certificates import Authority
from tests.gateway.cli.operating.statuses import PATH, TLS, TOKEN, Admin, admin_port, configuration, status
from tests.ports import free_port

REFUSALS = {
    "a wrong token": (401, {"error": "send"}, True, "refuses the token in {tmp}/admin-token: name the token"),
    "no token": (401, {"error": "send"}, False, "demands a token, and there is none; name one with --token-file"),
    "an old Hilum": (404, b"404: Not Found", False, "has no /api/v1/status: it is another program, or an older Hilum"),
    "a reason": (421, {"error": "the Host\x1b[2J"}, False, "refuses the request: the Host\\x1b[2J"),
    "another error": (500, b"", False, "answers HTTP 500; look at the log of the gateway"),
    "a web page": (200, b"<html>", False, "does not answer in JSON: another program has this port"),
    "a list": (200, [], False, "does not answer in JSON"),
    "another object": (200, {"at": 1}, False, "does not answer with a status: is it another version of Hilum?"),
    "endless brackets": (200, b"[" * 100_000, False, "does not answer in JSON"),
}


@pytest.mark.parametrize(("code", "body", "token", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_refused(
    tmp_path: Path,
    admin: Admin,
    code: int,
    body: object,
    token: bool,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An answer that is no status becomes one sentence, and exit status 1."""
    admin.code, admin.bodies[PATH] = code, body
    if token:
        (tmp_path / "admin-token").write_text(TOKEN)
    assert 1 == main(["status", configuration(tmp_path, admin.port)])
    printed = capsys.readouterr()
    assert f"hilum: 127.0.0.1:{admin.port} {sentence.format(tmp=tmp_path)}" in printed.err
    assert ("", 1) == (printed.out, len(printed.err.splitlines()))


def test_not_running(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody listens, the gateway does not run or has another port."""
    port = free_port()
    assert 1 == main(["status", configuration(tmp_path, port)])
    said = capsys.readouterr().err
    assert f"hilum: 127.0.0.1:{port} has no listener: the gateway does not run, or has another admin.port" in said


def test_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A gateway that accepts the connection and does not answer is told apart."""
    monkeypatch.setattr("gateway.cli.operating.asking.SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert 1 == main(["status", configuration(tmp_path, silent.getsockname()[1])])
    assert "does not answer within 0.05 s: the gateway hangs" in capsys.readouterr().err


def test_unknown_host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A host that cannot be found is a sentence."""
    assert 1 == main(["status", configuration(tmp_path, 9, ", host: nowhere.invalid")])
    assert "nowhere.invalid:9 cannot be reached: " in capsys.readouterr().err


def context(authority: Authority, *names: str, client_auth: bool = False) -> ssl.SSLContext:
    """Return the context of a port with TLS."""
    pair = authority.issue("gateway")
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(pair.certificate, pair.key)
    if client_auth:
        found.load_verify_locations(authority.certificate)
        found.verify_mode = ssl.CERT_REQUIRED
    return found


def test_tls(tmp_path: Path) -> None:
    """With admin.tls the port is asked over TLS; its files, which only the daemon may read, are not needed."""
    authority = Authority(tmp_path)
    with admin_port(context(authority)) as admin:
        admin.bodies[PATH] = status()
        path = configuration(tmp_path, admin.port, TLS)
        assert 0 == main(["status", path])
        assert 0 == main(["status", path, "--ca-file", str(authority.certificate)])


def test_tls_of_another_ca(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A CA that is named must have issued the certificate."""
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", "other CA")
    with admin_port(context(Authority(tmp_path))) as admin:
        path = configuration(tmp_path, admin.port, TLS)
        assert 1 == main(["status", path, "--ca-file", str(other.certificate)])
    said = capsys.readouterr().err
    assert "has a certificate that is not trusted: " in said
    assert "name its CA with --ca-file" in said


def test_tls_demands_a_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that demands a certificate says so; with one it answers."""
    authority = Authority(tmp_path)
    pair = authority.issue("operator")
    with admin_port(context(authority, client_auth=True)) as admin:
        admin.bodies[PATH] = status()
        path = configuration(tmp_path, admin.port, TLS)
        assert 1 == main(["status", path])
        assert "demands a client certificate (admin.tls)" in capsys.readouterr().err
        shown = ["--certificate-file", str(pair.certificate), "--key-file", str(pair.key)]
        assert 0 == main(["status", path, *shown])


def test_tls_is_expected_and_absent(tmp_path: Path, admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """A gateway that runs without the TLS of the configuration has another configuration."""
    assert 1 == main(["status", configuration(tmp_path, admin.port, TLS)])
    said = capsys.readouterr().err
    assert "speaks no TLS that fits, though the configuration has admin.tls" in said
    assert "it runs with another configuration than this one" in said


def test_tls_is_there_and_not_expected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Likewise the other way round."""
    with admin_port(context(Authority(tmp_path))) as admin:
        assert 1 == main(["status", configuration(tmp_path, admin.port)])
    assert "hangs up, or does not speak HTTP: it speaks TLS, or is another program" in capsys.readouterr().err
