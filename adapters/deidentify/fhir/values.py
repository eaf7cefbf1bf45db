"""What is done to one value of a primitive type."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.deidentify import postcodes
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir import forms, rules
from adapters.deidentify.fhir.identifiers import Identifiers, type_code
from adapters.deidentify.fhir.links import Links
from adapters.deidentify.fhir.reading import Json, Number
from adapters.deidentify.fhir.requests import Requests
from adapters.deidentify.fhir.structure import Element, is_resource
from adapters.deidentify.fhir.tree import Leaf, text_of
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.dates import moved
from adapters.deidentify.settings import FhirProfile

Made = Leaf | bool | None
MORE_DIGITS = re.compile(r"(?<=\.\d{3})\d+")
"""What a fraction of a second has behind its milliseconds."""


class Values:
    """Makes the values of one resource or bundle. *year* is that by which ages are judged."""

    def __init__(
        self, profile: FhirProfile, links: Links, identifiers: Identifiers, manifest: Manifest, year: int
    ) -> None:
        self.links = links
        self._profile, self._identifiers, self._manifest, self._year = profile, identifiers, manifest, year
        self._requests = Requests(links, identifiers, manifest)
        self._is_safe_harbor = profile.profile == "safe_harbor"
        self._about = ""
        self._days: int | HeldBackError = HeldBackError("")
        self._is_contained = False
        self._texts: dict[str, Callable[[str, Element, Json], Made]] = {
            "code": self._code,
            "string": self._string,
            "uri": self._uri,
            "canonical": self._canonical,
            "time": lambda text, *_: self._in_form(text, forms.TIME),
            "oid": lambda text, *_: self._link(text),
            "uuid": lambda text, *_: self._link(text),
            "id": self._id,
            "String": self._id,
            **dict.fromkeys(forms.DATES, self._date),
        }
        self._special: dict[str, Callable[[str, Json], Made]] = {
            "Coding.code": self._coded,
            "Coding.display": self._display,
            "Identifier.value": self._identifier,
            "Reference.reference": self._reference,
            "Reference.type": lambda text, _: self._type(text),
            "Address.postalCode": self._postcode,
            "Extension.url": lambda text, _: Leaf(text, is_own=not forms.RELATIVE.match(text)),
            "Bundle.entry.fullUrl": lambda text, _: self._link(text),
            "Bundle.entry.response.location": lambda text, _: self._link(text),
            "Bundle.entry.response.status": lambda text, _: self._status(text),
            "Bundle.entry.request.url": lambda text, _: self._requests.url(text),
            "Bundle.entry.request.ifNoneExist": self._requests.if_none_exist,
            **dict.fromkeys(rules.BIRTHS, lambda text, _: self._birth(text)),
            **dict.fromkeys(rules.UIDS, lambda text, _: self._uid(text)),
        }

    @contextmanager
    def within(self, kind: str, days: int | HeldBackError) -> Iterator[None]:
        """Take what follows for that of a resource of type *kind*, whose dates are moved by *days*."""
        before = self._about, self._days, self._is_contained
        self._about, self._days, self._is_contained = kind, days, False
        try:
            yield
        finally:
            self._about, self._days, self._is_contained = before

    @contextmanager
    def about(self, kind: str, *, is_contained: bool = False) -> Iterator[None]:
        """Take identifiers that follow for those of a resource of type *kind*: contained, or referred to."""
        before = self._about, self._is_contained
        self._about, self._is_contained = kind, is_contained
        try:
            yield
        finally:
            self._about, self._is_contained = before

    def value(self, value: Any, element: Element, holder: Json) -> Made:
        """Return what stays of a value; None if nothing does."""
        made = self._value(value, element, holder)
        if made is None and value is not None:
            self._manifest.note(element.kind, "removed")
        return made

    def _value(self, value: Any, element: Element, holder: Json) -> Made:
        if isinstance(value, bool):
            return value if element.kind == "boolean" else None
        if isinstance(value, Number):
            form = {"decimal": forms.DECIMAL, **dict.fromkeys(INTEGERS, forms.INTEGER)}.get(element.kind)
            return Leaf(value.digits, is_number=True) if form and form.match(value.digits) else None
        if not isinstance(value, str):
            return None
        if special := self._special.get(element.path):
            return special(value, holder)
        action = self._texts.get(element.kind)
        return action(value, element, holder) if action else None

    def moved(self, text: str, kind: str) -> Leaf | None:
        """Return a date, moved or cut to its year; raises HeldBackError if it is nobody's."""
        if not forms.DATES[kind].match(text):
            return None
        if self._is_safe_harbor:
            self._manifest.note("date", "cut")
            return None if kind == "instant" else Leaf(text[:4], is_own=True)
        if isinstance(self._days, HeldBackError):
            raise HeldBackError(*self._days.args)
        # Nobody measures more than milliseconds; nine digits have room for a number of the patient.
        found = moved(MORE_DIGITS.sub("", text), self._days)
        self._manifest.note("date", "shifted" if found else "removed")
        return Leaf(found, is_own=True) if found else None

    def is_great_age(self, value: Json) -> bool:
        """Whether a quantity is an age above that which may be told."""
        number = value.get("value")
        units = {text_of(value, "unit").lower(), text_of(value, "code").lower()}
        counted = [each for unit, each in rules.IN_A_YEAR.items() if unit in units]
        if not isinstance(number, Number) or not counted or not forms.DECIMAL.match(number.digits):
            return False
        return float(number.digits) / min(counted) > postcodes.OLDEST

    def _in_form(self, text: str, form: re.Pattern[str]) -> Leaf | None:
        return Leaf(text) if form.match(text) else None

    def _made(self, text: str | None, before: str, rule: str) -> Leaf | None:
        if not text:
            return None
        self._manifest.note(rule, "replaced")
        # What stays as it was, such as a UID of the standard, is searched.
        return Leaf(text, is_own=text != before)

    def _date(self, text: str, element: Element, _: Json) -> Leaf | None:
        return self.moved(text, element.kind)

    def _birth(self, text: str) -> Leaf | None:
        self._manifest.note("date", "cut")
        if not forms.DATES["date"].match(text) or not -1 <= self._year - int(text[:4]) <= postcodes.OLDEST:
            return None
        return Leaf(text[:4], is_own=True)

    def _code(self, text: str, element: Element, _: Json) -> Leaf | None:
        if element.codes is not None:
            return Leaf(text, is_own=True) if text in element.codes else None
        return self._in_form(text, forms.LANGUAGE if element.name == "language" else forms.CODE)

    def _coded(self, text: str, holder: Json) -> Leaf | None:
        return self._in_form(text, forms.KNOWN_CODE if _is_known(holder) else forms.CODE)

    def _display(self, text: str, holder: Json) -> Leaf | None:
        if _is_known(holder) and forms.KNOWN_CODE.match(text_of(holder, "code")):
            return Leaf(text)
        return self._free(text)

    def _string(self, text: str, element: Element, _: Json) -> Leaf | None:
        if form := rules.STRINGS.get(element.path):
            return self._in_form(text, form)
        is_free = element.path.rpartition(".")[2] in rules.FREE_TEXT and element.path not in rules.NAMES
        return self._free(text) if is_free else None

    def _free(self, text: str) -> Leaf | None:
        is_kept = self._profile.text == "known_identifiers" and text.strip()
        return Leaf(text, is_free=True) if is_kept else None

    def _uri(self, text: str, element: Element, _: Json) -> Leaf | None:
        if rules.URIS.match(element.path) or rules.DEFINITION_URL.match(element.path):
            return self._in_form(text, forms.URI)
        return None

    def _canonical(self, text: str, *_: object) -> Leaf | None:
        return self._in_form(text, forms.CANONICAL)

    def _link(self, text: str) -> Leaf | None:
        return self._made(self.links.link(text.strip()), text, "link")

    def _uid(self, text: str) -> Leaf | None:
        return self._made(self.links.uid(text.strip()), text, "identifier")

    def _id(self, text: str, element: Element, _: Json) -> Leaf | None:
        parent = element.path.rpartition(".")[0]
        kind = "contained" if self._is_contained else parent
        if not is_resource(parent) or element.name != "id":
            kind = "MessageHeader" if parent == "MessageHeader.response" else "element"
        return self._made(self.links.identity(kind, text.strip()), text, "identifier")

    def _identifier(self, text: str, holder: Json) -> Leaf | None:
        if not text.strip():
            return None
        made = self._identifiers.value(self._about, text_of(holder, "system"), text.strip(), type_code(holder))
        return self._made(made, text, "identifier")

    def _reference(self, text: str, _: Json) -> Leaf | None:
        text = text.strip()
        return self._made(self.links.link(text) or self._identifiers.condition(text), text, "link")

    def _type(self, text: str) -> Leaf | None:
        return Leaf(text, is_own=True) if is_resource(text) else None

    def _postcode(self, text: str, holder: Json) -> Leaf | None:
        self._manifest.note("address", "cut")
        area = postcodes.area(text, text_of(holder, "country"))
        return Leaf(area, is_own=True) if area else None

    def _status(self, text: str) -> Leaf | None:
        found = forms.STATUS.match(text)
        return Leaf(found[0], is_own=True) if found else None


INTEGERS = ("integer", "positiveInt", "unsignedInt")


def _is_known(coding: Json) -> bool:
    return forms.SYSTEMS.match(text_of(coding, "system")) is not None
