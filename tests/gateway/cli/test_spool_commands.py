"""What ``hilum spool`` prints beside a process that holds the spool open."""

import json
import os
import sys
from collections.abc import Coroutine
from pathlib import Path

import pytest

from gateway.cli import spool_commands
from tests.gateway.cli.operators import Operator
from tests.gateway.spool.spools import body_files, folder_of
from tests.gateway.spooled import LARGE, MARK, REFUSED, SMALL, Spooled


async def test_status(spooled: Spooled, operator: Operator) -> None:
    """The sums by destination and state."""
    assert [
        ["DESTINATION", "STATE", "COUNT", "BYTES", "OLDEST"],
        ["other", "waiting", "1", str(len(SMALL)), "60m"],
        ["store", "parked", "2", str(len(SMALL) + len(LARGE)), "2h"],
        ["store", "delivered", "1", "0", "2h"],
        [],
        ["DESTINATION", "STATE", "COUNT", "BYTES", "OLDEST", "REASON"],
        ["store", "parked", "2", str(len(SMALL) + len(LARGE)), "2h", *REFUSED.split()],
    ] == await operator.lines("status")


async def test_list(spooled: Spooled, operator: Operator) -> None:
    """Each option narrows the list."""
    table = {
        (): [spooled.parked, spooled.parked_large, spooled.waiting, spooled.delivered],
        ("--newest",): [spooled.waiting, spooled.parked_large, spooled.parked, spooled.delivered],
        ("--destination", "other"): [spooled.waiting],
        ("--reason", "refused"): [spooled.parked, spooled.parked_large],
        ("--control-id", "C-m2"): [spooled.parked_large],
        ("--control-id", "C-m2", "--state", "waiting"): [],
        ("--state", "parked"): [spooled.parked, spooled.parked_large],
        ("--listener", "scanner"): [spooled.waiting],
        ("--older-than", "90m", "--state", "parked"): [spooled.parked, spooled.parked_large],
        ("--destination", "archive"): [],
    }
    for words, ids in table.items():
        header, *lines = await operator.lines("list", *words)
        assert ("ID", ids) == (header[0], [line[0] for line in lines])


async def test_list_for_programs(spooled: Spooled, operator: Operator) -> None:
    """With ``--json`` each line is an object with the reason and the attempts."""
    _, out, _ = await operator("list", "--json", "--state", "parked")
    records = [json.loads(line) for line in out.splitlines()]
    assert [(spooled.parked, REFUSED, 1), (spooled.parked_large, REFUSED, 1)] == [
        (each["id"], each["reason"], each["attempts"]) for each in records
    ]


async def test_pages(spooled: Spooled, operator: Operator) -> None:
    """A page that is not the last says on stderr how to go on."""
    status, out, err = await operator("list", "--limit", "3", "--json")
    assert (0, 3, f"hilum: there are more entries; continue with --after waiting:{spooled.waiting}") == (
        status,
        len(out.splitlines()),
        err,
    )
    for after in (spooled.waiting, f"waiting:{spooled.waiting}"):
        _, line = await operator.lines("list", "--after", after)
        assert spooled.delivered == line[0]


async def test_show(spooled: Spooled, operator: Operator) -> None:
    """A record is shown with the identifiers of its message."""
    status, out, _ = await operator("show", spooled.parked)
    record = json.loads(out)
    assert (0, "parked", REFUSED, {"control_id": "C-m1"}) == (
        status,
        record["state"],
        record["reason"],
        record["identifiers"],
    )


async def test_show_payload(spooled: Spooled, operator: Operator) -> None:
    """The payload asked for comes octet for octet, and nothing else with it."""
    assert (0, SMALL, "") == await operator("show", spooled.parked, "--payload")
    assert (0, LARGE, "") == await operator("show", spooled.parked_large, "--payload")


async def test_damaged_payload(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """Of a damaged payload nothing is printed, and no file is left."""
    (file,) = body_files(tmp_path)
    file.write_bytes(LARGE[:-1] + b"X")
    expected = (1, b"", "hilum: the payload is not what was committed")
    assert expected == await operator("show", spooled.parked_large, "--payload")
    assert expected == await operator("export", spooled.parked_large, tmp_path / "out.hl7")
    assert not (tmp_path / "out.hl7").exists()


async def test_unknown_entries(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """An unknown ID ends with exit status 1 and a line; among known ones it changes nothing."""
    before = await spooled.records()
    line = "hilum: there is no entry 'abc-1-1'; the IDs are in the list of entries"
    for action, *words in (
        ["show", "abc-1-1"],
        ["show", "abc-1-1", "--payload"],
        ["export", "abc-1-1", str(tmp_path / "out.hl7")],
        ["retry", spooled.parked, "abc-1-1"],
        ["move", spooled.parked, "abc-1-1", "--from", "store", "--to", "other"],
        ["discard", spooled.parked, "abc-1-1", "--reason", "a test", "--yes"],
        ["list", "--after", "abc-1-1"],
        ["export", "abc-1-1", "--into", str(tmp_path / "folder")],
    ):
        assert (1, b"", line) == await operator(action, *words)
    assert (before, False) == (await spooled.records(), (tmp_path / "out.hl7").exists())


async def test_payload_gone(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """The payload of what was delivered is gone, and that is said."""
    line = f"hilum: the payload of {spooled.delivered} is gone: every delivery of its message has been made or given up"
    assert (1, b"", line) == await operator("show", spooled.delivered, "--payload")
    assert (1, b"", line) == await operator("export", spooled.delivered, tmp_path / "out.hl7")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["retry"], "nothing is selected; give ids, destination, state, listener, older_than, reason_like, control_id"),
        (["retry", "--all"], "all: means the entries of every destination; add destination or reason_like"),
        (["discard", "--all", "--reason", "a test", "--yes"], "all: means the entries of every destination"),
        (["discard", "--state", "parked", "--reason", "a test", "--yes"], "state: means the entries of every dest"),
        (["discard", "--destination", "stor", "--reason", "x", "--yes"], "destination: there is no 'stor', neither in"),
        (["list", "--destination", "stor"], "destination: there is no 'stor', neither in the configuration nor in"),
        (["list", "--listener", "adtt"], "listener: there is no 'adtt', neither in the configuration nor in the"),
        (["export"], "export: takes ID and FILE, or --into DIR with IDs, filters or --all"),
        (["export", "a-1-1"], "export: takes ID and FILE, or --into DIR"),
        (["export", "a-1-1", "file", "--destination", "store"], "export: takes ID and FILE, or --into DIR"),
        (["export", "--into", "/nowhere/at/all"], "nothing is selected"),
        (["export", "--into", "/nowhere/at/all", "--all"], "/nowhere/at/all: cannot be made: No such file"),
        (["discard", "--reason", "a test"], "nothing is selected; give ids"),
        (["discard", "--all", "--reason", ""], "reason: "),
        (["retry", "--destination", ""], "destination: is not a line of text"),
        (["retry", "--state", "delivered"], "state: delivered entries stay as they are"),
        (["move", "--to", "other"], "from, to: are not both given"),
        (["move", "--from", "store"], "from, to: are not both given"),
        (["move", "--from", "store", "--to", "store"], "to: is 'store', the same as from; name another destination"),
        (["move", "--from", "store", "--to", "gone"], "to: there is no destination 'gone' in the configuration; there"),
        (["move", "--from", "gone", "--to", "other"], "from: nothing in the spool is for 'gone'; there is other"),
        (["move", "--from", "store", "--to", "other", "--state", "delivered"], "state: delivered entries stay"),
        (["list", "--state", "lost"], "state: 'lost' is not a state"),
        (["list", "--older-than", "2w"], "older_than: '2w' is not an age"),
        (["list", "--limit", "many"], "limit: 'many' is not a page size"),
    ],
)
async def test_mistakes(spooled: Spooled, operator: Operator, words: list[str], problem: str) -> None:
    """An operator's mistake is one line and exit status 2, and changes nothing."""
    before = await spooled.records()
    status, out, err = await operator(*words)
    assert (2, b"", True) == (status, out, err.startswith(f"hilum: {problem}")), err
    assert before == await spooled.records()


async def test_no_spool(operator: Operator, tmp_path: Path) -> None:
    """Where nothing was ever spooled, that is said, and nothing is made."""
    line = f"data_dir: {tmp_path}: there is no spool; no listener with acknowledge: commit ran here yet"
    status, out, err = await operator("status")
    assert (2, b"", True) == (status, out, err.endswith(f"hilum.yaml:7:11: {line}")), err
    assert not (tmp_path / "spool").exists()


async def test_spool_of_another_user(operator: Operator, tmp_path: Path) -> None:
    """A spool without read permission is not reported as missing."""
    (tmp_path / "spool").write_text("not a folder: root may look into every folder")
    status, _, err = await operator("status")
    assert (2, True) == (status, "the spool cannot be read: Not a directory; run this as the user of" in err), err


async def test_unreadable_spool(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A database that is none is named in one line, and the other spools are shown."""
    other = folder_of(tmp_path).parent / "zzz"
    other.mkdir()
    (other / "spool.db").write_text("no database" * 1000)
    status, _, err = await operator("status")
    assert (0, True) == (status, "spool_left_out" in err and "zzz" in err), err


async def test_reader_that_leaves(spooled: Spooled, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the reader of a pipe closes it, the command ends silently."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert (141, "") == (await operator("list"))[::2]


async def test_payload_is_printed_when_asked_only(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """Neither what is printed nor what is logged holds a byte of payload, unless ``--payload`` was given."""
    printed = b""
    for action, *words in (
        ["status"],
        ["list"],
        ["list", "--json"],
        *(["show", each] for each in await spooled.records()),
        ["show", spooled.delivered, "--payload"],
        ["export", spooled.parked, str(tmp_path / "out.hl7")],
        ["retry", "--destination", "store", "--dry-run"],
        ["retry", "--destination", "store"],
        ["retry", "nonsense"],
        ["discard", "--destination", "other", "--state", "waiting", "--reason", "a test", "--yes"],
    ):
        _, out, err = await operator(action, *words)
        printed += out + err.encode()
    assert len(printed) > 2000
    assert MARK not in printed


async def test_interrupted(spooled: Spooled, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command with a line and exit status 130, not with a traceback."""

    def interrupted(work: Coroutine[None, None, None]) -> None:
        work.close()
        raise KeyboardInterrupt

    said = list[str]()
    monkeypatch.setattr(spool_commands, "run_loop", interrupted)
    monkeypatch.setattr(spool_commands, "say", said.append)
    assert (130, b"", "") == await operator("list")
    assert ["hilum: interrupted; only what is printed above has been done"] == said
