"""Certificates for a test: an authority, and what it issues to servers and peers."""

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]
"""An authority's and two others': making them is what takes time."""
DAY = datetime.timedelta(days=1)
SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path


class Authority:
    """A CA whose files are in *folder*; one *above* it has issued its own certificate, or it itself has."""

    def __init__(self, folder: Path, name: str = "hospital CA", above: "Authority | None" = None) -> None:
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = folder / f"{name.replace(' ', '-')}.pem"
        builder = (above or self)._builder(self._name, KEYS[0])
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        builder = builder.add_extension(SIGNS_CERTIFICATES, True)
        self.certificate.write_bytes(_pem(builder.sign(KEYS[0], hashes.SHA256())))

    def issue(self, name: str, *alternatives: x509.GeneralName, key: int = 1, days: int = 30, begun: int = 1) -> Pair:
        """Return a certificate for *name*, good for 127.0.0.1 and localhost too unless *alternatives* are given.

        It began *begun* days ago, and ends in *days*.
        """
        names = alternatives or (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        return self.issue_to([name], names, name, key=key, days=days, begun=begun)

    def issue_to(
        self,
        common_names: Sequence[str],
        alternatives: Sequence[x509.GeneralName],
        file: str,
        *,
        key: int = 1,
        days: int = 30,
        begun: int = 1,
    ) -> Pair:
        """Return a certificate with these *common_names* and *alternatives*, each of which it may have none of."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each) for each in common_names])
        builder = self._builder(subject, KEYS[key], days, begun)
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        pair = Pair(self._folder / f"{file}.pem", self._folder / f"{file}.key")
        pair.certificate.write_bytes(_pem(builder.sign(KEYS[0], hashes.SHA256())))
        pair.key.write_bytes(_key(KEYS[key]))
        return pair

    def client(self, pair: Pair | None = None) -> ssl.SSLContext:
        """Return the context of a peer that trusts this authority and shows *pair*."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        return context

    def server(self, pair: Pair, *, demand: bool = False) -> ssl.SSLContext:
        """Return the context of a store that shows *pair* and may *demand* a certificate of this authority."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.certificate))
        context.load_cert_chain(pair.certificate, pair.key)
        context.verify_mode = ssl.CERT_REQUIRED if demand else ssl.CERT_NONE
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # as Hilum's own contexts; Python 3.13 sets it by itself
        return context

    def _builder(
        self, subject: x509.Name, key: rsa.RSAPrivateKey, days: int = 30, begun: int = 1
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - begun * DAY)
            .not_valid_after(now + days * DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(KEYS[0].public_key()), False)
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key(key: rsa.RSAPrivateKey, password: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def lock(key: Path) -> None:
    """Encrypt the private key in the file *key*."""
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    key.write_bytes(_key(loaded, b"secret"))
