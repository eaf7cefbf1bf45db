"""What the TLS settings demand of each other."""

from typing import Any

import pytest

from gateway.config.loading import parse
from gateway.contract.certificate_names import A_SPACE, ANYBODY, ONE_LABEL
from gateway.contract.errors import ConfigError
from tests.running import relay

STORE = 'kind: http, url: "https://store.example/"'
FILES = "certificate_file: c, key_file: k"

WRONG = {
    "no key": ("{certificate_file: c}", "listeners.in.tls.key_file: is missing; add it"),
    "a CA without a use": (
        f"{{{FILES}, client_ca_file: a}}",
        "listeners.in.tls: client_ca_file and client_names have no effect; add `client_auth: required`",
    ),
    "names without a use": (
        f"{{{FILES}, client_names: [ct-1]}}",
        "listeners.in.tls: client_ca_file and client_names have no effect; add `client_auth: required`",
    ),
    "certificates of nobody": (
        f"{{{FILES}, client_auth: required}}",
        "listeners.in.tls: client_auth needs client_ca_file; add it",
    ),
    "names that are easily avoided": (
        f"{{{FILES}, client_auth: optional, client_ca_file: a, client_names: [ct-1]}}",
        "listeners.in: tls.client_names does not stop peers without a certificate; add `client_auth: required`",
    ),
    "names that only look like it": (
        f"{{{FILES}, client_auth: required, client_ca_file: a, client_names: [ct-1, 'ct-*']}}",
        f"listeners.in.tls.client_names[1]: 'ct-*' {ONE_LABEL}",
    ),
    "a name that is a mapping": (
        f"{{{FILES}, client_auth: required, client_ca_file: a, client_names: [cn: CT 1]}}",
        f"listeners.in.tls.client_names[0]: is a mapping, not a name; {A_SPACE}",
    ),
    "another version": (f"{{{FILES}, minimum_version: '1.0'}}", "listeners.in.tls.minimum_version: is not a known key"),
}


def problems(text: str) -> Any:
    """Return what is wrong with the configuration *text*."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return caught.value.problems


@pytest.mark.parametrize("kind", ["mllp", "dimse"])
@pytest.mark.parametrize(("tls", "expected"), WRONG.values(), ids=WRONG)
def test_listener(kind: str, tls: str, expected: str) -> None:
    """What cannot work, or protects nobody, is an error with its mend."""
    store = STORE if kind == "mllp" else STORE.replace("http,", "dicomweb,")
    (problem,) = problems(relay(f"kind: {kind}, port: 0, tls: {tls}", store))
    assert problem.startswith(expected)


def test_good() -> None:
    """Mutual TLS with names is right on both kinds of listener and towards stores."""
    tls = f"{{{FILES}, client_auth: required, client_ca_file: a, client_names: ['*.example']}}"
    config = parse(relay(f"kind: mllp, port: 0, tls: {tls}", f"{STORE}, tls: {{ca_file: a, {FILES}}}"))
    listener = config.listeners["in"]
    assert listener.tls is not None
    assert ("required", ("*.example",)) == (listener.tls.client_auth, listener.tls.client_names)


def test_names_at_the_admin_port() -> None:
    """The admin port's names are held to the same rules."""
    tls = f"{{{FILES}, client_auth: required, client_ca_file: a, client_names: ['*']}}"
    text = relay("kind: mllp, port: 0", STORE).replace("admin: {port: 0}", f"admin: {{tls: {tls}}}")
    assert (f"admin.tls.client_names[0]: '*' {ANYBODY}",) == tuple(problems(text))


def test_store_in_the_clear() -> None:
    """TLS settings of a store without TLS are an error."""
    store = 'kind: http, url: "http://store.example/", tls: {ca_file: a}'
    (problem,) = problems(relay("kind: mllp, port: 0", store))
    assert "destinations.out: tls has no effect with http://; change url to https:// or remove tls" == problem


def test_half_a_pair() -> None:
    """A client certificate needs its key."""
    (problem,) = problems(relay("kind: mllp, port: 0", f"{STORE}, tls: {{certificate_file: c}}"))
    assert "destinations.out.tls: certificate_file and key_file belong together; add the other one" == problem


def test_open_admin_port() -> None:
    """Beyond this machine the admin port needs something to tell operators by."""
    text = relay("kind: mllp, port: 0", STORE).replace("admin: {port: 0}", "admin: {host: 0.0.0.0}")
    (problem,) = problems(text)
    expected = "admin.host: other machines can reach 0.0.0.0 and need no proof of identity; add "
    assert problem.startswith(expected + "admin.token_file, or admin.tls with client_auth")
    parse(text.replace("0.0.0.0}", "0.0.0.0, token_file: t}"))
