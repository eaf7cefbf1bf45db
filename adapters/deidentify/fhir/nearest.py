"""The patient of a resource that names none: that of the nearest resources to which it refers."""

from collections.abc import Iterable, Mapping, Sequence, Set

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.domains import Patient

Found = Patient | HeldBackError
"""A patient, or why nobody knows which one it is."""
NOBODY = "it names no patient, so that its dates belong to nobody"
SEVERAL = "it names several patients, so that its dates belong to none of them"
FARTHEST = 5
"""Most references that are followed from a resource to its patient."""


def nearest(named: Mapping[int, Sequence[Found]], links: Mapping[int, Set[int]]) -> Mapping[int, Sequence[Found]]:
    """Return the patients of every resource that leads to one; resources have numbers here.

    *named* are the patients of those that name some, *links* is to what the others refer. It goes in rounds, so that
    each reference is read a few times, however many resources lead through it: in a round a resource gets the patients
    of those to which it refers, if they have got theirs in the round before.
    """
    found, left = dict(named), dict(links)
    for _ in range(FARTHEST):
        reached = {
            each: _few(patient for target in targets for patient in found.get(target, ()))
            for each, targets in left.items()
            if any(target in found for target in targets)
        }
        if not reached:
            break
        found |= reached
        left = {each: targets for each, targets in left.items() if each not in reached}
    return found


def only(found: Iterable[Found]) -> Found:
    """Return the only patient, or why there is none."""
    first, *others = _few(found) or [HeldBackError(NOBODY)]
    return HeldBackError(SEVERAL) if others else first


def _few(found: Iterable[Found]) -> list[Found]:
    """Return the first problem, or else one patient, or two if there are several: that is all that counts."""
    patients: dict[Patient, None] = {}
    for each in found:
        if isinstance(each, HeldBackError):
            return [each]
        if len(patients) < 2:
            patients[each] = None
    return list(patients)
