"""Goes through a resource, element by element, and makes of it what stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.extensions import Extensions
from adapters.deidentify.fhir.links import RESOURCE
from adapters.deidentify.fhir.people import People
from adapters.deidentify.fhir.reading import Json
from adapters.deidentify.fhir.rules import ABOUT, HELD_BACK, QUANTITIES, REMOVED, REMOVED_PATHS
from adapters.deidentify.fhir.structure import Element, elements_of, is_resource
from adapters.deidentify.fhir.tree import Leaf, Node, text_of
from adapters.deidentify.fhir.values import Values
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.service import Pseudonyms


class Walk:
    """One way through a resource or bundle."""

    def __init__(
        self, values: Values, people: People, extensions: Extensions, pseudonyms: Pseudonyms, manifest: Manifest
    ) -> None:
        self._values, self._people, self._extensions = values, people, extensions
        self._pseudonyms, self._manifest = pseudonyms, manifest
        self._objects: dict[str, Callable[[Json, Element], Node | None]] = {
            "Reference": self._reference,
            "Identifier": self._identifier,
            "Extension": self._extension,
            **dict.fromkeys(QUANTITIES, self._quantity),
        }

    def resource(self, value: Json, *, is_contained: bool = False) -> Node:
        """Return what stays of a resource; raises HeldBackError if its type is not known."""
        kind = text_of(value, "resourceType")
        if not is_resource(kind) or kind in HELD_BACK:
            raise HeldBackError("a resource in it is of a type that is not de-identified")
        if is_contained:  # it belongs to the patient of the one that contains it
            with self._values.about(kind, is_contained=True):
                return self._object(value, kind)
        patient = self._people.of(value)
        if kind == "Patient" and isinstance(patient, HeldBackError) and value.get("identifier"):
            raise HeldBackError(*patient.args)  # of an authority that no domain has, as in HL7v2
        days = self._pseudonyms.shift(patient) if isinstance(patient, Patient) else patient
        with self._values.within(kind, days):
            return self._object(value, kind)

    def _object(self, value: Json, kind: str) -> Node:
        node, elements = Node(kind), elements_of(kind) or {}
        for name, inner in value.items():
            if name == "resourceType" and is_resource(kind):
                continue
            if name.startswith("_"):
                self._beside(name, inner, node)
                continue
            element = elements.get(name)
            if element is None:
                self._manifest.note("structure", "removed")
                continue
            node.had.add(name)
            made = self._element(inner, element, value)
            if made is not None:
                node.items[name] = made
        return node

    def _element(self, value: Any, element: Element, holder: Json) -> Any:
        if element.path in REMOVED_PATHS or element.kind in REMOVED:
            self._manifest.note("path" if element.path in REMOVED_PATHS else element.kind, "removed")
            return None
        if element.repeats != isinstance(value, list):
            self._manifest.note("form", "removed")
            return None
        if not element.repeats:
            return self._one(value, element, holder)
        return [made for each in value if (made := self._one(each, element, holder)) is not None] or None

    def _one(self, value: Any, element: Element, holder: Json) -> Any:
        kind = element.kind
        if elements_of(kind) is None and kind != "Resource":
            return self._values.value(value, element, holder)
        if not isinstance(value, dict):
            self._manifest.note("form", "removed")
            return None
        if kind == "Resource" or is_resource(kind):
            return self.resource(value, is_contained=element.name == "contained" or kind != "Resource")
        return self._objects.get(kind, self._plain)(value, element)

    def _plain(self, value: Json, element: Element) -> Node:
        if element.path == "Bundle.entry":  # its extensions are about its resource
            resource = value.get("resource")
            with self._values.about(text_of(resource, "resourceType") if isinstance(resource, dict) else ""):
                return self._object(value, element.kind)
        return self._object(value, element.kind)

    def _identifier(self, value: Json, element: Element) -> Node | None:
        node = self._object(value, element.kind)
        if "value" in value and "value" not in node.items:
            self._manifest.note("identifier", "removed")
            return None
        return node

    def _reference(self, value: Json, element: Element) -> Node:
        link = RESOURCE.match(text_of(value, "reference"))
        kind = text_of(value, "type") or (link[2] if link else ABOUT.get(element.name, ""))
        with self._values.about(kind):
            return self._object(value, element.kind)

    def _quantity(self, value: Json, element: Element) -> Node | None:
        if self._values.is_great_age(value):
            self._manifest.note("age", "removed")
            return None
        return self._object(value, element.kind)

    def _extension(self, value: Json, element: Element) -> Node | None:
        if not self._extensions.keeps(value, element.path):
            if element.name == "modifierExtension":
                raise HeldBackError("a modifier extension in it would be lost, and with it what the rest means")
            self._manifest.note("extension", "removed")
            return None
        if (made := self._extensions.word(value, self._values)) is not None:
            return made
        with self._extension_is_open():
            return self._object(value, element.kind)

    @contextmanager
    def _extension_is_open(self) -> Iterator[None]:
        self._extensions.depth += 1
        try:
            yield
        finally:
            self._extensions.depth -= 1

    def _beside(self, name: str, value: Any, node: Node) -> None:
        """Keep the extensions of a primitive element that are kept anywhere; its id goes."""
        element = (elements_of(node.kind) or {}).get(name[1:])
        if element is None or element.repeats or not isinstance(value, dict) or elements_of(element.kind) is not None:
            self._manifest.note("structure", "removed")
            return
        node.had.add(element.name)
        made = self._object({"extension": value.get("extension")}, "Element") if value.get("extension") else None
        if made and made.items:
            node.items[name] = made


def leaves(node: Node) -> Iterator[tuple[Node, Leaf]]:
    """Yield every text of a tree with the object that has it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield from ((each, leaf) for leaf in each.leaves())
        for item in each.items.values():
            waiting += [one for one in (item if isinstance(item, list) else [item]) if isinstance(one, Node)]
