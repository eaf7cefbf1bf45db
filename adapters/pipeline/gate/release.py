"""Nothing passes before the report is on the disk."""

import json
from collections.abc import Callable, Sequence

from adapters.pipeline.gate.candidates import Candidate, Verdict
from adapters.pipeline.gate.reporting import as_markdown

JSON, MARKDOWN = "gate.json", "gate.md"
Write = Callable[[str, bytes], None]
"""Writes a file of the identified side under a name, durably: it returns when the file is on the disk."""


def release(verdict: Verdict, write: Write) -> Sequence[Candidate]:
    """Write the report, and who was held back for what, and return what may pass; raises what *write* raises.

    The same verdict gives the same octets.
    """
    held = [{"reference": each.reference, "reason": each.reason} for each in verdict.held]
    told = json.dumps({**verdict.report, "held": held}, indent=1, ensure_ascii=False, sort_keys=True)
    write(JSON, told.encode(errors="surrogateescape") + b"\n")
    write(MARKDOWN, as_markdown(verdict.report).encode())
    return verdict.passed
