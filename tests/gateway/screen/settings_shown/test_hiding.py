"""What can be a secret is not shown."""

import pytest

from gateway.screen.settings_shown.hiding import HIDDEN, is_secret, without_secrets

SECRET = [
    "destinations.store.headers.X-Key",
    "destinations.store.headers.Accept",
    "destinations.store.credentials.password",
    "destinations.store.client_secret",
    "destinations.store.api_key",
    "listeners.other.api-token",
]
SHOWN = [
    "destinations.store.credentials.token_file",
    "destinations.store.credentials.token_url",
    "destinations.store.credentials.kind",
    "listeners.lab.tls.key_file",
    "spool.key_file",
    "routes[0].to",
    "workers",
]
TEXTS = {
    "plain": "plain",
    "https://store.example/v1": "https://store.example/v1",
    "https://store.example/v1?code=S3CRET": f"https://store.example/v1?{HIDDEN}",
    "https://me:S3CRET@store.example:8443/v1#S3CRET": f"https://{HIDDEN}@store.example:8443/v1",
    "https://[S3CRET": HIDDEN,
    "http://proxy.example:3128": "http://proxy.example:3128",
}


@pytest.mark.parametrize("path", SECRET)
def test_secret_keys(path: str) -> None:
    """A header and a key whose name says that it is a secret have no value on the page."""
    assert is_secret(path)


@pytest.mark.parametrize("path", SHOWN)
def test_other_keys(path: str) -> None:
    """Paths of files, and what only sounds like a secret, are shown."""
    assert not is_secret(path)


@pytest.mark.parametrize(("text", "shown"), TEXTS.items(), ids=TEXTS)
def test_addresses(text: str, shown: str) -> None:
    """An address is shown without its user, password, query and fragment."""
    assert shown == without_secrets(text)
    assert "S3CRET" not in shown
