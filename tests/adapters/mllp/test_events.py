"""What the events of a framer reveal of the octets, and what not."""

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
    """An event reveals only the kind of an octet."""
    assert kind is class_of(octet)


@pytest.mark.parametrize("event", [BegunAgain(6, 1, b"SECRET"), Broken(Fault.TOO_LARGE, 1, beginning=b"SECRET")])
def test_beginning_is_for_the_answer_alone(event: BegunAgain | Broken) -> None:
    """The octets that an event keeps appear in no text made of the event."""
    assert "SECRET" not in f"{event!r} {event}"
