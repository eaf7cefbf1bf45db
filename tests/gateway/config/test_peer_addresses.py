"""Addresses and networks as patterns of ``peer_ip``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.peer_addresses import FORMS, address_problem, is_covered, is_match, may_meet, within

MATCHES: dict[str, tuple[str, str, bool]] = {
    "an address": ("10.0.0.5", "10.0.0.5", True),
    "another address": ("10.0.0.5", "10.0.0.50", False),
    "within a network": ("10.0.0.0/8", "10.255.0.1", True),
    "outside of a network": ("10.0.0.0/8", "11.0.0.1", False),
    "IPv6": ("2001:db8::/32", "2001:db8:1::1", True),
    "IPv6 written otherwise": ("2001:DB8:0:0::1", "2001:db8::1", True),
    "another version": ("0.0.0.0/0", "2001:db8::1", False),
    "a mapped peer": ("10.0.0.0/8", "::ffff:10.0.0.5", True),
    "a mapped peer by its text": ("10.*", "::ffff:10.0.0.5", True),
    "a mapped pattern": ("::ffff:10.0.0.5", "10.0.0.5", True),
    "a mapped network": ("::ffff:10.0.0.0/104", "10.0.0.5", True),
    "a link-local peer": ("fe80::/10", "fe80::1%eth0", True),
    "a link-local address": ("fe80::1", "fe80::1%eth0", True),
    "a text": ("10.1*", "10.11.0.1", True),
    "everything": ("*", "2001:db8::1", True),
    "no address": ("10.0.0.0/8", "unix", False),
    "everything, and no address": ("*", "unix", True),
}


@pytest.mark.parametrize(("pattern", "address", "expected"), MATCHES.values(), ids=MATCHES)
def test_is_match(pattern: str, address: str, expected: bool) -> None:
    """A pattern is an address, a network or a text with ``*``."""
    assert expected == is_match(pattern, address)


COVERS: dict[str, tuple[str, list[str], bool]] = {
    "an address in a network": ("10.0.0.5", ["10.0.0.0/8"], True),
    "a network in a wider one": ("10.1.0.0/16", ["10.0.0.0/8"], True),
    "a network in a narrower one": ("10.0.0.0/8", ["10.1.0.0/16"], False),
    "both halves": ("10.0.0.0/8", ["10.128.0.0/9", "10.0.0.0/9"], True),
    "one half": ("10.0.0.0/8", ["10.128.0.0/9"], False),
    "IPv6": ("2001:db8:1::/48", ["2001:db8::/32"], True),
    "mapped": ("::ffff:10.0.0.5", ["10.0.0.0/8"], True),
    "in everything": ("2001:db8::/32", ["*"], True),
    "everything of IPv4 only": ("*", ["0.0.0.0/0"], False),
    "everything": ("*", ["0.0.0.0/0", "::/0"], True),
    "a text in everything": ("*:1", ["0.0.0.0/0", "::/0"], True),
    "a beginning is a network": ("10.1.*", ["10.0.0.0/8"], True),
    "a network is a beginning": ("10.1.0.0/16", ["10.1.*"], True),
    "a beginning that is no network": ("10.1*", ["10.1.0.0/16"], False),
    "a network in such a beginning": ("10.16.0.0/12", ["10.1*", "10.2*", "10.3*"], True),
    "a network that is not": ("10.16.0.0/12", ["10.1*", "10.2*"], False),
    "a text in a text": ("10.11*", ["10.1*"], True),
    "an address in a text": ("2001:db8::1", ["2001:db8:*"], True),
}


@pytest.mark.parametrize(("pattern", "others", "expected"), COVERS.values(), ids=COVERS)
def test_cover(pattern: str, others: list[str], expected: bool) -> None:
    """A pattern is covered where each of its addresses matches another one."""
    assert expected == is_covered(pattern, others)


OCTET = st.sampled_from(["0", "1", "10", "11", "128", "255"])
ADDRESS = st.tuples(OCTET, OCTET, OCTET, OCTET).map(".".join)
NETWORK = st.builds(
    lambda octet, bits: f"{int(octet) >> (8 - bits) << (8 - bits)}.0.0.0/{bits}", OCTET, st.integers(1, 8)
)
PATTERN = st.one_of(ADDRESS, NETWORK, st.text("1.*0", min_size=1, max_size=4).map(lambda text: f"{text}*"))


@given(PATTERN, st.lists(PATTERN, max_size=3), ADDRESS)
def test_cover_is_never_claimed_in_vain(pattern: str, others: list[str], address: str) -> None:
    """No address matches a pattern that is covered, and none of those that cover it."""
    if is_covered(pattern, others) and is_match(pattern, address):
        assert any(is_match(each, address) for each in others)


MEETINGS = [
    ("10.0.0.0/8", "10.1.0.0/16", True),
    ("10.0.0.0/8", "11.0.0.1", False),
    ("10.*", "10.1.0.0/16", True),
    ("10.*", "11.*", False),
    ("*", "2001:db8::1", True),
    ("0.0.0.0/0", "2001:db8::1", False),
    ("*5", "11.0.0.1", True),
]
"""Two patterns, and whether there may be an address that both match."""


@pytest.mark.parametrize(("pattern", "other", "expected"), MEETINGS)
def test_may_meet(pattern: str, other: str, expected: bool) -> None:
    """Networks that have no address in common are told apart; of other texts it is not known."""
    assert expected == may_meet(pattern, other) == may_meet(other, pattern)


WITHIN: dict[str, tuple[list[str], list[str], list[str]]] = {
    "a narrower network": (["10.1.*"], ["10.0.0.0/8"], ["10.1.0.0/16"]),
    "a wider network": (["10.0.0.0/8"], ["10.1.0.0/16", "10.2.0.0/16"], ["10.1.0.0/16", "10.2.0.0/16"]),
    "another network": (["11.0.0.0/8", "10.0.0.5"], ["10.0.0.0/8"], ["10.0.0.5/32"]),
    "everything": (["*"], ["10.0.0.0/8", "fe80::/10"], ["10.0.0.0/8", "fe80::/10"]),
    "a text": (["*5"], ["10.0.0.0/8"], ["*5"]),
}


@pytest.mark.parametrize(("wanted", "allowed", "expected"), WITHIN.values(), ids=WITHIN)
def test_within(wanted: list[str], allowed: list[str], expected: list[str]) -> None:
    """What is wanted is narrowed to what is allowed."""
    assert expected == within(wanted, allowed)


PROBLEMS: dict[str, tuple[str, str | None]] = {
    "an address": ("10.0.0.5", None),
    "a network": ("2001:db8::/32", None),
    "a text": ("10.*", None),
    "host bits": ("10.0.0.5/8", "'10.0.0.5/8' is an address within a network; write 10.0.0.0/8 for the network"),
    "a name": ("pacs.example", f"'pacs.example' is neither an address nor a network; {FORMS}"),
    "a name with a star": ("pacs*", f"'pacs*' matches no address; {FORMS}"),
    "a network with a star": ("10.0.*/16", f"'10.0.*/16' matches no address; {FORMS}"),
    "upper case": ("2001:DB8:*", "'2001:DB8:*' matches no address; write 2001:db8:*"),
    "mapped": ("::ffff:10.*", "'::ffff:10.*' matches no address; write 10.*"),
    "the end of addresses": ("*5", None),
    "the middle": ("*.255.*", None),
    "groups": ("*:dead:*", None),
    "a group or an octet": ("300*", None),
    **{
        f"no address has it: {each}": (each, f"{each!r} matches no address; {FORMS}")
        for each in ("300.*", "10.256.*", "*.1000", "10..*", ".*", "010.*", "1.2.3.4.*", "a.*", "fe80:12345:*", ":::*")
    },
    "empty": ("", f"'' is neither an address nor a network; {FORMS}"),
}


@pytest.mark.parametrize(("pattern", "expected"), PROBLEMS.values(), ids=PROBLEMS)
def test_problem(pattern: str, expected: str | None) -> None:
    """What matches no address is told with the mend."""
    assert expected == address_problem(pattern)


@given(st.text("012569.*:af", min_size=1, max_size=6), st.one_of(ADDRESS, st.ip_addresses(v=6).map(str)))
def test_no_address_matches_a_problem(pattern: str, address: str) -> None:
    """A pattern that is refused because it matches no address matches none."""
    if "*" in pattern and address_problem(pattern) is not None:
        assert not is_match(pattern, address)
