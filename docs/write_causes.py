"""Writes docs/reference/causes.md from the table of causes; a test checks that it is up to date."""

from collections.abc import Mapping
from pathlib import Path

from gateway.causes.rows import Row
from gateway.causes.table import SECTIONS
from gateway.contract.causes import Cause
from gateway.contract.details import DETAILS

PAGE = Path(__file__).parent / "reference" / "causes.md"
HEAD = """# Causes

What may need somebody, in the words of the first screen, of `hilum status` and of `/api/v1/status`. One cause is one
case there, however many messages it stops. A case is logged once when it begins (`case_began`) and once when it ends
(`case_ended`), with the name of its cause; the metric `hilum_cases` counts the cases by level and cause, and
`deploy/prometheus-alerts.yaml` has an alert for each cause.

Words in braces stand for what was seen. Where there are several sentences, the first is said of which all is known.
`{subject}` is the destination, the peer or the part of Hilum; `{afterwards}` says whether Hilum delivers by itself once
it is mended, or whether the senders have to send again.

The state is a shape and a word; the level is its colour: `red` for what is stopped, `amber` for what needs somebody,
`blue` for what is good to know. The side says who can mend it: the owner of the store, the owner of the peer, whoever
runs Hilum (`here`), or the network.
"""


def render() -> str:
    """Return the page."""
    return HEAD + "".join(f"\n## {title}\n{_section(rows)}" for title, rows in SECTIONS.items())


def _section(rows: Mapping[Cause, Row]) -> str:
    return "".join(_cause(cause, row) for cause, row in rows.items())


def _cause(cause: Cause, row: Row) -> str:
    title, why, now, effect = ([each for each in texts if each] for texts in row.texts)
    lines = [f"\n### `{cause.value}`\n", f"State `{row.state}`, level `{row.level}`, side `{row.side}`."]
    lines += ["", *(f"- Title: {each}" for each in title), *(f"- Why: {each}" for each in why)]
    lines += [*(f"- Effect: {each}" for each in effect), *(f"- What now: {each}" for each in now)]
    details = ", ".join(f"`{each.removesuffix('?')}`" for each in DETAILS.get(cause, ()))
    if details:
        lines.append(f"- Details of the diagnosis: {details}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render())
