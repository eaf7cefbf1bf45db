"""What the status says of a subject: the same sentences as on the first screen."""

from collections.abc import Iterator, Sequence

from gateway.contract.explained import Part, part
from gateway.contract.observed import Case


def of_subject(cases: Sequence[Case], kind: str, name: str) -> list[Case]:
    """Return the cases of a peer or destination."""
    return [each for each in cases if each["subject_kind"] == kind and each["subject"] == name]


def parts_of(cases: Sequence[Case]) -> Iterator[Part]:
    """Yield each case as a part."""
    for each in cases:
        proof = f"({each['proof']})" if each["proof"] else ""
        side = "here" if each["side"] == "here" else f"the {each['side']}'s side"
        title = f"{each['title'].rstrip('.')} ({side})."
        yield part(title, each["why"], proof, each["effect"])


def mends_of(cases: Sequence[Case]) -> list[str]:
    """Return what to do, and whom to call."""
    found = []
    for each in cases:
        call = f"Call {each['contact'].rstrip('.')}. " if each["contact"] else ""
        found.append(f"{call}{each['now']}")
    return found
