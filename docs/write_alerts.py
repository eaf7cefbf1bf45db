"""Writes deploy/prometheus-alerts.yaml from the table of causes; a test checks that it is up to date."""

from pathlib import Path

from gateway.causes.rows import Row, fill
from gateway.causes.table import SECTIONS
from gateway.contract.causes import Cause

PAGE = Path(__file__).parent.parent / "deploy" / "prometheus-alerts.yaml"
HEAD = """\
# Alerts for Prometheus, one for each cause of docs/reference/causes.md: `make docs` writes this file.
# Load it with `rule_files`. `hilum status CONFIG` and the first screen name whom it is about.
groups:
  - name: hilum
    rules:
"""
SEVERITIES = {"red": "critical", "amber": "warning"}
"""What is only good to know (blue) is no alert."""
WORDS = {"things": "Messages", "messages": "Messages", "ends_in": "some days", "what": "messages of one kind"}
SUBJECTS = {"Peers": "a peer", "Hilum itself": "a part of Hilum"}
"""What a metric that names no subject is about, by section; otherwise a destination."""
SUBJECTS_OF_CAUSES = {
    Cause.PARKED: "a destination",
    Cause.UNDELIVERED: "a destination",
    Cause.CERTIFICATE_ENDS_SOON: "Hilum",
    Cause.WORKER_MISSING: "of Hilum",
}
DOWN = """\
      - alert: HilumDown
        expr: up{job="hilum"} == 0
        for: 1m
        labels: {severity: critical}
        annotations:
          summary: Prometheus cannot read the metrics of Hilum on {{ $labels.instance }}
          description: The process does not run, or its admin port cannot be reached. The job must be named hilum.
"""


def render() -> str:
    """Return the file."""
    alerts = "".join(
        _alert(cause, row, SUBJECTS_OF_CAUSES.get(cause) or SUBJECTS.get(title, "a destination"))
        for title, rows in SECTIONS.items()
        for cause, row in rows.items()
        if row.level in SEVERITIES
    )
    return HEAD + DOWN + alerts


def _alert(cause: Cause, row: Row, subject: str) -> str:
    name = "".join(word.capitalize() for word in cause.value.split("_"))
    title = fill(row.title, {"subject": subject, **WORDS})
    return f"""\
      - alert: Hilum{name}
        expr: hilum_cases{{cause="{cause.value}"}} > 0
        for: 1m
        labels: {{severity: {SEVERITIES[row.level]}, side: {row.side}}}
        annotations:
          summary: "{title[0].upper()}{title[1:]} ({cause.value})"
          description: "Run hilum status CONFIG; docs/reference/causes.md says what now under {cause.value}."
"""


if __name__ == "__main__":
    PAGE.write_text(render())
