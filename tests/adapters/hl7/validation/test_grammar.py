"""Segments against a structure."""

import pytest

from adapters.hl7.validation.grammar import Grammar, Read

ONE, MAYBE, SOME, ANY, NONE = (1, 1), (0, 1), (1, -1), (0, -1), (0, 0)


def segment(name: str, often: tuple[int, int]) -> tuple[object, ...]:
    """Return a segment as a child; its definition is a word for it."""
    return (name, ("sequence", name.lower()), often, "SEG")


def group(often: tuple[int, int], *children: tuple[object, ...], kind: str = "sequence") -> tuple[object, ...]:
    """Return a group as a child."""
    return ("GROUP", (kind, children), often, "GRP")


ORU = Grammar(
    (
        "sequence",
        (
            segment("MSH", ONE),
            group(MAYBE, segment("PID", ONE), segment("NTE", ANY), group(MAYBE, segment("PV1", ONE))),
            group(
                SOME, segment("ORC", MAYBE), segment("OBR", ONE), segment("NTE", ANY), group(ANY, segment("OBX", ONE))
            ),
            segment("FT1", NONE),
            segment("DSC", MAYBE),
        ),
    )
)
CHOICE = Grammar(
    ("sequence", (segment("ORC", ONE), group(ONE, segment("OBR", ONE), segment("RXO", ONE), kind="choice")))
)
OPEN = Grammar(("sequence", (segment("MFE", ONE), ("ANYHL7SEGMENT", ("sequence", None), ONE, "SEG"))))


def told(grammar: Grammar, names: str) -> list[str]:
    """Return what is wrong: ``-X`` is missing, ``+X`` does not belong there."""
    found, words = [], names.split()
    for read in grammar.read(words):
        found += [f"-{name}" for name in read.missing]
        if read.index is not None and read.definition is None:
            found.append(f"+{words[read.index]}")
    return found


CASES = {
    "the least": (ORU, "MSH OBR", ""),
    "everything": (ORU, "MSH PID NTE NTE PV1 ORC OBR NTE OBX OBX OBR OBX ORC OBR DSC", ""),
    "missing at the end": (ORU, "MSH PID", "-OBR"),
    "missing in the middle": (ORU, "MSH PID OBX", "-OBR"),
    "missing in the second group": (ORU, "MSH OBR OBX ORC OBX", "-OBR"),
    "nothing at all": (ORU, "", "-MSH -OBR"),
    "once too often": (ORU, "MSH PID PID OBR", "+PID"),
    "too late": (ORU, "MSH OBR PV1", "+PV1"),
    "too early": (ORU, "MSH OBX PID OBR", "+OBX"),
    "not of this structure": (ORU, "MSH AL1 OBR", "+AL1"),
    "excluded": (ORU, "MSH OBR FT1", "+FT1"),
    "one of a choice": (CHOICE, "ORC RXO", ""),
    "both of a choice": (CHOICE, "ORC OBR RXO", "+RXO"),
    "none of a choice": (CHOICE, "ORC", "-OBR"),
    "any segment": (OPEN, "MFE STF", ""),
}


@pytest.mark.parametrize(("grammar", "names", "expected"), CASES.values(), ids=CASES)
def test_reading(grammar: Grammar, names: str, expected: str) -> None:
    """Missing and misplaced segments are reported, and the rest is read."""
    assert expected.split() == told(grammar, names)


def test_definitions() -> None:
    """Each segment comes with the definition that it has at its place."""
    assert [Read(0, (), ("sequence", "msh")), Read(1, (), ("sequence", "obr")), Read(None)] == list(
        ORU.read(["MSH", "OBR"])
    )


def test_long_messages() -> None:
    """The time for a message is proportional to the number of its segments, even if it has mistakes."""
    assert ["+AL1"] * 5_000 == told(ORU, "MSH OBR " + "OBX AL1 " * 5_000)
