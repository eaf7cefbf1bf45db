"""A JSON Patch (RFC 6902) that makes one resource of another: it sends what changes, and not the record around it."""

import base64

from adapters.rest.fhir.bodies import Json, encode, is_same

JSON_PATCH = "application/json-patch+json"
Operations = list[Json]


def patch(old: Json, new: Json) -> Operations:
    """Return the operations; whole elements are added, which replaces them, or removed."""
    found: Operations = [
        {"op": "add", "path": f"/{name}", "value": value}
        for name, value in new.items()
        if name != "meta" and not (name in old and is_same(old[name], value))
    ]
    found += [{"op": "remove", "path": f"/{name}"} for name in old if name not in new]
    kept, before = new.get("meta", {}).get("extension"), old.get("meta", {})
    if kept is not None and not is_same(before.get("extension"), kept):
        # What a patch does not mention stays: the rest of meta is the store's.
        path, value = ("/meta/extension", kept) if before else ("/meta", {"extension": kept})
        found.append({"op": "add", "path": path, "value": value})
    return found


def in_bundle(operations: Operations) -> Json:
    """Return the resource by which a bundle carries a patch (R4 http#patch)."""
    data = base64.b64encode(encode(operations)).decode()
    return {"resourceType": "Binary", "contentType": JSON_PATCH, "data": data}
