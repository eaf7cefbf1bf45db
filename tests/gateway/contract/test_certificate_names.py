"""The names allowed in ``client_names``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract import certificate_names as names
from gateway.contract.certificate_names import OTHER_KINDS, as_dns_name, as_other_name, is_match, read_name

GOOD = {
    "ct-1": "ct-1",
    "CT_1.Ward.Example": "ct_1.ward.example",
    "*.Ward.Example": "*.ward.example",
    "email:CT@Ward.Example": "email:CT@ward.example",
    "uri:HTTPS://Me@Ward.Example:443/CT#A": "uri:https://Me@ward.example:443/CT#A",
    "uri:https://ward.example#A": "uri:https://ward.example#A",
    "uri:urn:CT:1": "uri:urn:CT:1",
    "ip:10.1.2.3": "ip:10.1.2.3/32",
    "ip:FD00:0::/64": "ip:fd00::/64",
    "cn:CT [1] Grün": "cn:CT [1] Grün",
}


@pytest.mark.parametrize(("text", "expected"), GOOD.items(), ids=GOOD)
def test_good(text: str, expected: str) -> None:
    """A name is converted to its canonical form, which is a valid name itself."""
    assert expected == read_name(text) == read_name(read_name(text))


BAD = {
    "*": names.ANYBODY,
    "*ward*": names.ONE_LABEL,
    "ct-*": names.ONE_LABEL,
    "ct-?": names.ONE_LABEL,
    "ct-[12]": names.ONE_LABEL,
    "ct.*.example": names.ONE_LABEL,
    "*.*.example": names.ONE_LABEL,
    "**.example": names.ONE_LABEL,
    "*.": names.ONE_LABEL,
    "10.1.2.*": names.ADDRESSES,
    "10.1.2.?": names.ADDRESSES,
    "ip:10.1.2.*": names.ADDRESSES,
    "10.1.2.3": names.AN_ADDRESS,
    "fd00::1": names.AN_ADDRESS,
    "ct@ward.example": names.A_MAILBOX,
    "*@ward.example": names.A_MAILBOX,
    "urn:ct:1": names.A_URI,
    "urn:ct:?": names.A_URI,
    "dns:ct-1": names.A_URI,
    "bücher.example": names.NOT_ASCII,
    "\u212at1": names.NOT_ASCII,
    "": names.NO_DNS_NAME,
    "CT 1": names.NO_DNS_NAME,
    "ct-1.": names.NO_DNS_NAME,
    "ct-1\n": names.NO_DNS_NAME,
    "-ct": names.NO_DNS_NAME,
    "a" * 64: names.NO_DNS_NAME,
    "cn: CT 1": f"matches no name; {names.A_SPACE}",
    "ip: 10.1.2.3": f"matches no name; {names.A_SPACE}",
    "cn:CT-*": names.WITHOUT_STAR,
    "email:*@ward.example": names.WITHOUT_STAR,
    "email:ward.example": names.WRONG["email"],
    "uri:ward.example": names.WRONG["uri"],
    "ip:10.1.2.3/24": names.WRONG["ip"],
    "ip:": names.WRONG["ip"],
    "cn:": names.WRONG["cn"],
    "cn:CT\0": names.WRONG["cn"],
}


@pytest.mark.parametrize(("text", "reason"), BAD.items(), ids=map(repr, BAD))
def test_bad(text: str, reason: str) -> None:
    """Patterns of earlier versions and names that match nothing are refused; the error says what to write instead."""
    with pytest.raises(ValueError, match="; ") as caught:
        read_name(text)
    assert f"{text!r} {reason}" == str(caught.value)


@given(st.sampled_from(["", *(f"{each}:" for each in OTHER_KINDS)]), st.text(max_size=40))
def test_anything(kind: str, text: str) -> None:
    """Any text is refused, or its canonical form is read as the same name."""
    try:
        read = read_name(kind + text)
    except ValueError:
        return
    assert read == read_name(read)


@given(st.sampled_from([*OTHER_KINDS]), st.text(max_size=40), st.text(alphabet="a1.-_*@:/", max_size=12))
def test_kinds_stay_apart(kind: str, value: str, more: str) -> None:
    """No name of another kind is taken for a DNS name, whatever it holds."""
    for each in (value, more, f"a.ward.example{more}", f"{more}.ward.example"):
        name = as_other_name(kind, each)
        assert name is None or not (is_match("*.ward.example", name) or is_match("a.ward.example", name))
        dns = as_dns_name(each)
        assert dns is None or ":" not in dns
