"""Writes the tables of PS3.15 Annex E, of the types of attributes, and of safe private elements, from their sources.

``python tests/adapters/deidentify/write_ps315.py PROFILE.json FOLDER PRIVATE.csv``

PROFILE.json is ``confidentiality_profile_attributes.json`` of innolitics/dicom-standard (PS3.15 table E.1-1). FOLDER is
``highdicom/_standard`` of highdicom 0.28.2 (MIT licence), which has the attributes of each IOD with their types of
PS3.3; only types of attributes whose action depends on them are written. PRIVATE.csv is the knowledge base of private
elements of The Cancer Imaging Archive.
"""

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

from pydicom.datadict import tag_for_keyword

TABLE = Path(__file__).parents[3] / "adapters" / "deidentify" / "dicom" / "table"
PRIVATE = re.compile(r'\(([0-9a-fA-F]{4}),"?([^"]+?)"?,([0-9a-fA-F]{2})"?\)')
OPTIONS = {
    "rtnSafePrivOpt": "retain_safe_private",
    "rtnUIDsOpt": "retain_uids",
    "rtnDevIdOpt": "retain_device_identity",
    "rtnInstIdOpt": "retain_institution_identity",
    "rtnPatCharsOpt": "retain_patient_characteristics",
    "rtnLongFullDatesOpt": "retain_longitudinal_full_dates",
    "rtnLongModifDatesOpt": "retain_longitudinal_modified_dates",
    "cleanDescOpt": "clean_descriptors",
    "cleanStructContOpt": "clean_structured_content",
    "cleanGraphOpt": "clean_graphics",
}


def write_actions(rows: list[dict[str, Any]]) -> set[int]:
    """Write actions.tsv; return the tags whose action depends on the type."""
    lines, conditional = [], set()
    for row in rows:
        tag = row["id"].upper()
        options = [f"{name}={row[key]}" for key, name in OPTIONS.items() if row.get(key)]
        if len(tag) != 8 or not all(each in "0123456789ABCDEFX" for each in tag):
            continue  # private attributes have rules of their own
        lines.append("\t".join([tag, row["basicProfile"], " ".join(options), " ".join(row["name"].split())]))
        if "/" in row["basicProfile"]:
            conditional.add(int(tag, 16))
    (TABLE / "actions.tsv").write_text("tag\tbasic\toptions\tname\n" + "\n".join(sorted(lines)) + "\n")
    return conditional


def write_types(folder: Path, conditional: set[int]) -> None:
    """Write types.tsv: by IOD and path, the strictest type that a module demands; and which IOD a SOP class has."""
    classes = json.loads((folder / "sop_class_iod_map.json").read_text())
    iods = json.loads((folder / "iod_module_map.json").read_text())
    modules = json.loads((folder / "module_attribute_map.json").read_text())
    of_module: dict[str, dict[str, str]] = {}
    for name, attributes in modules.items():
        found = of_module[name] = {}
        for each in attributes:
            tag = tag_for_keyword(each["keyword"])
            path = [tag_for_keyword(part) for part in each["path"]]
            if tag in conditional and None not in path:
                key = ".".join(f"{part:08X}" for part in [*path, tag])
                found[key] = min(each["type"][0], found.get(key, "3"))
    shared: dict[tuple[str, ...], list[str]] = {}
    for iod in sorted(set(classes.values())):
        types: dict[str, str] = {}
        for module in iods.get(iod, ()):
            if module["usage"] != "M" and not module["usage"].startswith("C"):
                continue
            for key, kind in of_module.get(module["key"], {}).items():
                types[key] = min(kind, types.get(key, "3"))
        shared.setdefault(tuple(f"{key}={kind}" for key, kind in sorted(types.items())), []).append(iod)
    lines = ["sop classes\ttypes"]
    for types_of, names in shared.items():
        uids = sorted(uid for uid, iod in classes.items() if iod in names)
        lines.append("\t".join([" ".join(uids), " ".join(types_of)]))
    (TABLE / "types.tsv").write_text("\n".join(lines) + "\n")


def write_private(file: Path) -> None:
    """Write private.tsv: elements of the top level that the knowledge base keeps in each of its rows."""
    safe: dict[tuple[str, str, str], set[str]] = {}
    unsafe: set[tuple[str, str, str]] = set()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            pattern = row["element_sig_pattern"]
            found = None if "<" in pattern else PRIVATE.fullmatch(pattern)
            nested = PRIVATE.search(pattern, pattern.rfind(">"))
            key = found or nested
            if key is None:
                continue
            element = key[1].lower(), key[2].strip().upper(), key[3].lower()
            is_safe = found is not None and row["private_disposition"].strip().lower() == "k"
            if is_safe and row["vr"].strip() not in {"OB", "UN", "OW", "SQ", "PN", "UT", "LT", "ST", ""}:
                safe.setdefault(element, set()).add(row["vr"].strip())
            else:
                unsafe.add(element)
    lines_out = ["\t".join([*key, " ".join(sorted(vrs))]) for key, vrs in sorted(safe.items()) if key not in unsafe]
    (TABLE / "private.tsv").write_text("group\tcreator\telement\tvr\n" + "\n".join(lines_out) + "\n")


if __name__ == "__main__":
    profile, standard, private = map(Path, sys.argv[1:])
    write_types(standard, write_actions(json.loads(profile.read_text())))
    write_private(private)
