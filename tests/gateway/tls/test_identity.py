"""Names in certificates."""

import pytest

from gateway.tls.identity import is_named, names_in

CERTIFICATE = {
    "subject": ((("organizationName", "Hospital"),), (("commonName", "CT-1"),)),
    "subjectAltName": (
        ("DNS", "CT1.Hospital.Example"),
        ("URI", "urn:ct:1"),
        ("email", "ct@hospital.example"),
        ("IP Address", "10.1.2.3"),
        ("DirName", ((("commonName", "somebody else"),),)),
        ("othername", "<unsupported>"),
    ),
}


def test_names() -> None:
    """The common name and the alternative names of systems, and nothing else, name a peer."""
    assert ["CT-1", "ct1.hospital.example", "urn:ct:1", "ct@hospital.example", "10.1.2.3"] == names_in(CERTIFICATE)


def test_no_names() -> None:
    """A certificate may name nobody."""
    assert [] == names_in({})


PATTERNS = {
    "none given": (None, True),
    "the same": (("CT-1",), True),
    "a pattern": (("*.hospital.example",), True),
    "an address": (("10.1.2.*",), True),
    "a second one": (("MR-1", "urn:ct:?"), True),
    "another": (("CT-2",), False),
    "a part": (("CT",), False),
    "another case": (("ct-1",), False),
    "nobody": ((), False),
}


@pytest.mark.parametrize(("patterns", "expected"), PATTERNS.values(), ids=PATTERNS)
def test_patterns(patterns: tuple[str, ...] | None, expected: bool) -> None:
    """One name that matches one pattern as a whole is enough."""
    assert expected is is_named(names_in(CERTIFICATE), patterns)


def test_nameless_peer() -> None:
    """A certificate without a name matches no pattern, not even that for anything."""
    assert not is_named([], ("*",))
