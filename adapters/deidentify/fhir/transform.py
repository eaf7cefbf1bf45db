"""De-identifies one FHIR resource or bundle."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.extensions import Extensions
from adapters.deidentify.fhir.finish import finished
from adapters.deidentify.fhir.identifiers import Identifiers
from adapters.deidentify.fhir.identity import own_identifiers
from adapters.deidentify.fhir.links import Links
from adapters.deidentify.fhir.people import People, resources_in
from adapters.deidentify.fhir.reading import Json, read, write
from adapters.deidentify.fhir.tree import Node, objects_in
from adapters.deidentify.fhir.values import Values
from adapters.deidentify.fhir.walk import Walk, leaves
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.cleaning import cleaned
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.domains import Domains
from adapters.deidentify.pseudonyms.service import Pseudonyms
from adapters.deidentify.settings import FhirProfile

DAY = re.compile(r"(\d{4})-\d\d(?:-\d\d)?(?:T|\Z)", re.ASCII)


def _this_year() -> int:
    return datetime.now(UTC).year


class FhirTransformer:
    """De-identifies resources and bundles by one profile.

    The same resource always gives the same result; only the year of a birth also depends on *this_year*, where the
    resource has no other date that says when it was written.
    """

    def __init__(
        self,
        profile: FhirProfile,
        pseudonyms: Pseudonyms,
        domains: Domains,
        this_year: Callable[[], int] = _this_year,
    ) -> None:
        self._profile, self._pseudonyms, self._domains, self._this_year = profile, pseudonyms, domains, this_year

    def transform(self, data: bytes) -> tuple[bytes, Manifest]:
        """Return the resource without what names its patient, and what was done; raises HeldBackError."""
        manifest = Manifest(f"FHIR R4 {self._profile.profile}", self._pseudonyms.fingerprint)
        root = read(data)
        own = own_identifiers(root)
        node = self._walk(root, own, manifest).resource(root)
        _remove_own(node, own, manifest)
        made = finished(node)
        if made is None:
            raise HeldBackError("nothing of it is left")
        return write(made), manifest

    def _walk(self, root: Json, own: OwnIdentifiers, manifest: Manifest) -> Walk:
        links = Links(self._pseudonyms)
        resources = (resource for resource, _ in resources_in(root))
        identifiers = Identifiers(self._pseudonyms, self._domains, links, resources, own.is_in)
        year = _latest_year(root) or self._this_year()
        values = Values(self._profile, links, identifiers, manifest, year)
        extensions = Extensions(self._profile.keep_extensions, keeps_times=self._profile.profile == "limited")
        return Walk(values, People(root, identifiers), extensions, self._pseudonyms, manifest)


def _latest_year(root: Json) -> int | None:
    """Return the year of the latest date that is no date of birth: an age is judged by it."""
    years = [
        int(found[1])
        for each in objects_in(root)
        for name, value in each.items()
        if name != "birthDate" and isinstance(value, str) and (found := DAY.match(value))
    ]
    return max(years, default=None)


def _remove_own(node: Node, own: OwnIdentifiers, manifest: Manifest) -> None:
    """Remove every text that is kept and contains an identifier of the resource, or clean it if it is free text.

    Then objects are searched that contain one as a whole: a name of which each text has a part.
    """
    searched = [(holder, leaf) for holder, leaf in leaves(node) if leaf.text and not leaf.is_own]
    found = _found(own, (leaf.text for _, leaf in searched))
    for _, leaf in searched:
        if leaf.text in found:
            leaf.text = cleaned(own, leaf.text) if leaf.is_free else ""
            manifest.note("own identifier", "cleaned" if leaf.text else "removed")
    holders = list({id(holder): holder for holder, _ in searched}.values())
    found = _found(own, map(_together, holders))
    for holder in holders:
        if _together(holder) in found:
            for leaf in holder.leaves():
                if not leaf.is_own:
                    leaf.clear()
            manifest.note("own identifier", "removed")


def _found(own: OwnIdentifiers, texts: Iterable[str]) -> frozenset[str]:
    """Return the texts that contain an identifier; the same systems and codes are in many objects."""
    distinct = list(dict.fromkeys(texts))
    return frozenset(distinct[position] for position in own.found_in(distinct))


def _together(holder: Node) -> str:
    return " ".join(leaf.text for leaf in holder.leaves() if not leaf.is_own)
