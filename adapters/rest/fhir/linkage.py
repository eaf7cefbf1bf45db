"""Links between the records of patients, each a ``link`` of FHIR with a reference and a type."""

from dataclasses import replace as changed

from adapters.rest.fhir.bodies import Json
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.stamps import item_name

OPPOSITE = {"replaces": "replaced-by", "replaced-by": "replaces"}
"""A record does not replace the one that it is replaced by."""


def without_self(entry: Entry, reference: str) -> Entry:
    """Return *entry* without links from the record *reference* to itself."""
    listed = entry.resource.get("link")
    if not isinstance(listed, list):
        return entry
    others = [each for each in listed if other(each) != reference]
    resource = {name: each for name, each in entry.resource.items() if name != "link"}
    return changed(entry, resource={**resource, "link": others} if others else resource)


def opposite(keyed: Json) -> str:
    """Return the name of the opposite of a link; nothing for links that have none."""
    kind = OPPOSITE.get(str(keyed.get("type")))
    return item_name("link", {**keyed, "type": kind}) if kind else ""


def other(link: object) -> str:
    """Return the reference of a link."""
    target = link.get("other") if isinstance(link, dict) else None
    return str(target.get("reference", "")) if isinstance(target, dict) else ""
