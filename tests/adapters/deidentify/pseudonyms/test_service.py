"""Pseudonyms need no memory, are the same everywhere, and tell nothing."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Patient
from adapters.deidentify.pseudonyms.key import Key, read_key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms

KEY = Key(bytes(range(32)))
ONE, OTHER = KeyedPseudonyms(KEY), KeyedPseudonyms(Key(bytes(32)))
HOSPITAL, CLINIC = Domain("hospital"), Domain("clinic", drops_leading_zeros=True)
DOMAINS = Domains(
    {
        ("hl7v2", "HOSP"): HOSPITAL,
        ("hl7v2", "1.2.3.4&ISO"): HOSPITAL,
        ("dicom", "HOSP"): HOSPITAL,
        ("fhir", "urn:oid:1.2.3.4"): HOSPITAL,
        ("hl7v2", "CLIN"): CLINIC,
    }
)


def test_known_values() -> None:
    """A new release makes the same pseudonyms: otherwise a study would fall apart in the middle of a project."""
    assert ONE.uid("1.2.3") == "2.25.263862150858451790284155088172424792151"
    assert ONE.identifier("accession", "A1") == "TXLCFI22ILGKX4FK"
    assert ONE.patient(Patient("hospital", "123")) == "Y7AZIR6EL22WLCYX"
    assert ONE.shift(Patient("hospital", "123")) == -357
    assert ONE.shift_of_study("1.2.3") == -140
    assert ONE.fingerprint == "00cf2700"


@given(st.text(max_size=80))
def test_forms(text: str) -> None:
    """Every pseudonym is valid where it stands: a UID of at most 44 characters, 16 letters and digits, whole weeks."""
    assert re.fullmatch(r"2\.25\.[1-9][0-9]{0,38}", ONE.uid(text)) or text.startswith("1.2.840.10008.")
    assert re.fullmatch(r"[A-Z2-7]{16}", ONE.identifier("order", text))
    assert -364 <= ONE.shift(Patient("a", text)) <= -7
    assert ONE.shift(Patient("a", text)) % 7 == 0


def test_apart() -> None:
    """Another key, purpose or domain gives another pseudonym; a UID of the standard stays."""
    assert ONE.uid("1.2.3") != OTHER.uid("1.2.3")
    assert ONE.identifier("order", "1") != ONE.identifier("accession", "1")
    assert ONE.identifier("order", "1", "a") != ONE.identifier("order", "1", "b")
    assert ONE.identifier("order", "bc", "a") != ONE.identifier("order", "c", "ab")
    assert ONE.uid("1.2.840.10008.1.2") == "1.2.840.10008.1.2"
    assert ONE.identifier("order", " 1 ") == ONE.identifier("order", "1")


def test_version_of_uid() -> None:
    """The number of a UID is a UUID of version 8 and of the variant of RFC 9562."""
    number = int(ONE.uid("1.2.3").removeprefix("2.25."))
    assert number >> 76 & 0xF == 8
    assert number >> 62 & 0b11 == 0b10


def test_one_patient() -> None:
    """A patient has one pseudonym in all three formats, by whichever name of the authority."""
    found = {
        DOMAINS.patient("hl7v2", ("HOSP",), "123"),
        DOMAINS.patient("hl7v2", ("", "1.2.3.4&ISO"), " 123"),
        DOMAINS.patient("hl7v2", ("HOSP", "1.2.3.4&ISO"), "123"),
        DOMAINS.patient("dicom", ("HOSP",), "123 "),
        DOMAINS.patient("fhir", ("urn:oid:1.2.3.4",), "123"),
    }
    assert found == {Patient("hospital", "123")}
    assert DOMAINS.patient("hl7v2", ("CLIN",), "00123") == Patient("clinic", "123")


@pytest.mark.parametrize("authorities", [("OTHER",), (), ("",), ("HOSP", "CLIN")])
def test_unknown_domain(authorities: tuple[str, ...]) -> None:
    """An authority that is not known holds the message back; the reason does not quote it."""
    with pytest.raises(HeldBackError) as caught:
        DOMAINS.patient("hl7v2", authorities, "123")
    assert not re.search("OTHER|HOSP|CLIN|123", str(caught.value))


def test_default_domain() -> None:
    """The default is for an identifier without an authority, not for an unknown authority."""
    domains = Domains({}, HOSPITAL)
    assert domains.patient("dicom", ("",), "1") == Patient("hospital", "1")
    with pytest.raises(HeldBackError):
        domains.patient("dicom", ("OTHER",), "1")


@pytest.mark.parametrize("content", [bytes(range(32)), bytes(range(32)).hex().encode() + b"\n",
                                     b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"])  # fmt: skip
def test_key_file(content: bytes, tmp_path: Path) -> None:
    """A key is 32 octets, or their text."""
    (tmp_path / "key").write_bytes(content)
    assert read_key(tmp_path / "key").fingerprint == KEY.fingerprint


@pytest.mark.parametrize("content", [b"", b"hush-hush", b"00" * 31, bytes(33), None], ids=range(5))
def test_bad_key_file(content: bytes | None, tmp_path: Path) -> None:
    """Anything else is an error with the mend, which does not quote the file."""
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(ValueError, match="openssl rand -hex 32") as caught:
        read_key(tmp_path / "key")
    assert "hush-hush" not in str(caught.value)
