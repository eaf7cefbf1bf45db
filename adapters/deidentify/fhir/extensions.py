"""Extensions: those that the operator keeps, the reason why data is absent, and the gateway's own."""

from collections.abc import Collection

from adapters.deidentify.fhir import forms
from adapters.deidentify.fhir.reading import Json
from adapters.deidentify.fhir.tree import Leaf, Node, text_of
from adapters.deidentify.fhir.values import Values
from gateway.contract import fhir

ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ABSENT_CODES = frozenset({"unknown", "asked-unknown", "temp-unknown", "not-asked", "asked-declined", "not-applicable"})
ABSENT_CODES |= {"unsupported", "as-text", "error", "not-a-number", "negative-infinity", "positive-infinity"}
ABSENT_CODES |= {"masked", "not-performed", "not-permitted"}
NAMES = frozenset({fhir.OWNS, fhir.CLEARS, fhir.KEEPS, fhir.ADDS})
"""The gateway's extensions that name elements."""


class Extensions:
    """Which extensions stay."""

    def __init__(self, kept: Collection[str], *, keeps_times: bool) -> None:
        self._kept, self._keeps_times = frozenset(kept), keeps_times
        self.depth = 0
        """How many extensions that are kept the current one is in."""

    def keeps(self, value: Json, path: str) -> bool:
        """Whether an extension stays."""
        url = value.get("url")
        if not isinstance(url, str):
            return False
        if url == ABSENT:
            return (
                value == {"url": url, "valueCode": value.get("valueCode")}
                and text_of(value, "valueCode") in ABSENT_CODES
            )
        if url.startswith(fhir.WORDS) and path == "Bundle.entry.extension":
            return url not in {fhir.AS_OF, fhir.SENT} or self._keeps_times
        return url in self._kept or (self.depth > 0 and forms.RELATIVE.match(url) is not None)

    def word(self, value: Json, values: Values) -> Node | None:
        """Return one of the extensions by which the gateway merges, if its value is a text, or is of R4; or None."""
        url, text = value["url"], text_of(value, "valueString")
        if url == ABSENT:
            return _extension(url, "valueCode", Leaf(value["valueCode"], is_own=True))
        if url in NAMES and forms.NAMED_ELEMENT.match(text):
            return _extension(url, "valueString", Leaf(text))
        if url in {fhir.ALSO, fhir.RIVAL} and (link := values.links.link(text_of(value, "valueUri"))):
            return _extension(url, "valueUri", Leaf(link, is_own=True))
        if url in {fhir.AS_OF, fhir.SENT} and text:
            times = [values.moved(each, "dateTime") for each in text.split("/")]
            made = "/".join(each.text for each in times if each)
            return _extension(url, "valueString", Leaf(made if all(times) else "", is_own=True))
        # What else is a text says nothing by which the gateway merges: nothing of it stays.
        return Node("Extension") if text and url.startswith(fhir.WORDS) else None


def _extension(url: str, name: str, leaf: Leaf) -> Node:
    return Node("Extension", {"url", name}, {"url": Leaf(url, is_own=True), name: leaf})
