"""Google's discovery document of the Cloud Healthcare API v1, which is in the wheel of google-api-python-client."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient.discovery_cache

Schema = Mapping[str, Any]


@cache
def schemas() -> Mapping[str, Schema]:
    """Return the schemas of the API by name."""
    path = Path(googleapiclient.discovery_cache.__file__).parent / "documents" / "healthcare.v1.json"
    found: Mapping[str, Schema] = json.loads(path.read_text(encoding="utf-8"))["schemas"]
    return found


def fields(schema: str = "DeidentifyConfig", above: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield each field of a schema and of what is in it, as ``fhir.fieldMetadataList[].action``."""
    for name, each in schemas()[schema].get("properties", {}).items():
        is_list = each.get("type") == "array"
        path = f"{above}.{name}".removeprefix(".") + ("[]" if is_list else "")
        yield path, each
        if inner := (each.get("items", each)).get("$ref"):
            yield from fields(inner, path)
