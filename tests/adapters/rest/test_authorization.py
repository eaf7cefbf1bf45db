"""Which kind of credentials is carried how; what each does is in its own test."""

from pathlib import Path

import pytest

from adapters.rest.authorization import Authorization, authorization_of
from adapters.rest.credentials import Credentials
from adapters.rest.settings import (
    BasicCredentials,
    BearerCredentials,
    CredentialSettings,
    GoogleCredentials,
    NoCredentials,
    OAuth2Credentials,
)
from adapters.rest.tokens import RenewedToken

FILE = Path("secret")
KINDS: list[tuple[CredentialSettings, type]] = [
    (NoCredentials(), Credentials),
    (BasicCredentials(kind="basic", username="u", password_file=FILE), Credentials),
    (BearerCredentials(kind="bearer", token_file=FILE), Credentials),
    (GoogleCredentials(kind="google"), RenewedToken),
    (
        OAuth2Credentials(
            kind="oauth2_client_credentials", token_url="https://a/", client_id="c", client_secret_file=FILE
        ),
        RenewedToken,
    ),
]


@pytest.mark.parametrize(("settings", "expected"), KINDS, ids=lambda each: getattr(each, "kind", ""))
async def test_kinds(settings: CredentialSettings, expected: type) -> None:
    """A secret in a file is used as it is; a token is fetched, but not before it is needed."""
    authorization: Authorization = authorization_of(settings, None)
    assert expected is type(authorization)
    await authorization.close()


async def test_static_kinds_have_no_other(tmp_path: Path) -> None:
    """Without anybody to ask, a refusal changes nothing, and nothing is waited for."""
    path = tmp_path / "token"
    path.write_text("abc")
    authorization = authorization_of(BearerCredentials(kind="bearer", token_file=path), None)
    assert {"Authorization": "Bearer abc"} == authorization.headers() == await authorization.obtain()
    assert not authorization.refuse({"Authorization": "Bearer abc"})
