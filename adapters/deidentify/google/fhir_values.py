"""What ``FhirConfig`` makes of one value of a primitive type."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.forms import DATES
from adapters.deidentify.fhir.identifiers import Identifiers
from adapters.deidentify.fhir.links import RESOURCE, Links
from adapters.deidentify.fhir.reading import Number
from adapters.deidentify.fhir.structure import Element, is_resource
from adapters.deidentify.fhir.tree import Leaf
from adapters.deidentify.google.transformations import Transformations
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.dates import moved

LINKS = frozenset(
    {"Reference.reference", "Bundle.entry.fullUrl", "Bundle.entry.request.url", "Bundle.entry.response.location"}
)
"""Fields that name a resource."""
CONDITIONS = frozenset({"Bundle.entry.request.url", "Bundle.entry.request.ifNoneExist"})
TEXTS = frozenset({"string", "markdown"})
"""Types that can hold whatever a transformation makes of a text."""
LONGEST, SHORTEST = 64, 3
"""A value that was transformed is searched for in what passes, unless it is too short or too long to be an
identifier."""
ORDINARY = frozenset({"url", "uri", "canonical", "code", "xhtml", "base64Binary", "time"})
"""Types whose values are no identifiers."""
Made = Leaf | bool | None


class GoogleValues:
    """Makes the values of one resource or bundle; what it transforms it adds to *own*."""

    def __init__(
        self,
        transformations: Transformations,
        links: Links,
        identifiers: Identifiers,
        own: OwnIdentifiers,
        manifest: Manifest,
        rewrites_ids_of: Callable[[str], bool],
    ) -> None:
        self._transformations, self._links, self._identifiers = transformations, links, identifiers
        self._own, self._manifest, self._rewrites_ids_of = own, manifest, rewrites_ids_of
        self.days: int | HeldBackError = HeldBackError("")
        """The shift of the dates of the resource's patient, or why there is none."""
        self.contained: Mapping[str, str] = {}
        """The types of the resources that the current one contains, by their ids."""
        self.conditions: list[Leaf] = []
        """What says what a request does: without it the request would do something else."""

    def passed(self, value: Any, element: Element) -> Made:
        """Return a value that no rule transforms. A link to a resource whose id changes is changed, too."""
        if isinstance(value, str) and element.path in LINKS and self._names_a_new_id(value):
            return self._link(value)
        made = _leaf(value, element)
        if isinstance(made, Leaf) and element.path in CONDITIONS:
            self.conditions.append(made)
        return made

    def transformed(self, value: Any, element: Element, resource: str, *, is_name: bool) -> Made:
        """Return what stays of a value that is transformed as a whole; *is_name*: it is part of a HumanName."""
        self._manifest.note("fieldMetadataList", "transformed")
        if not isinstance(value, str):
            return None
        if _is_identity(element) or element.path in LINKS:
            return self._new_identity(value, element, resource)
        self._note(value, element, is_name=is_name)
        if element.kind in DATES:
            return self._date(value, element)
        if element.kind not in TEXTS:
            return None
        info_type = "PERSON_NAME" if is_name else ""
        chosen = self._transformations.of(info_type)
        # By the documentation the name of an infoType stands for a match only; a whole field is removed.
        made = "" if chosen.kind == "name" else chosen.text(value, info_type)
        return Leaf(made, is_own=True) if made else None

    def inspected(self, value: Any, element: Element, resource: str, *, is_name: bool) -> Made:
        """Return a value in which what was found is transformed."""
        excluded = self._transformations.excluded
        known = "DATE" if element.kind in DATES else "PERSON_NAME" if is_name else ""
        if (known and known not in excluded) or _is_identity(element) or element.path in LINKS:
            return self.transformed(value, element, resource, is_name=is_name)
        if self._transformations.not_recognised and element.kind not in DATES:
            # What a model would have to read: the field as a whole goes.
            if isinstance(value, str):
                self._note(value, element, is_name=is_name)
            self._manifest.note("fieldMetadataList", "removed")
            return None
        if not isinstance(value, str) or element.kind in DATES:
            return _leaf(value, element)
        made = self._transformations.cleaned(value, self.days if isinstance(self.days, int) else None)
        if made == value:
            return self.passed(value, element)
        self._manifest.note("text", "transformed")
        # A code or a URI of which a part is gone is none.
        return Leaf(made) if element.kind in {*TEXTS, "xhtml"} and made else None

    def _date(self, value: str, element: Element) -> Leaf | None:
        if self._transformations.of("DATE").kind != "shift" or not DATES[element.kind].match(value):
            return None
        if isinstance(self.days, HeldBackError):
            raise HeldBackError(*self.days.args)
        made = moved(value, self.days)
        return Leaf(made, is_own=True) if made else None

    def _new_identity(self, value: str, element: Element, resource: str) -> Leaf | None:
        made = self._links.identity(resource, value) if _is_identity(element) else self._linked(value)
        if made is not None and element.kind != "string":
            self._own.add_number(value)
        return Leaf(made, is_own=True) if made else None

    def _link(self, value: str) -> Leaf:
        made = self._linked(value)
        if made is None:
            raise HeldBackError("a link to a resource in it cannot be rewritten")
        return Leaf(made, is_own=True)

    def _linked(self, value: str) -> str | None:
        return self._links.link(value) or self._identifiers.condition(value)

    def _names_a_new_id(self, value: str) -> bool:
        if value.startswith("#"):
            return value[1:] in self.contained and self._rewrites_ids_of(self.contained[value[1:]])
        found = RESOURCE.match(value)
        kind = found[2] if found else value.partition("?")[0]
        return is_resource(kind) and kind != value and self._rewrites_ids_of(kind)

    def _note(self, value: str, element: Element, *, is_name: bool) -> None:
        if element.kind in DATES:
            self._own.add_date(value)
        elif is_name and element.kind == "string":
            self._own.add_name(value)
        elif element.codes is None and element.kind not in ORDINARY and _can_identify(value):
            self._own.add_number(value)


def _can_identify(value: str) -> bool:
    return len(value) <= LONGEST and sum(map(str.isalnum, value)) >= SHORTEST


def _is_identity(element: Element) -> bool:
    """Whether it is the id of a resource (that of another element means nothing elsewhere)."""
    holder, _, name = element.path.rpartition(".")
    return name == "id" and is_resource(holder)


def _leaf(value: Any, element: Element) -> Made:
    """Return a value as it is, if it can be one of its type."""
    if isinstance(value, bool):
        return value if element.kind == "boolean" else None
    if isinstance(value, Number):
        return Leaf(value.digits, is_number=True, is_own=True)
    if not isinstance(value, str):
        return None
    # What is a date or one of HL7's codes is no text in which a name can be.
    is_own = (element.kind in DATES and DATES[element.kind].match(value) is not None) or (
        element.codes is not None and value in element.codes
    )
    return Leaf(value, is_own=is_own, is_free=element.kind in {*TEXTS, "xhtml"})
