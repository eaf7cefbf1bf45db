"""Each place where an identifier can hide, one by one: what is planted there is gone, as the table of places says."""

from collections.abc import Iterator
from datetime import date

import pytest

from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.made import deidentified, pixels_of, tree_of
from tests.adapters.deidentify.judge.places.every import GROUPS, PLACES
from tests.adapters.deidentify.judge.places.octets import BITS
from tests.adapters.deidentify.judge.places.place import STUDY_UID, After, Place, elements_at
from tests.adapters.deidentify.judge.planting import ENCODINGS
from tests.adapters.deidentify.judge.scanner import Answers, Scanner
from tests.adapters.deidentify.judge.test_planted import MOST

WHO = Answers(
    {"Musterfrau^Erika"}, {"MRN7423501", "ACC4711X"}, {date(1954, 3, 7), date(2020, 5, 5)}, {STUDY_UID, "1.3.46.1"}
)
SCANNER = Scanner(WHO)
DEFAULT = ("retain_longitudinal_modified_dates",)
FOREIGN = b"WOLKENSTEIN"
PLANTED = {
    "text": ("Musterfrau", "Erika Musterfrau", "MRN7423501", "ACC4711X", "19540307", "5 May 2020", STUDY_UID),
    "word": ("MUSTERFRAU", "MRN7423501", "ACC4711X", "19540307"),
    "name": ("Musterfrau^Erika", "MUSTERFRAU^E", "Erika^Musterfrau"),
    "date": ("19540307", "20200505"),
    "uid": (STUDY_UID, "1.2.840.113619.19540307.4", "1.3.46.7423501"),
}
FOREIGN_BY_KIND = {"uid": b"1.3.46.99.88.77.66", "date": b"20110213", "name": b"Wolkenstein^Oswald"}


def planted(place: Place) -> Iterator[bytes]:
    """Yield what is planted: each identifier as it is, and one of them in each encoding."""
    texts = PLANTED[place.takes]
    yield from (text.encode() for text in texts)
    if place.takes == "text":
        for number, encode in enumerate(ENCODINGS.values()):
            yield encode(texts[(number + len(place.name)) % len(texts)]).encode("latin-1")


def result(place: Place, octets: bytes, options: tuple[str, ...] = DEFAULT) -> bytes | None:
    """Return the de-identified file, None if it is held back."""
    try:
        return deidentified(place.make(octets), options=tuple(dict.fromkeys((*options, *place.options))))
    except HeldBackError:
        return None


@pytest.mark.parametrize("name", PLACES)
def test_no_leak(name: str) -> None:
    """Whatever is planted, by the profile alone and with the options that keep most: it is in no octet afterwards."""
    place = PLACES[name]
    for octets in planted(place):
        for options in ((), DEFAULT, MOST):
            out = result(place, octets, options)
            assert out is None or not SCANNER.leaks(out), (octets, options)


@pytest.mark.parametrize("name", PLACES)
def test_afterwards(name: str) -> None:
    """The place is as the table says: with the object's own name in it, and with another one."""
    place = PLACES[name]
    own = {"uid": STUDY_UID.encode(), "date": b"19540307", "name": b"Musterfrau^Erika"}.get(place.takes, b"MUSTERFRAU")
    foreign = FOREIGN_BY_KIND.get(place.takes, FOREIGN)
    outs = result(place, own), result(place, foreign)
    if place.after is After.HELD_BACK:
        assert outs == (None, None)
        return
    assert (outs[0] is None) == (place.after is After.HELD_BACK_IF_OWN)
    assert outs[1] is not None
    assert (foreign in outs[1]) == (place.after in {After.CLEANED, After.HELD_BACK_IF_OWN})
    if place.path:
        for out, text in zip(outs, (own, foreign), strict=True):
            if out is None:
                continue
            found = [each.value for each in elements_at(list(tree_of(out).values()), place.path)]
            assert is_as_said(place.after, found, text)


def is_as_said(after: After, found: list[bytes], planted_there: bytes) -> bool:
    """Whether the values *found* in the place are what is to be there."""
    if after is After.REMOVED:
        return not found
    if after is After.EMPTIED:
        return found == [b""]
    if after is After.REPLACED:
        return len(found) == 1 and found[0].strip(b" ") not in {b"", planted_there}
    return planted_there in {FOREIGN, *FOREIGN_BY_KIND.values()} or planted_there not in b"".join(found)


def test_bits_of_the_pixels() -> None:
    """What the scanner cannot see: the bits of the overlay are cleared, those of the image are not."""
    out = result(PLACES[BITS], b"MUSTERFRAU")
    assert out is not None
    pixels = pixels_of(out)
    assert {each & 0xF0 for each in pixels[1::2]} == {0}
    assert pixels[:20:2] == b"\7" * 10


def test_there_are_enough() -> None:
    """No place is lost: names are different, and there are 72 and more."""
    assert len(PLACES) == sum(map(len, GROUPS.values()))
    assert len(PLACES) >= 72


def planted_by_place(place: Place) -> bool:
    """Whether the file has the text once more than the same file without it."""
    text = PLANTED[place.takes][0].encode()
    return len(place.make(text).split(text)) > len(place.make(b"").split(text))


def test_it_is_planted() -> None:
    """What is planted is in the file that is judged, octet for octet, in each place but one."""
    unseen = {each.name for each in PLACES.values() if not planted_by_place(each)}
    assert unseen == {BITS}
