"""Making TLS contexts and acceptors from the configuration."""

from pathlib import Path

import pytest
from cryptography import x509
from structlog.testing import capture_logs

from gateway.contract.errors import ConfigError
from gateway.contract.settings import ClientTlsSettings, ListenerSettings, ServerTlsSettings
from gateway.telemetry.metrics import Metrics
from gateway.tls.opening import admin_tls_acceptor, listener_tls_acceptor, store_contexts
from tests.certificates import Authority, Pair


def settings(pair: Pair) -> ServerTlsSettings:
    """Return settings with the files of *pair*."""
    return ServerTlsSettings(certificate_file=pair.certificate, key_file=pair.key)


def client_settings(pair: Pair) -> ClientTlsSettings:
    """Return the settings of a client that shows the certificate of *pair*."""
    return ClientTlsSettings(certificate_file=pair.certificate, key_file=pair.key)


def sample(metrics: Metrics, name: str) -> float:
    """Return the value of the sample *name*, with its labels."""
    (line,) = [line for line in metrics.render().decode().splitlines() if line.startswith(name + " ")]
    return float(line.split()[-1])


def test_listener_in_the_clear() -> None:
    """Without TLS there is no acceptor, and the metric is 0."""
    metrics = Metrics()
    assert listener_tls_acceptor("adt", ListenerSettings(port=0), metrics) is None
    assert 0 == sample(metrics, 'hilum_listener_encrypted{listener="adt"}')


def test_listener(authority: Authority) -> None:
    """With TLS the metrics show it, and the expiry of the certificate."""
    metrics, pair = Metrics(), authority.issue("server", days=3)
    assert listener_tls_acceptor("adt", ListenerSettings(port=0, tls=settings(pair)), metrics) is not None
    assert 1 == sample(metrics, 'hilum_listener_encrypted{listener="adt"}')
    expected = x509.load_pem_x509_certificate(pair.certificate.read_bytes()).not_valid_after_utc.timestamp()
    for name in ("hilum_certificate_expiry_timestamp_seconds", "hilum_certificate_expiry_seconds"):
        assert expected == sample(metrics, f'{name}{{listener="adt"}}')


@pytest.mark.parametrize(("days", "told"), [(3, []), (-1, ["certificate_expired"])])
def test_expired_certificate(authority: Authority, days: int, told: list[str]) -> None:
    """A certificate of ours that has expired is an error of the log, and is used until it is renewed."""
    pair = authority.issue("server", days=days)
    with capture_logs() as logs:
        assert listener_tls_acceptor("adt", ListenerSettings(port=0, tls=settings(pair)), Metrics()) is not None
        store_contexts("destinations.out.tls", client_settings(pair), None)
    assert told * 2 == [line["event"] for line in logs]
    for line, place in zip(logs, ["listeners.adt.tls", "destinations.out.tls"], strict=False):
        assert ("error", place, str(pair.certificate)) == (line["log_level"], line["place"], line["path"])


def test_renewed_certificate(authority: Authority) -> None:
    """A new certificate shows in the metric, without a handshake having asked for it."""
    metrics, pair = Metrics(), authority.issue("server", days=3)
    tls_acceptor = listener_tls_acceptor("adt", ListenerSettings(port=0, tls=settings(pair)), metrics)
    assert tls_acceptor is not None
    before = tls_acceptor.context()
    first = sample(metrics, 'hilum_certificate_expiry_seconds{listener="adt"}')
    authority.issue("server", days=5)
    with capture_logs() as logs:
        assert 2 * 86400 == pytest.approx(
            sample(metrics, 'hilum_certificate_expiry_seconds{listener="adt"}') - first, abs=5
        )
    assert [("tls_files_reloaded", "listeners.adt.tls")] == [(each["event"], each["place"]) for each in logs]
    assert before is not tls_acceptor.context()


def test_bad_renewal(authority: Authority) -> None:
    """A bad new file leaves the old context in use, is logged once with its name and counted."""
    metrics, pair = Metrics(), authority.issue("server")
    tls_acceptor = listener_tls_acceptor("adt", ListenerSettings(port=0, tls=settings(pair)), metrics)
    assert tls_acceptor is not None
    before = tls_acceptor.context()
    pair.certificate.write_text("nothing")
    with capture_logs() as logs:
        assert before is tls_acceptor.context()
        assert before is tls_acceptor.context()
    assert 1 == sample(metrics, 'hilum_tls_reload_failures_total{place="listeners.adt.tls"}')
    (event,) = logs
    assert ("tls_files_not_reloaded", "error") == (event["event"], event["log_level"])
    assert f"{pair.certificate} holds no certificate" in event["reason"]


def test_bad_from_the_start(tmp_path: Path, authority: Authority) -> None:
    """A bad file at the start is an error with the place in the configuration."""
    pair = authority.issue("server")
    pair.key.unlink()
    with pytest.raises(ConfigError, match=r"^listeners\.adt\.tls\.key_file: "):
        listener_tls_acceptor("adt", ListenerSettings(port=0, tls=settings(pair)), Metrics())
    with pytest.raises(ConfigError, match=r"^admin\.tls\.key_file: "):
        admin_tls_acceptor(settings(pair))
    with pytest.raises(ConfigError, match=r"^destinations\.x\.tls\.ca_file: "):
        store_contexts("destinations.x.tls", ClientTlsSettings(ca_file=tmp_path / "absent"), None)


def test_store_without_settings() -> None:
    """Without settings the system's CAs are read once."""
    contexts = store_contexts("destinations.x.tls", None, None)
    assert contexts() is contexts()


def test_store_with_renewed_ca(authority: Authority) -> None:
    """A changed CA file is used from the next handshake on."""
    contexts = store_contexts("destinations.x.tls", ClientTlsSettings(ca_file=authority.certificate), Metrics())
    first = contexts()
    assert first is contexts()
    Authority(authority.certificate.parent)
    assert first is not contexts()
