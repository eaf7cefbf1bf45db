"""Whose resource it is: the patient by whom its dates are moved."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.identifiers import Identifiers, type_code
from adapters.deidentify.fhir.links import RESOURCE
from adapters.deidentify.fhir.nearest import NOBODY, Found, nearest, only
from adapters.deidentify.fhir.reading import Json
from adapters.deidentify.fhir.structure import is_resource
from adapters.deidentify.fhir.tree import objects_in, objects_of, text_of
from adapters.deidentify.pseudonyms.domains import Patient

SUBJECTS = ("subject", "patient", "beneficiary", "for", "individual")
"""Elements that name a resource's own patient, where it names others, too."""
REFERENCE = frozenset({"reference", "identifier", "type"})


def resources_in(root: Json) -> Iterator[tuple[Json, str]]:
    """Yield the resource and those of its entries, each with its ``fullUrl``; no contained ones."""
    waiting = deque([(root, "")])
    while waiting:
        resource, url = waiting.popleft()
        yield resource, url
        if text_of(resource, "resourceType") == "Bundle":
            for entry in objects_of(resource.get("entry")):
                waiting += [(each, text_of(entry, "fullUrl")) for each in objects_of(entry.get("resource"))]


class People:
    """The patients of one resource or bundle."""

    def __init__(self, root: Json, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._by_url: dict[str, Json] = {}
        self._own: dict[int, Found] = {}
        self._found: dict[int, Found] = {}
        self._names: dict[int, list[Found]] = {}
        self._contained: dict[int, dict[str, Json]] = {}
        self._nearest: Mapping[int, Sequence[Found]] | None = None
        everybody: list[Found] = []
        self._root = root
        self._all = [resource for resource, _ in resources_in(root)]
        for resource, url in resources_in(root):
            kind, identity = text_of(resource, "resourceType"), text_of(resource, "id")
            for name in (url, f"{kind}/{identity}" if identity else ""):
                if name:
                    self._by_url.setdefault(name, resource)
        for resource in self._all:
            if text_of(resource, "resourceType") == "Patient":
                everybody.append(self._patient(resource))
            elif text_of(resource, "resourceType") != "Bundle":
                everybody += self._named(resource)
        self._of_all = only(everybody)

    def of(self, resource: Json) -> Found:
        """Return the patient of a resource or an entry's resource, or why it has none."""
        if id(resource) not in self._found:
            self._found[id(resource)] = self._of(resource)
        return self._found[id(resource)]

    def _of(self, resource: Json) -> Found:
        kind = text_of(resource, "resourceType")
        if kind == "Patient":
            return self._patient(resource)
        if kind != "Bundle":
            subjects = [each for name in SUBJECTS for each in objects_of(resource.get(name))]
            for named in (self._of_references(subjects, resource), self._named(resource), self._reached(resource)):
                if named:
                    return only(named)
        return self._of_all

    def _named(self, resource: Json) -> list[Found]:
        """Return the patients to whom a resource refers, and those whom it contains."""
        if (known := self._names.get(id(resource))) is not None:
            return known
        found = self._of_references(objects_in(resource), resource)
        found = self._names[id(resource)] = found + [
            self._patient(each)
            for each in objects_of(resource.get("contained"))
            if text_of(each, "resourceType") == "Patient"
        ]
        return found

    def _reached(self, resource: Json) -> Sequence[Found]:
        """Return the patients of the nearest resources to which it refers."""
        if self._nearest is None:
            entries = [each for each in self._all if text_of(each, "resourceType") != "Bundle"]
            named = {id(each): found for each in entries if (found := self._named(each))}
            links = {id(each): self._targets(each) for each in entries if id(each) not in named}
            self._nearest = nearest(named, links)
        return self._nearest.get(id(resource), ())

    def _targets(self, resource: Json) -> set[int]:
        """Return the resources of the bundle to which one refers."""
        urls = {text_of(each, "reference") for each in objects_in(resource)}
        return {id(self._by_url[url]) for url in urls if url in self._by_url}

    def _of_references(self, references: Iterator[Json] | list[Json], resource: Json) -> list[Found]:
        return [found for each in references if (found := self._referred(each, resource)) is not None]

    def _referred(self, reference: Json, resource: Json) -> Found | None:
        """Return the patient to whom a reference points; None if it points to something else."""
        if not REFERENCE.intersection(reference):
            return None
        target = self._target(text_of(reference, "reference"), resource)
        if target is not None and text_of(target, "resourceType") == "Patient":
            return self._patient(target)
        is_patient = _points_to_patient(reference)
        try:
            found = self._elsewhere(reference, is_patient=is_patient)
        except HeldBackError as error:
            return error if target is None and is_patient else None
        return found or (HeldBackError(NOBODY) if is_patient and target is None else None)

    def _elsewhere(self, reference: Json, *, is_patient: bool) -> Patient | None:
        """Return the patient to whom a reference points that is not here; raises HeldBackError if it is unknown."""
        text = text_of(reference, "reference")
        if (searched := self._identifiers.searched(text)) and searched[0] == "Patient":
            return self._identifiers.known_patient(*searched, "")
        named = reference.get("identifier")
        if isinstance(named, dict) and ("reference" in reference or "type" in reference or type_code(named)):
            system, value = text_of(named, "system"), text_of(named, "value")
            found = self._identifiers.known_patient("Patient" if is_patient else "", system, value, type_code(named))
            if found is not None:
                return found
        link = RESOURCE.match(text)
        return self._identifiers.patient_of_server(link[3]) if link and link[2] == "Patient" else None

    def _target(self, text: str, resource: Json) -> Json | None:
        if text.startswith("#"):
            return self._contained_in(resource).get(text[1:])
        if (found := self._by_url.get(text)) is not None:
            return found
        link = RESOURCE.match(text)
        return self._by_url.get(f"{link[2]}/{link[3]}") if link and is_resource(link[2]) else None

    def _contained_in(self, resource: Json) -> dict[str, Json]:
        """Return the contained resources by their ids; of two with the same, the first."""
        if (known := self._contained.get(id(resource))) is None:
            contained = objects_of(resource.get("contained"))
            known = self._contained[id(resource)] = {text_of(each, "id"): each for each in reversed(contained)}
        return known

    def _patient(self, resource: Json) -> Found:
        if id(resource) not in self._own:
            self._own[id(resource)] = self._identified(resource)
        return self._own[id(resource)]

    def _identified(self, resource: Json) -> Found:
        """Return the patient by the id, if ``domains`` says so, or by the first identifier of a known domain."""
        problem: HeldBackError | None = None
        if identity := text_of(resource, "id"):
            try:
                return self._identifiers.patient_of_server(identity)
            except HeldBackError as error:
                problem = error
        for each in objects_of(resource.get("identifier")):
            system, value = text_of(each, "system"), text_of(each, "value")
            try:
                found = self._identifiers.known_patient("Patient", system, value, type_code(each))
            except HeldBackError as error:
                problem = error
                continue
            if found is not None:
                return found
        return problem or HeldBackError(NOBODY)


def _points_to_patient(reference: Json) -> bool:
    text = text_of(reference, "reference")
    link = RESOURCE.match(text)
    return text.startswith("Patient?") or text_of(reference, "type") == "Patient" or bool(link and link[2] == "Patient")
