"""The commands that help in a case, ready to be pasted into a shell."""

import shlex
from collections.abc import Iterator, Mapping

from gateway.contract.observed import Case, Verb
from gateway.telemetry.terminal import visible

SELECTORS = {
    "destination": "--destination",
    "state": "--state",
    "reason": "--reason-like",
    "reason_like": "--reason-like",
}
"""Names of selectors of ``/api/v1/spool``, with the option of ``hilum spool`` for each."""
EXPLAINED = ("peer", "destination")


def commands_of(case: Case, config: str) -> Iterator[str]:
    """Yield the commands of the verbs that help; if there is none, the command that explains more."""
    found = [command for verb in case["verbs"] if verb["helps"] and (command := _command(verb, config))]
    if found:
        yield from found
    elif case["subject_kind"] in EXPLAINED:
        yield shlex.join(["hilum", "explain", config, f"--{case['subject_kind']}", visible(case["subject"])])


def _command(verb: Verb, config: str) -> str | None:
    words = list(_selected(verb["target"]))
    if verb["name"] == "retry":
        return shlex.join(["hilum", "spool", "retry", config, *words])
    if verb["name"] == "discard":
        return shlex.join(["hilum", "spool", "discard", config, "--reason", "WHY", *words])
    if verb["name"] == "show" and words:
        return shlex.join(["hilum", "spool", "list", config, *words])
    return None


def _selected(target: Mapping[str, str]) -> Iterator[str]:
    for name, value in target.items():
        if (option := SELECTORS.get(name)) is not None:
            yield from (option, visible(value))
