"""Writes what the search for text in images finds, into ``docs/deidentification.md``.

``python -m docs.write_pixels``; it takes ten minutes on an idle core. The extra ``ocr`` and the corpus must be there.
The slow test of the search asserts the limits, and does not compare the table: another processor rounds otherwise.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from adapters.deidentify.dicom.pixels.detector import shared_detector
from tests.adapters.deidentify.dicom.pixels.clean import frames
from tests.adapters.deidentify.dicom.pixels.measuring import covered, measured, table
from tests.adapters.deidentify.dicom.pixels.rows import GROUPS

if TYPE_CHECKING:
    from tests.adapters.deidentify.dicom.pixels.measuring import Clean, Measured
    from tests.adapters.deidentify.dicom.pixels.rows import Row

PAGE = Path(__file__).parent / "deidentification.md"
BEGIN, END = "<!-- docs/write_pixels.py writes from here -->\n", "<!-- docs/write_pixels.py: to here -->\n"


def with_table(found: "dict[Row, Measured]", clean: "Clean") -> str:
    """Return the page with the table."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return before + BEGIN + "\n".join(table(found, clean)) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    lines = {row: measured(row, group.frames, shared_detector()) for group in GROUPS for row in group.rows}
    PAGE.write_text(with_table(lines, covered(frames(), shared_detector())))
