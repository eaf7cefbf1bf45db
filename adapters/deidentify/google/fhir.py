"""De-identifies one FHIR resource or bundle by ``FhirConfig``: what no path matches passes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.finish import finished
from adapters.deidentify.fhir.identifiers import Identifiers
from adapters.deidentify.fhir.links import Links
from adapters.deidentify.fhir.people import People, resources_in
from adapters.deidentify.fhir.reading import Json, read, write
from adapters.deidentify.fhir.rules import HELD_BACK
from adapters.deidentify.fhir.structure import Element, elements_of, is_resource
from adapters.deidentify.fhir.tree import Node, objects_of, text_of
from adapters.deidentify.fhir.walk import leaves
from adapters.deidentify.google.config import Action
from adapters.deidentify.google.fhir_paths import FieldRules, Step, step_of, step_of_resource
from adapters.deidentify.google.fhir_values import GoogleValues
from adapters.deidentify.google.transformations import Transformations
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.cleaning import cleaned
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.domains import Domains, Patient
from adapters.deidentify.pseudonyms.service import Pseudonyms

STRICT = frozenset({"TRANSFORM", "INSPECT_AND_TRANSFORM"})


class GoogleFhirTransformer:
    """De-identifies resources and bundles by the rules of one configuration."""

    def __init__(
        self,
        rules: FieldRules,
        transformations: Transformations,
        pseudonyms: Pseudonyms,
        domains: Domains,
        manifest: Callable[[], Manifest],
        *,
        keeps_extensions: bool,
    ) -> None:
        self._transformations, self._pseudonyms, self._domains = transformations, pseudonyms, domains
        self._manifest, self._keeps_extensions = manifest, keeps_extensions
        self._actions: dict[tuple[str, ...], Action | None] = {}
        self._rules = rules
        self._rewrites_ids_of = cache(self._ids_change)

    def transform(self, data: bytes) -> tuple[bytes, Manifest]:
        """Return the resource after its transformations, and what was done; raises HeldBackError."""
        manifest, own = self._manifest(), OwnIdentifiers()
        root = read(data)
        links = Links(self._pseudonyms)
        identifiers = Identifiers(
            self._pseudonyms, self._domains, links, (each for each, _ in resources_in(root)), own.is_in
        )
        values = GoogleValues(self._transformations, links, identifiers, own, manifest, self._rewrites_ids_of)
        people = People(root, identifiers)
        walk = GoogleWalk(
            values, people, self._pseudonyms, manifest, self.action, keeps_extensions=self._keeps_extensions
        )
        node = walk.resource(root)
        if own:
            _remove_own(node, own, manifest)
        if not all(each.text for each in values.conditions):
            raise HeldBackError(
                "a request in it names a value that was transformed, so that it would do something else"
            )
        made = finished(node)
        if made is None:
            raise HeldBackError("nothing of it is left")
        return write(made), manifest

    def action(self, trail: "Trail") -> Action | None:
        """Return the action for the field at the end of a trail."""
        if trail.names not in self._actions:
            if len(self._actions) > 100_000:
                self._actions.clear()
            self._actions[trail.names] = self._rules.action(trail.steps, trail.kinds)
        return self._actions[trail.names]

    def _ids_change(self, kind: str) -> bool:
        """Whether the ids of the resources of a type are transformed."""
        element = (elements_of(kind) or {})["id"]
        return self.action(Trail().at_resource(kind).below(element)) in STRICT


class Trail:
    """The way from a resource to a field."""

    __slots__ = ("kinds", "names", "steps")

    def __init__(self, names: tuple[str, ...] = (), steps: tuple[Step, ...] = (), kinds: tuple[str, ...] = ()) -> None:
        self.names, self.steps, self.kinds = names, steps, kinds

    def at_resource(self, kind: str) -> "Trail":
        """Return the way to a resource, which begins anew."""
        return Trail((kind,), (step_of_resource(kind),), (kind,))

    def below(self, element: Element) -> "Trail":
        """Return the way to an element of what is at the end."""
        return Trail((*self.names, element.name), (*self.steps, step_of(element)), (*self.kinds, element.kind))


class GoogleWalk:
    """One way through a resource or bundle."""

    def __init__(
        self,
        values: GoogleValues,
        people: People,
        pseudonyms: Pseudonyms,
        manifest: Manifest,
        action: Callable[[Trail], Action | None],
        *,
        keeps_extensions: bool,
    ) -> None:
        self._values, self._people, self._pseudonyms, self._manifest = values, people, pseudonyms, manifest
        self._action, self._keeps_extensions = action, keeps_extensions
        self._resource = ""

    def resource(self, value: Json, *, is_contained: bool = False) -> Node:
        """Return what stays of a resource; raises HeldBackError if its type is not known."""
        kind = text_of(value, "resourceType")
        if not is_resource(kind) or kind in HELD_BACK:
            raise HeldBackError("a resource in it is of a type that is not de-identified")
        trail = Trail().at_resource(kind)
        if is_contained:
            with self._inside("contained", self._values.days):
                return self._object(value, kind, trail)
        patient = self._people.of(value)
        days = self._pseudonyms.shift(patient) if isinstance(patient, Patient) else patient
        self._values.contained = {
            text_of(each, "id"): text_of(each, "resourceType") for each in objects_of(value.get("contained"))
        }
        with self._inside(kind, days):
            return self._object(value, kind, trail)

    @contextmanager
    def _inside(self, kind: str, days: int | HeldBackError) -> Iterator[None]:
        before = self._resource, self._values.days
        self._resource, self._values.days = kind, days
        try:
            yield
        finally:
            self._resource, self._values.days = before

    def _object(self, value: Json, kind: str, trail: Trail) -> Node:
        node, elements = Node(kind), elements_of(kind) or {}
        for name, inner in value.items():
            if name == "resourceType" and is_resource(kind):
                continue
            element = elements.get(name.removeprefix("_"))
            if element is None or (name.startswith("_") and (element.repeats or elements_of(element.kind))):
                self._manifest.note("structure", "removed")
                continue
            node.had.add(element.name)
            made = self._beside(inner, element, trail) if name.startswith("_") else self._element(inner, element, trail)
            if made is not None:
                node.items[name] = made
        return node

    def _beside(self, value: Any, element: Element, trail: Trail) -> Node | None:
        """Return the extensions of a primitive element, if they are kept."""
        given = value.get("extension") if isinstance(value, dict) else None
        if not given or not self._keeps_extensions:
            return None
        made = self._object({"extension": given}, "Element", trail.below(element))
        return made if made.items else None

    def _element(self, value: Any, element: Element, trail: Trail) -> Any:
        if element.repeats != isinstance(value, list):
            self._manifest.note("form", "removed")
            return None
        if element.kind == "Extension" and not self._keeps_extensions:
            if element.name == "modifierExtension":
                raise HeldBackError("a modifier extension in it would be lost, and with it what the rest means")
            self._manifest.note("extension", "removed")
            return None
        trail = trail.below(element)
        if not element.repeats:
            return self._one(value, element, trail)
        return [made for each in value if (made := self._one(each, element, trail)) is not None] or None

    def _one(self, value: Any, element: Element, trail: Trail) -> Any:
        if elements_of(element.kind) is None and element.kind != "Resource":
            return self._primitive(value, element, trail)
        if not isinstance(value, dict):
            self._manifest.note("form", "removed")
            return None
        if element.kind == "Resource" or is_resource(element.kind):
            return self.resource(value, is_contained=element.name == "contained" or element.kind != "Resource")
        return self._object(value, element.kind, trail)

    def _primitive(self, value: Any, element: Element, trail: Trail) -> Any:
        action = self._action(trail)
        is_name = "HumanName" in trail.kinds
        if action == "TRANSFORM":
            return self._values.transformed(value, element, self._resource, is_name=is_name)
        if action == "INSPECT_AND_TRANSFORM":
            return self._values.inspected(value, element, self._resource, is_name=is_name)
        return self._values.passed(value, element)


def _remove_own(node: Node, own: OwnIdentifiers, manifest: Manifest) -> None:
    """Remove what passes and contains a value that was transformed; of free text only the words."""
    searched = [leaf for _, leaf in leaves(node) if leaf.text and not leaf.is_own]
    texts = list(dict.fromkeys(leaf.text for leaf in searched))
    found = {texts[position] for position in own.found_in(texts)}
    clean: dict[str, str] = {}  # many resources say the same
    for leaf in searched:
        if leaf.text in found:
            if leaf.is_free and "<" not in leaf.text:
                if leaf.text not in clean:
                    clean[leaf.text] = cleaned(own, leaf.text)
                leaf.text = clean[leaf.text]
            else:
                leaf.text = ""
            manifest.note("own identifier", "cleaned" if leaf.text else "removed")
