"""Nothing passes before the report is written."""

import json

import pytest

from adapters.pipeline.gate.judging import gate
from adapters.pipeline.gate.release import JSON, MARKDOWN, release
from tests.adapters.pipeline.gate.support import RULES, candidate, candidates, identified, no_text

VERDICT = gate([*candidates(), candidate(0, report="Musterfrau")], identified(), RULES, no_text)


def test_release() -> None:
    """The report and who was held back is written, the same octets each time; then the candidates pass."""
    files: dict[str, bytes] = {}
    assert list(release(VERDICT, files.__setitem__)) == candidates()
    told = json.loads(files[JSON])
    assert told["held"] == [{"reference": "north/2.25.0", "reason": "an identifier of its patient is in its row"}]
    assert (told["passed"], told["candidates"]) == (6, 7)
    assert files[MARKDOWN].startswith(b"# Report of the gate\n\nOf 7 rows 6 pass and 1 are held back.\n")
    again: dict[str, bytes] = {}
    release(VERDICT, again.__setitem__)
    assert files == again


@pytest.mark.parametrize("name", [JSON, MARKDOWN])
def test_not_written(name: str) -> None:
    """If one of the two files cannot be written nothing passes."""

    def write(file: str, _: bytes) -> None:
        if file == name:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        release(VERDICT, write)
