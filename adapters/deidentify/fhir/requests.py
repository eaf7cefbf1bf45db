"""Requests of a transaction or batch: with other names they do the same."""

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.identifiers import Identifiers
from adapters.deidentify.fhir.links import RESOURCE, Links
from adapters.deidentify.fhir.reading import Json
from adapters.deidentify.fhir.structure import is_resource
from adapters.deidentify.fhir.tree import Leaf, text_of
from adapters.deidentify.manifest import Manifest


class Requests:
    """Makes the URLs and conditions of requests; what would do something else afterwards is held back."""

    def __init__(self, links: Links, identifiers: Identifiers, manifest: Manifest) -> None:
        self._links, self._identifiers, self._manifest = links, identifiers, manifest

    def url(self, text: str) -> Leaf:
        """Return a type, ``Type/ID`` or ``Type?identifier=system|value``; raises HeldBackError for any other URL."""
        text = text.strip()
        if is_resource(text):
            return Leaf(text, is_own=True)
        made = self._identifiers.condition(text)
        if made is None and (link := RESOURCE.match(text)) and "?" not in text and is_resource(link[2]):
            made = self._links.link(text)
        if made is None:
            raise HeldBackError("the URL of a request in it cannot be rewritten")
        self._manifest.note("link", "replaced")
        return Leaf(made, is_own=True)

    def if_none_exist(self, text: str, request: Json) -> Leaf:
        """Return the condition of a create; raises HeldBackError if it is about anything but one identifier."""
        made = self._identifiers.condition(f"{text_of(request, 'url')}?{text.strip()}")
        if made is None:
            raise HeldBackError("the condition of a request in it cannot be rewritten")
        self._manifest.note("link", "replaced")
        return Leaf(made.partition("?")[2], is_own=True)
