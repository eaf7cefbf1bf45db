"""OIDC tokens (signed JWTs) as Google's push sends them; the key is made when the sandbox starts."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

ISSUER = "https://accounts.google.com"
KEY_ID = "sandbox"
TOKEN_SECONDS = 3600


class Issuer:
    """Signs tokens with RS256 (RFC 7518 3.3)."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, audience: str, email: str, now: float | None = None) -> str:
        """Return a token for *audience* in the name of the service account *email*."""
        issued = int(time.time() if now is None else now)
        head = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}
        claims = {
            "aud": audience,
            "azp": "1",
            "email": email,
            "email_verified": True,
            "exp": issued + TOKEN_SECONDS,
            "iat": issued,
            "iss": ISSUER,
            "sub": "1",
        }
        signed = f"{_part(head)}.{_part(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_encoded(signature)}"

    def certificates(self) -> dict[str, str]:
        """Return the certificate of the key in PEM by key ID, as ``/oauth2/v1/certs`` does."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, self._key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        certificate = builder.sign(self._key, hashes.SHA256())
        return {KEY_ID: certificate.public_bytes(serialization.Encoding.PEM).decode()}


def _part(value: object) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
