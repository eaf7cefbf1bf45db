"""What ``hilum spool`` prints and does beside a process that holds the spool open."""

import asyncio
import json
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.spool import Plan, Selection, State
from tests.gateway.spool.spools import FakeClock, body_files, folder_of, make_message
from tests.gateway.spooled import LARGE, MARK, REFUSED, SMALL, Spooled, filled_spool
from tests.running import relay

Ran = tuple[int, bytes, str]
"""Exit status, stdout, and the last line of stderr, which has no other."""


class Operator:
    """Somebody at a terminal of the machine on which the gateway runs."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture
        self._config = folder / "hilum.yaml"
        http = 'kind: http, url: "http://127.0.0.1:1/"'
        others = f"store: {{{http}}}, other: {{{http}}}, archive: {{{http.replace('http,', 'dicomweb,')}"
        text = relay("kind: mllp, port: 0", f"{http}}}, {others}")
        self._config.write_text(f"{text}data_dir: {folder}\nspool: {{min_free_bytes: 0, inline_bytes: 64}}\n")

    def give_key(self) -> None:
        """Set a key in the configuration."""
        key = self._config.with_name("key")
        key.write_bytes(bytes(range(32)))
        self._config.write_text(self._config.read_text().replace("spool: {", f"spool: {{key_file: {key}, "))

    async def __call__(self, action: str, *words: str | Path) -> Ran:
        """Run ``hilum spool ACTION CONFIG WORDS...`` while this loop goes on."""
        status = await asyncio.to_thread(main, ["spool", action, str(self._config), *map(str, words)])
        out, err = self._capture.readouterr()
        assert len(err.splitlines()) <= 1, err
        return status, out, err.decode().rstrip("\n")

    async def lines(self, action: str, *words: str) -> list[list[str]]:
        """Return the words of the lines that a command prints; it must succeed."""
        status, out, err = await self(action, *words)
        assert (0, "") == (status, err)
        return [line.split() for line in out.decode().splitlines()]


@pytest.fixture
def operator(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Operator:
    """Return an operator of the gateway whose data directory is ``tmp_path``."""
    return Operator(tmp_path, capsysbinary)


async def test_status(spooled: Spooled, operator: Operator) -> None:
    """The sums by destination and state."""
    assert [
        ["DESTINATION", "STATE", "COUNT", "BYTES", "OLDEST"],
        ["other", "waiting", "1", str(len(SMALL)), "60m"],
        ["store", "parked", "2", str(len(SMALL) + len(LARGE)), "2h"],
        ["store", "delivered", "1", "0", "2h"],
    ] == await operator.lines("status")


async def test_list(spooled: Spooled, operator: Operator) -> None:
    """Each option narrows the list."""
    table = {
        (): [spooled.delivered, spooled.parked, spooled.parked_large, spooled.waiting],
        ("--destination", "other"): [spooled.waiting],
        ("--state", "parked"): [spooled.parked, spooled.parked_large],
        ("--listener", "scanner"): [spooled.waiting],
        ("--older-than", "90m", "--state", "parked"): [spooled.parked, spooled.parked_large],
        ("--destination", "unknown"): [],
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
    assert (0, 3, f"hilum: there are more; go on with --after {spooled.parked_large}") == (
        status,
        len(out.splitlines()),
        err,
    )
    _, line = await operator.lines("list", "--after", spooled.parked_large)
    assert spooled.waiting == line[0]


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


@pytest.mark.parametrize("words", [["--all"], ["--destination", "store"], ["--older-than", "90m"]])
async def test_retry_many(spooled: Spooled, operator: Operator, words: list[str]) -> None:
    """What is parked waits again, and the process that holds the spool can claim it."""
    assert (0, b"retried: 2\n", "") == await operator("retry", *words)
    assert ["delivered", "waiting", "waiting", "waiting"] == await spooled.states()
    assert [spooled.parked, spooled.parked_large] == [each.entry_id for each in await spooled.spool.claim("store", 9)]


async def test_retry_ids(spooled: Spooled, operator: Operator) -> None:
    """Entries named by ID are retried alone."""
    assert (0, b"retried: 1\n", "") == await operator("retry", spooled.parked_large, spooled.delivered)
    assert ["delivered", "parked", "waiting", "waiting"] == await spooled.states()


async def test_discard(spooled: Spooled, operator: Operator) -> None:
    """What is parked is given up with the reason; what waits only when it is named or its state is."""
    assert (0, b"discarded: 2\n", "") == await operator("discard", "--all", "--reason", "sent by hand")
    assert (State.DISCARDED, "sent by hand") == (await spooled.records())[spooled.parked]
    assert ["delivered", "discarded", "discarded", "waiting"] == await spooled.states()
    assert (0, b"discarded: 1\n", "") == await operator("discard", "--state", "waiting", "--reason", "a test")


async def test_retry_where_nobody_delivers(spooled: Spooled, operator: Operator) -> None:
    """A destination that is not configured is named; what others deliver is retried unless it alone was meant."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone",)))
    line = (
        "hilum: destination: gone is not configured, so nobody would deliver its messages; put gone back into the"
        " configuration, or give its messages to another destination with"
        " `hilum spool move CONFIG --from gone --to NAME`"
    )
    assert (2, b"", line) == await operator("retry", "--destination", "gone")
    assert (1, b"retried: 0\n", line) == await operator("retry", "--state", "waiting")
    assert (0, b"retried: 2\n", "") == await operator("retry", "--all")


async def test_move(spooled: Spooled, operator: Operator) -> None:
    """What waits and what is parked goes to another destination, as far as it is meant."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone",)))
    await spooled.spool.commit(make_message(message_id="m5"), Plan(("gone", "other")))
    assert (0, b"moved: 1\n", "") == await operator("move", spooled.parked, "--from", "store", "--to", "other")
    assert (0, b"moved: 0\n", "") == await operator("move", "--from", "gone", "--to", "other", "--state", "parked")
    expected = b"moved: 1\nmerged: 1, because other has their messages already\n"
    assert (0, expected, "") == await operator("move", "--from", "gone", "--to", "other")
    totals = {(each.destination, str(each.state)): each.count for each in await spooled.spool.totals() if each.count}
    assert {
        ("other", "waiting"): 3,
        ("other", "parked"): 1,
        ("store", "parked"): 1,
        ("store", "delivered"): 1,
    } == totals


async def test_not_all_can_be_moved(spooled: Spooled, operator: Operator) -> None:
    """What the other destination does not take, or somebody gave up for it, is left, and the exit status says so."""
    await spooled.spool.commit(make_message(message_id="m4"), Plan(("gone", "other")))
    await spooled.spool.discard(Selection("other"), "a test")
    for to, left in (
        ("archive", b"moved: 0\nleft: 1, because archive does not take messages of their protocol\n"),
        ("other", b"moved: 0\nleft: 1, because their messages were discarded for other\n"),
    ):
        line = "hilum: not all were moved; entries of gone that are as they were: 1"
        assert (1, left, line) == await operator("move", "--from", "gone", "--to", to)
    waiting = [each for each in await spooled.spool.totals() if each.count and each.state is State.WAITING]
    assert ["gone"] == [each.destination for each in waiting]


async def test_move_without_a_gateway(tmp_path: Path, operator: Operator) -> None:
    """It works on what a stopped gateway has left."""
    async with filled_spool(tmp_path, FakeClock(time.time())):
        pass
    assert (0, b"moved: 2\n", "") == await operator("move", "--from", "store", "--to", "out")


async def test_export(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A payload is written to a file for its owner alone; the entry stays as it is."""
    before, path = await spooled.records(), tmp_path / "out.hl7"
    assert (0, f"exported: {path}\n".encode(), "") == await operator("export", spooled.parked_large, path)
    assert (LARGE, 0o600) == (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    assert before == await spooled.records()


async def test_export_overwrites_nothing(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A file that exists stays as it is, also at the end of a link."""
    path, link = tmp_path / "out.hl7", tmp_path / "link.hl7"
    path.write_bytes(b"mine")
    link.symlink_to(tmp_path / "nowhere")
    for taken in (path, link):
        assert (2, b"", f"hilum: {taken}: cannot be made: File exists; name a new file") == await operator(
            "export", spooled.parked, taken
        )
    assert (b"mine", False) == (path.read_bytes(), (tmp_path / "nowhere").exists())


async def test_export_without_room(
    spooled: Spooled, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full leaves no half of a file."""

    def full(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "out.hl7"
    status, _, err = await operator("export", spooled.parked, path)
    assert (2, f"hilum: {path}: cannot be written: No space left on device; make room or name another") == (status, err)
    assert not path.exists()


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
        ["discard", spooled.parked, "abc-1-1", "--reason", "a test"],
    ):
        assert (1, b"", line) == await operator(action, *words)
    assert (before, False) == (await spooled.records(), (tmp_path / "out.hl7").exists())


async def test_payload_gone(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """The payload of what was delivered is gone, and that is said."""
    line = f"hilum: the payload of {spooled.delivered} is gone: every delivery of its message is decided"
    assert (1, b"", line) == await operator("show", spooled.delivered, "--payload")
    assert (1, b"", line) == await operator("export", spooled.delivered, tmp_path / "out.hl7")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["retry"], "nothing is selected; give ids, destination, state, listener, older_than, or all"),
        (["discard", "--reason", "a test"], "nothing is selected; give ids"),
        (["discard", "--all", "--reason", ""], "reason: "),
        (["retry", "--destination", ""], "destination: is not a line of text"),
        (["retry", "--state", "delivered"], "state: delivered entries stay as they are"),
        (["move", "--to", "other"], "from, to: are not both given"),
        (["move", "--from", "store"], "from, to: are not both given"),
        (["move", "--from", "store", "--to", "store"], "to: is 'store' as from is; name another destination"),
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
    """A spool that may not be looked into is not taken for none."""
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
    """When the reader of a pipe has seen enough, the command ends without a word."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert (1, "") == (await operator("list"))[::2]


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
        ["retry", "--all"],
        ["retry", "nonsense"],
        ["discard", "--state", "waiting", "--reason", "a test"],
    ):
        _, out, err = await operator(action, *words)
        printed += out + err.encode()
    assert len(printed) > 2000
    assert MARK not in printed
