"""A message on its way to a receiver."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mllp.client.outgoing import NO_CONTROL_ID, NO_HEADER, NOT_FOR_MLLP, Outgoing, Preparation
from gateway.contract.outcome import Refused
from tests.adapters.hl7.blocks import blocks


def hl7(control_id: str = "C1", asked: str = "", rest: str = "PID|1\r") -> bytes:
    """Return a message with MSH-15 and MSH-16 as in *asked*."""
    return f"MSH|^~\\&|A|B|C|D|||ADT^A01|{control_id}|P|2.5||{asked}\r{rest}".encode()


def prepared(data: bytes, *, queued: bool = True, preparation: Preparation | None = None) -> Outgoing:
    """Return what is sent."""
    outgoing = (preparation or Preparation()).prepare(data, queued=queued, new_id="NEW")
    assert isinstance(outgoing, Outgoing)
    return outgoing


@pytest.mark.parametrize("queued", [True, False])
@pytest.mark.parametrize("data", [hl7(), hl7(asked="|AL|NE"), b"\r\n" + hl7(), hl7().replace(b"\r", b"\n")])
def test_untouched(data: bytes, queued: bool) -> None:
    """A message that asks for an answer is sent octet for octet."""
    assert (data, b"C1") == (prepared(data, queued=queued).payload, prepared(data, queued=queued).control_id)


@pytest.mark.parametrize("asked", ["|NE|NE", "|ER|NE", "|NE|SU", "|NE|", "||NE"])
def test_asks(asked: str) -> None:
    """A queued message that nothing would confirm is sent in original mode; only MSH-15 and MSH-16 change."""
    sent = prepared(hl7(asked=asked))
    assert (hl7(asked="||"), False) == (sent.payload, sent.is_unanswered)


def test_relayed_as_it_is() -> None:
    """In relay mode nothing is changed, and no answer is waited for."""
    sent = prepared(hl7(asked="|NE|NE"), queued=False)
    assert (hl7(asked="|NE|NE"), True) == (sent.payload, sent.is_unanswered)


def test_asks_not() -> None:
    """A destination may leave such a message as it is."""
    sent = prepared(hl7(asked="|NE|NE"), preparation=Preparation(asks=False))
    assert (hl7(asked="|NE|NE"), True) == (sent.payload, sent.is_unanswered)


WANTED: dict[tuple[str, bool], tuple[bool, bool, bool]] = {
    ("|AL|AL", False): (True, True, False),
    ("|AL|AL", True): (False, True, False),
    ("|AL|NE", False): (False, False, False),
    ("|NE|AL", False): (True, True, False),
    ("|NE|SU", False): (True, True, False),
    ("|AL|ER", False): (True, True, True),
    ("|AL|ER", True): (False, True, True),
    ("", False): (False, False, False),
}
"""MSH-15, MSH-16 and whether queued: whether both answers are wanted, an application's is due, and only errors are."""


@pytest.mark.parametrize(("case", "expected"), WANTED.items())
def test_wants_both(case: tuple[str, bool], expected: tuple[bool, bool, bool]) -> None:
    """In relay mode the application acknowledgement is wanted wherever the sender asks for it."""
    asked, queued = case
    sent = prepared(hl7(asked=asked), queued=queued)
    assert expected == (sent.wants_both, sent.asks_application, sent.only_errors)


def test_new_control_id() -> None:
    """A queued message without a control ID is given one; a short header is filled up."""
    assert hl7("NEW") == prepared(hl7("")).payload
    assert b"MSH|^~\\&|A|B|C|D|||ADT|NEW\rPID|1\r" == prepared(b"MSH|^~\\&|A|B|C|D|||ADT\rPID|1\r").payload


REFUSED: dict[str, tuple[bytes, Refused]] = {
    "no control ID": (hl7(""), NO_CONTROL_ID),
    "no header": (b"PID|1\r", NO_HEADER),
    "0B": (hl7(rest="NTE|\x0b\r"), NOT_FOR_MLLP),
    "1C": (hl7(rest="NTE|\x1c\r"), NOT_FOR_MLLP),
}


@pytest.mark.parametrize(("data", "refused"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, refused: Refused) -> None:
    """What could not be matched with an answer, or not be framed, is not sent."""
    assert refused == Preparation().prepare(data, queued=False, new_id="NEW")


def test_header_that_cannot_be_changed() -> None:
    """A header whose fields cannot be joined again is not changed."""
    data = "MSH|^~\\&|\u8868|B|C|D|||ADT||P|2.5||||||ISO IR87~|".encode("iso2022_jp")
    result = Preparation().prepare(data, queued=True, new_id="NEW")
    assert isinstance(result, Refused) or b"NEW" in result.payload


def test_cut() -> None:
    """Where a receiver may cut control IDs, the first 20 characters count."""
    sent = prepared(hl7("A" * 25), preparation=Preparation(cuts_ids=True))
    assert (b"A" * 20, b"A" * 25) == (sent.control_id, sent.whole_id)


@settings(max_examples=1000)
@given(blocks(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([b"", b"", b"\x0b", b"\x1c"]))
def test_same_as_the_general_way(data: bytes, queued: bool, cuts_ids: bool, asks: bool, end: bytes) -> None:
    """A message that is prepared in a few calls is prepared as any message is."""
    preparation = Preparation(cuts_ids, asks)
    expected = preparation.prepare_any(data + end, queued=queued, new_id="NEW")
    assert expected == preparation.prepare(data + end, queued=queued, new_id="NEW")
