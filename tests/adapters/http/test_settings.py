"""The settings of an HTTP listener, and what is wrong with them."""

import pytest

from adapters.http.settings import HttpListenerSettings
from gateway.config import loading as config
from gateway.contract.errors import ConfigError

LISTENER = """
listeners: {{fhir: {{kind: http, {more}}}}}
destinations: {{out: {{kind: http, url: "http://127.0.0.1:1/"}}}}
routes: [{{from: fhir, to: out}}]
"""


def problems(more: str) -> list[str]:
    """Return the mistakes in the settings of a listener, but for the destination, which takes no FHIR."""
    with pytest.raises(ConfigError) as caught:
        config.parse(LISTENER.format(more=more))
    return [each for each in caught.value.problems if "routes[0]" not in each]


MISTAKES = {
    "commit": ("accepts: fhir, port: 0, acknowledge: commit", "listeners.fhir.acknowledge: cannot be `commit` at a"),
    "beyond loopback": ("accepts: fhir, port: 0, host: 0.0.0.0", "listeners.fhir: other machines can reach it, and"),
    "what it takes": ("port: 0", "listeners.fhir.accepts: "),
    "a path": ("accepts: fhir, port: 0, base_path: fhir/", "listeners.fhir.base_path: is no path; write such as /fhir"),
    "a path with dots": ("accepts: fhir, port: 0, base_path: /a/..", "listeners.fhir.base_path: is no path"),
}


@pytest.mark.parametrize(("more", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(more: str, reason: str) -> None:
    """Each mistake is one sentence with its place."""
    (problem,) = problems(more)
    assert problem.startswith(reason)


TLS = {"certificate_file": "c", "key_file": "k"}
PROOFS = {
    "a token": {"token_files": {"lab": "/run/token"}},
    "required certificates": {"tls": {**TLS, "client_auth": "required", "client_ca_file": "a"}},
    "loopback": {"host": "::1"},
}


@pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS)
def test_a_proof(proof: dict[str, object]) -> None:
    """A token or a required certificate is proof enough; on loopback none is needed."""
    given = {"kind": "http", "accepts": "fhir", "port": 0, "host": "0.0.0.0", **proof}
    assert "relay" == HttpListenerSettings.model_validate(given).acknowledge


def test_an_optional_certificate_is_no_proof() -> None:
    """Certificates that are optional replace no token that is not there."""
    tls = {**TLS, "client_auth": "optional", "client_ca_file": "a"}
    given = {"kind": "http", "accepts": "fhir", "port": 0, "host": "0.0.0.0", "tls": tls}
    with pytest.raises(ValueError, match="no proof of identity"):
        HttpListenerSettings.model_validate(given)
