"""Writes what the judge of de-identification finds: the score, the places, the agreement with dicom-anonymizer.

``python -m docs.write_deidentification``; a test checks that the pages are up to date.
"""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.adapters.deidentify.judge.agreement import compared, share
from tests.adapters.deidentify.judge.places.every import GROUPS
from tests.adapters.deidentify.judge.reasons import reason
from tests.adapters.deidentify.judge.scoring import ACTIONS

if TYPE_CHECKING:
    from tests.adapters.deidentify.judge.scoring import Scorer

DOCS = Path(__file__).parent
PAGE = DOCS / "deidentification.md"
PLACES_PAGE = DOCS / "reference" / "hiding-places.md"
AGREEMENT_PAGE = DOCS / "reference" / "deidentification-agreement.md"
BEGIN, END = "<!-- docs/write_deidentification.py writes from here -->\n", "<!-- to here -->\n"
MEANS = {
    "tag_retained": "an attribute that must be there is there",
    "text_notnull": "an attribute that must have a value has one",
    "text_retained": "a number, code or text that names nobody is the same",
    "text_removed": "what was planted is in no octet of the file",
    "date_shifted": "a date that stays is moved by the days of its patient, whole weeks back",
    "uid_changed": "a UID of an instance is another one, and valid",
    "uid_consistent": "one UID becomes one UID, and two become two",
    "patid_consistent": "one patient has one number, and two have two",
    "pixels_retained": "the pixels are the same",
    "pixels_hidden": "an image that says that text is burned into it is not delivered as it is",
}
PLACES_HEAD = """# Places where an identifier hides in a DICOM object

What becomes of each, by the basic profile with `retain_longitudinal_modified_dates` (reports: with
`clean_structured_content`). Each place is a test, `tests/adapters/deidentify/judge/test_places.py`: names, numbers,
dates and UIDs of the object's own patient are planted there, plainly and in 18 encodings, and must be in no octet
afterwards. The last column says what becomes of a name that the object's header does not give: "stays" is what no rule
finds.
"""
AGREEMENT_HEAD = """# Agreement with dicom-anonymizer

What becomes of each element that has a value, by the basic profile without an option, here and in
[dicom-anonymizer](https://pypi.org/project/dicom-anonymizer/) 2.1, over files that the wheel of pydicom has. Elements
inside a sequence are compared one by one if both keep it. The actions are compared, not the values.
"""


def with_score(score: "Scorer") -> str:
    """Return the page with the table of the score."""
    right, wrong = score.right, score.wrong
    rows = [f"| `{each}` | {MEANS[each]} | {right[each] + wrong[each]} | {wrong[each]} |" for each in ACTIONS]
    total = right.total() + wrong.total()
    said = (
        f"{score.delivered} objects were delivered, {score.leaking} of them with an identifier of their own patient in "
        f"any octet, in any encoding. {score.parked} were held back, all for text that they say is burned into their "
        f"pixels. A name of somebody else stood in a text that is kept {score.others_planted} times, and stayed "
        f"{score.others_kept} times: no rule finds it."
    )
    text = [
        "| action | right means | looked at | wrong |",
        "|---|---|--:|--:|",
        *rows,
        f"| all | {int(score.share * 10_000) / 100:.2f} % right | {total} | {wrong.total()} |",
        "",
        said,
        "",
    ]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return before + BEGIN + "\n".join(text) + END + rest.partition(END)[2]


def places() -> str:
    """Return the page of the places."""
    lines = [PLACES_HEAD]
    for group, found in GROUPS.items():
        lines += [f"\n## {group}\n", "| place | element | afterwards | a name that the header does not give |"]
        lines.append("|---|---|---|---|")
        for each in found:
            path = " ".join(f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in each.path)
            lines.append(f"| {each.name} | {path} | {each.after.value} | {each.after.of_others} |")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def agreement(found: Mapping[tuple[str, str, str], int]) -> str:
    """Return the page of the agreement."""
    by_rule: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for (rule, ours, theirs), count in found.items():
        by_rule[rule] += count
        same[rule] += count * (ours == theirs)
    lines = [AGREEMENT_HEAD, f"Of {sum(found.values())} elements {100 * share(found):.0f} % get the same action.\n"]
    lines += ["| rule (letters of PS3.15, or the representation) | elements | same action |", "|---|--:|--:|"]
    lines += [f"| {rule} | {by_rule[rule]} | {same[rule]} |" for rule in sorted(by_rule)]
    lines += ["\n## Differences\n", "| rule | here | dicom-anonymizer | elements | why |", "|---|---|---|--:|---|"]
    for (rule, ours, theirs), count in sorted(found.items()):
        if ours != theirs:
            lines.append(f"| {rule} | {ours} | {theirs} | {count} | {reason(rule, ours, theirs)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from tests.adapters.deidentify.judge.test_score import score as judged

    PAGE.write_text(with_score(judged()))
    PLACES_PAGE.write_text(places())
    with TemporaryDirectory() as folder:
        AGREEMENT_PAGE.write_text(agreement(compared(Path(folder))))
