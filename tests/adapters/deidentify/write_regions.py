"""Writes the areas in which devices write text: ``python tests/adapters/deidentify/write_regions.py deid.dicom``.

The recipe ``deid/data/deid.dicom`` of pydicom/deid (MIT licence) has the areas of its authors and of RSNA's CTP. Rules
without areas, and those that ask for elements inside sequences or of group 0002, are left out.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pydicom.datadict import tag_for_keyword

TABLE = Path(__file__).parents[3] / "adapters/deidentify/dicom/pixels/regions.tsv"
MISSPELT = {"Manfacturer": "Manufacturer", "Manufacture": "Manufacturer"}
NOT_IN_HEADER = frozenset({"CodeMeaning", "ImplementationVersionName", "OverlayDescription", "WindowWidth"})


def rows(recipe: str) -> Iterator[str]:
    """Yield a row for each way in which a rule of *recipe* can hold."""
    for block in re.split(r"^LABEL ", recipe, flags=re.MULTILINE)[1:]:
        label, _, rest = block.partition("\n")
        lines = [line.strip() for line in rest.split("%filter")[0].splitlines() if line.strip()]
        areas = [area for line in lines if (area := _area(line))]
        asked = [line for line in lines if "coordinates" not in line and not line.startswith("#")]
        for alternative in _alternatives(asked):
            conditions = list(map(_condition, alternative))
            if areas and all(conditions):
                yield "\t".join([";".join(each for each in conditions if each), ";".join(areas), label.split(" #")[0]])


def _area(line: str) -> str:
    found = re.fullmatch(r"(ctp)?coordinates\s+(\d+),\s*(\d+),\s*(\d+),\s*(\d+)", line)
    if not found:
        return ""
    x, y, right, bottom = map(int, found.groups()[1:])
    return f"{x},{y},{x + right},{y + bottom}" if found[1] else f"{x},{y},{right},{bottom}"


def _alternatives(lines: list[str]) -> list[list[str]]:
    made: list[list[str]] = [[]]
    for line in lines:
        choices = [each.strip() for each in line.lstrip("+ ").split("||")]
        made = [[*before, choice] for before in made for choice in choices]
    return made


def _condition(text: str) -> str:
    kind, keyword, values = (*text.split(" ", 2), "", "")[:3]
    tag = tag_for_keyword(MISSPELT.get(keyword, keyword))
    if kind not in {"contains", "equals"} or keyword in NOT_IN_HEADER or tag is None:
        return ""
    return f"{tag:08X}={values.strip()}"


def main() -> None:
    """Write the table."""
    found = sorted(set(rows(Path(sys.argv[1]).read_text())))
    TABLE.write_text("conditions\tareas\tlabel\n" + "\n".join(found) + "\n")


if __name__ == "__main__":
    main()
