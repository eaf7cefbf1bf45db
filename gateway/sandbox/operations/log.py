"""The page to which ``logsUrl`` points: how an operation ended, and one line for each file or line that failed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from gateway.sandbox.operations.records import Failed
from gateway.sandbox.pages import page


@dataclass(frozen=True, slots=True)
class Log:
    """What is known of an operation."""

    operation: Mapping[str, Any]
    told: Mapping[str, Any]
    failed: Sequence[Failed]

    def as_json(self) -> dict[str, Any]:
        """Return the log for programs."""
        files = [{"place": place, "reason": reason} for place, reason in self.failed]
        return {**self.told, **({"failed": files} if files else {})}

    def as_text(self) -> str:
        """Return the log for people at a terminal."""
        lines = [*self._head(), *(f"{place}: {reason}" for place, reason in self.failed), *self._counts()]
        return "".join(f"{line}\n" for line in [*lines, *self.told.get("report", [])])

    def as_html(self) -> str:
        """Return the log for people with a browser."""
        head = "".join(f"<p>{escape(line)}</p>" for line in [*self._head(), *self._counts()])
        rows = "".join(
            f"<tr><td><code>{escape(place)}</code></td><td>{escape(why)}</td></tr>" for place, why in self.failed
        )
        table = f"<table><tr><th>file</th><th>reason</th></tr>{rows}</table>" if rows else ""
        report = "".join(f"<p>{escape(line)}</p>" for line in self.told.get("report", []))
        return page("Operation", f"{head}{table}{report}")

    def _head(self) -> Iterator[str]:
        metadata = self.operation["metadata"]
        yield f"{self.operation['name']}: {metadata['apiMethodName'].rpartition('.')[2]}, {state(self.operation)}"
        yield f"began {metadata['createTime']}" + (f", ended {metadata['endTime']}" if "endTime" in metadata else "")
        counter = metadata.get("counter", {})
        yield ", ".join(f"{name} {number}" for name, number in counter.items()) or "nothing was counted"

    def _counts(self) -> Iterator[str]:
        """Yield how often each reason occurred, where the log does not name the places."""
        counts = self.told.get("failures", {})
        if sum(counts.values()) > len(self.failed):
            yield from (f"{number} times: {reason}" for reason, number in counts.items())


def state(operation: Mapping[str, Any]) -> str:
    """Return in a few words how far an operation is."""
    if not operation.get("done"):
        return "in progress"
    return f"ended with an error: {operation['error']['message']}" if "error" in operation else "done"
