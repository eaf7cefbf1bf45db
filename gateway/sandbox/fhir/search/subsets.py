"""``_elements`` and ``_summary``: parts of a resource, marked as such."""

from typing import Any

_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
ALWAYS = {"resourceType", "id", "meta"}


def subset(resource: dict[str, Any], elements: list[str], summary: str) -> dict[str, Any]:
    """Return the part of a resource that a search asked for."""
    if elements:
        wanted = ALWAYS | {each.rpartition(".")[2] for each in elements}
        kept = {name: value for name, value in resource.items() if name.removeprefix("_") in wanted}
    elif summary == "text":
        kept = {name: value for name, value in resource.items() if name in ALWAYS | {"text"}}
    elif summary == "data":
        kept = {name: value for name, value in resource.items() if name != "text"}
    else:
        return resource
    meta = kept.get("meta", {})
    kept["meta"] = {**meta, "tag": [*meta.get("tag", []), _SUBSETTED]}
    return kept
