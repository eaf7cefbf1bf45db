"""The tokens of push, judged by Google's library."""

import time

import pytest
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from gateway.sandbox.pubsub.oidc import ISSUER, Issuer

AUDIENCE, EMAIL = "https://hilum.example/push", "push@p.iam.gserviceaccount.com"


def test_valid() -> None:
    """google-auth accepts a token, and finds who it is for and from."""
    issuer = Issuer()
    claims = jwt.decode(issuer.token(AUDIENCE, EMAIL), certs=issuer.certificates(), audience=AUDIENCE)
    assert (ISSUER, EMAIL, True) == (claims["iss"], claims["email"], claims["email_verified"])


WRONG = {
    "another audience": ("https://other.example/", 0.0),
    "expired": (AUDIENCE, -7200.0),
    "of the future": (AUDIENCE, 7200.0),
}


@pytest.mark.parametrize(("audience", "shift"), WRONG.values(), ids=WRONG)
def test_not_valid(audience: str, shift: float) -> None:
    """google-auth refuses a token that is for another one, or not for now."""
    issuer = Issuer()
    token = issuer.token(AUDIENCE, EMAIL, time.time() + shift)
    with pytest.raises((GoogleAuthError, ValueError)):
        jwt.decode(token, certs=issuer.certificates(), audience=audience)


def test_another_key() -> None:
    """A token of another issuer is refused."""
    with pytest.raises((GoogleAuthError, ValueError)):
        jwt.decode(Issuer().token(AUDIENCE, EMAIL), certs=Issuer().certificates(), audience=AUDIENCE)
