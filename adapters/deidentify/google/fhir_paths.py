"""The paths of ``FieldMetadata``, and which fields of R4 each of them matches.

The rules are those of the discovery document, and, where that of v1 says less, of v1beta1's ``FieldMetadata.paths``: a
component is the name of a field or of its type (``Patient.address.city``, ``Patient.Address.String``); the first ones
may be left out (``Address.city``); a choice has two (``Deceased.Age.unit`` for ``deceasedAge.unit``); what is below a
HumanName may be left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from adapters.deidentify.fhir.structure import Element, elements_of, resources
from adapters.deidentify.google.config import Action, FieldMetadata

Names = frozenset[str]
Step = tuple[tuple[Names, ...], ...]
"""One level of a field: the ways in which a path may name it, each with the names of one component or of two."""
DEEPEST = 30
"""Most components of a path."""
MORE_NAMES = {
    "canonical": {"Uri"},
    "url": {"Uri"},
    "oid": {"Uri"},
    "uuid": {"Uri"},
    "String": {"Id"},
}
"""Other types by which a field of a type is matched; ``String`` is that of ``id`` in the table of R4."""
OF_CODES = {"gender": "AdministrativeGenderCode", "language": "LanguageCode"}


@dataclass(frozen=True, slots=True)
class FieldRules:
    """Which action a field gets: that of the first entry with a path that matches."""

    entries: tuple[tuple[Action, tuple[tuple[str, ...], ...]], ...]

    def action(self, steps: Sequence[Step], kinds: Sequence[str]) -> Action | None:
        """Return the action for the field at the end of *steps*, None if no path matches.

        *kinds* are the types of the levels. A path that matches what the field is in matches the field, if that is to
        be transformed, or a HumanName.
        """
        for action, paths in self.entries:
            is_strict = action in {"TRANSFORM", "INSPECT_AND_TRANSFORM"}
            for end in range(len(steps), 0, -1):
                is_named = end == len(steps) or is_strict or kinds[end - 1] == "HumanName"
                if is_named and any(_matches(path, steps[:end]) for path in paths):
                    return action
        return None


def rules_of(entries: Sequence[FieldMetadata]) -> FieldRules:
    """Return the rules; raises ValueError for a path that matches no field of R4, and an entry without a path."""
    made: list[tuple[Action, tuple[tuple[str, ...], ...]]] = []
    for number, each in enumerate(entries):
        place = f"fhir.fieldMetadataList[{number}].paths"
        if not each.paths:
            raise ValueError(f"{place}: names no field, so the entry does nothing; name one, or remove the entry")
        paths = tuple(tuple(path.split(".")) for path in each.paths)
        for index, path in enumerate(paths):
            if len(path) > DEEPEST or not _is_known(path):
                raise ValueError(
                    f"{place}[{index}]: matches no field of FHIR R4, so it would do nothing; write it as"
                    " Patient.address.city or Patient.Address.String"
                )
        made.append((each.action or "ACTION_UNSPECIFIED", paths))
    return FieldRules(tuple(made))


@cache
def step_of_resource(kind: str) -> Step:
    """Return the first level of a field: its resource."""
    return ((frozenset({kind}),),)


def step_of(element: Element) -> Step:
    """Return the level of an element."""
    written = element.path.rpartition(".")[2]
    types = frozenset({_upper(element.kind.rpartition(".")[2]), *MORE_NAMES.get(element.kind, ())})
    if element.kind == "code" and written in OF_CODES:
        types |= {OF_CODES[written]}
    if not written.endswith("[x]"):
        return ((types | {element.name},),)
    base = written.removesuffix("[x]")
    named = frozenset({base, _upper(base)})
    return ((named, types | {element.name.removeprefix(base), element.kind}), (frozenset({element.name}),))


def _matches(path: Sequence[str], steps: Sequence[Step]) -> bool:
    """Whether the components are the names of the last steps."""
    if not path:
        return True
    if not steps:
        return False
    for way in steps[-1]:
        size = min(len(way), len(path))
        # A path may begin between the two components of a choice.
        if all(name in names for name, names in zip(path[-size:], way[-size:], strict=True)) and _matches(
            path[: len(path) - size], steps[:-1]
        ):
            return True
    return False


def _is_known(path: Sequence[str]) -> bool:
    """Whether some field of R4 has such a path."""
    if path[0] in resources() and _leads_on(path[1:], path[0]):
        return True
    return any(
        _leads_on(rest, element.kind) for kind in _kinds() for element, rest in _begun(path, kind, is_partial=True)
    )


def _leads_on(path: Sequence[str], kind: str) -> bool:
    return not path or any(_leads_on(rest, element.kind) for element, rest in _begun(path, kind, is_partial=False))


def _begun(path: Sequence[str], kind: str, *, is_partial: bool) -> Iterator[tuple[Element, Sequence[str]]]:
    """Yield the elements of a type that the first components name, with the components behind them."""
    for element, step in _steps(kind):
        for way in step:
            ways = [way, way[1:]] if is_partial and len(way) > 1 else [way]
            for each in ways:
                if len(each) <= len(path) and all(
                    name in names for name, names in zip(path[: len(each)], each, strict=True)
                ):
                    yield element, path[len(each) :]


@cache
def _steps(kind: str) -> tuple[tuple[Element, Step], ...]:
    return tuple((each, step_of(each)) for each in (elements_of(kind) or {}).values())


@cache
def _kinds() -> tuple[str, ...]:
    """Return the types that a resource has in it, at any depth."""
    found = dict.fromkeys(resources())
    waiting = list(found)
    while waiting:
        for element in (elements_of(waiting.pop()) or {}).values():
            if element.kind not in found and elements_of(element.kind) is not None:
                found[element.kind] = None
                waiting.append(element.kind)
    return tuple(found)


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]
