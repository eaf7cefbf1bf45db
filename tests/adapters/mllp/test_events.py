"""What the events of a framer say, and what they keep to themselves."""

import pytest

from adapters.mllp.events import BegunAgain, Broken, Fault, OctetClass, class_of

CLASSES = {
    0x00: OctetClass.CONTROL,
    0x1F: OctetClass.CONTROL,
    0x20: OctetClass.PUNCTUATION,
    0x30: OctetClass.DIGIT,
    0x41: OctetClass.LETTER,
    0x7A: OctetClass.LETTER,
    0x7E: OctetClass.PUNCTUATION,
    0x7F: OctetClass.CONTROL,
    0x80: OctetClass.NOT_ASCII,
    0xFF: OctetClass.NOT_ASCII,
}


@pytest.mark.parametrize(("octet", "kind"), CLASSES.items())
def test_class(octet: int, kind: OctetClass) -> None:
    """Of an octet no more is told than its kind."""
    assert kind is class_of(octet)


@pytest.mark.parametrize("event", [BegunAgain(6, 1, b"SECRET"), Broken(Fault.TOO_LARGE, 1, beginning=b"SECRET")])
def test_beginning_is_for_the_answer_alone(event: BegunAgain | Broken) -> None:
    """What is kept of a block shows in no text that is made of its event."""
    assert "SECRET" not in f"{event!r} {event}"
