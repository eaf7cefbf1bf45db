"""The commands that help in a case."""

from typing import Any

import pytest

from gateway.cli.operating.commands_to_paste import commands_of
from tests.gateway.cli.operating.statuses import case, rejected


def verb(name: str, **target: str) -> dict[str, Any]:
    """Return a verb that helps."""
    return {"name": name, "label": name, "helps": True, "target": target}


COMMANDS = {
    "retry": (verb("retry", destination="pacs"), "hilum spool retry /etc/hilum.yaml --destination pacs"),
    "discard": (
        verb("discard", destination="pacs", reason_like="too large"),
        "hilum spool discard /etc/hilum.yaml --reason WHY --destination pacs --reason-like 'too large'",
    ),
    "show": (verb("show", destination="pacs", link="/x"), "hilum spool list /etc/hilum.yaml --destination pacs"),
    "another verb": (verb("show_line", key="listeners"), "hilum explain /etc/hilum.yaml --destination image-store"),
    "one that does not help": (
        {**verb("retry"), "helps": False},
        "hilum explain /etc/hilum.yaml --destination image-store",
    ),
}


@pytest.mark.parametrize(("given", "command"), COMMANDS.values(), ids=COMMANDS)
def test_commands(given: dict[str, Any], command: str) -> None:
    """The commands are those of the verbs that help; where none does, the one that explains more."""
    assert [command] == list(commands_of(case(verbs=[given]), "/etc/hilum.yaml"))


def test_hostile_command() -> None:
    """A name from the wire stays one word of the command that is to be pasted."""
    (shown,) = commands_of(rejected(subject="x'; rm -rf ~ #\nls"), "/etc/hilum.yaml")
    assert "hilum explain /etc/hilum.yaml --peer 'x'\"'\"'; rm -rf ~ #\\nls'" == shown
