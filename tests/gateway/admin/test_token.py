"""The token of the admin port."""

import asyncio
import errno
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from gateway.admin import token as admin_token
from gateway.admin.token import configured_token, own_token
from gateway.admin.token_file import LONGEST, SHORTEST, own_token_file, read_token
from gateway.contract.errors import ConfigError
from tests.processes import serving
from tests.running import relay, running_gateway

TOKEN = "0123456789abcdef"
BAD = {
    "short": (b"short", f"has fewer than {SHORTEST} characters; make a longer one"),
    "long": (b"x" * (LONGEST + 1), f"has more than {LONGEST} characters; write only the token into it"),
    "empty": (b" \n", f"has fewer than {SHORTEST} characters; make a longer one"),
    "not ASCII": ("töken-töken-töken".encode(), "has characters that are not ASCII; make a new token"),
}


@pytest.mark.parametrize(("content", "text"), BAD.values(), ids=BAD)
def test_bad_token(tmp_path: Path, content: bytes, text: str) -> None:
    """A configured token that is not valid ends the start, and the error does not quote it."""
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        configured_token(path)
    assert str(caught.value).startswith(f"admin.token_file: {path} {text}")


def test_absent_token(tmp_path: Path) -> None:
    """A missing file ends the start."""
    with pytest.raises(ConfigError, match=r"^admin\.token_file: .* cannot be read: No such file"):
        read_token(tmp_path / "absent")


def test_own_token(tmp_path: Path) -> None:
    """Hilum's own token is long, made once, readable only for its owner, and no other file is left."""
    with capture_logs() as logs:
        first, second = own_token(tmp_path)(), own_token(tmp_path)()
    path = own_token_file(tmp_path)
    assert first is not None
    assert (64, first, f"{first}\n") == (len(first), second, path.read_text())
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ([path], ["admin_token_made"]) == (list(tmp_path.iterdir()), [each["event"] for each in logs])
    assert first not in str(logs)


def test_own_tokens_differ(tmp_path: Path) -> None:
    """Each gateway makes a different token."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert own_token(tmp_path / "a")() != own_token(tmp_path / "b")()


def test_nowhere_to_write(tmp_path: Path) -> None:
    """If Hilum's own token cannot be made, no token is valid, the reason is logged, and the gateway goes on."""
    with capture_logs() as logs:
        token = own_token(tmp_path / "absent")
    (not_made,) = [each for each in logs if each["event"] == "admin_token_not_made"]
    assert ("No such file or directory", True) == (not_made["reason"], "admin.token_file" in not_made["mend"])
    assert None is token()
    (tmp_path / "absent").mkdir()
    own_token_file(tmp_path / "absent").write_text(TOKEN)
    assert TOKEN == token()


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full, no partial file is left, and no token is valid."""

    def write_nothing(descriptor: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(admin_token, "write_all", write_nothing)
    assert None is own_token(tmp_path)()
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"short"])
def test_own_token_that_is_no_good(tmp_path: Path, content: bytes) -> None:
    """A file that is not a valid token is not replaced, and no token is valid."""
    own_token_file(tmp_path).write_bytes(content)
    with capture_logs() as logs:
        assert None is own_token(tmp_path)()
    assert (["admin_token_lost"], content) == ([each["event"] for each in logs], own_token_file(tmp_path).read_bytes())
    assert logs[0]["reason"].startswith(f"data_dir: {own_token_file(tmp_path)} has")  # no token_file is configured
    assert "remove the file and restart" in logs[0]["mend"]


def read_while_made(folder: Path) -> str:
    """Return the token that one of several starting processes reads at once."""
    return own_token(folder)() or ""


def test_race(tmp_path: Path) -> None:
    """If several make the token at once, none reads a partial token, and only the one file is left."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read_while_made, [tmp_path] * 64))
    assert {64} == {len(each) for each in found}
    assert [own_token_file(tmp_path)] == list(tmp_path.iterdir())


def test_replaced_by_another(tmp_path: Path) -> None:
    """A process whose token was overwritten uses the new one from the next request."""
    token = own_token(tmp_path)
    admin_token._make(own_token_file(tmp_path))
    assert own_token_file(tmp_path).read_text().strip() == token()


STORE = 'kind: http, url: "http://127.0.0.1:1/"'


async def statuses(port: int, data_dir: Path) -> list[int]:
    """Return the statuses of the spool without and with the token, and of the metrics without."""
    shown = {"Authorization": f"Bearer {own_token_file(data_dir).read_text().strip()}"}
    seen = []
    async with ClientSession(f"http://127.0.0.1:{port}") as client:
        for path, headers in (("/api/v1/spool", {}), ("/api/v1/spool", shown), ("/metrics", {})):
            async with client.get(path, headers=headers) as reply:
                seen.append(reply.status)
    return seen


async def test_gateway(tmp_path: Path) -> None:
    """A gateway that commits makes the token at its first start."""
    text = relay("kind: mllp, port: 0, acknowledge: commit", STORE) + f"data_dir: {tmp_path}\n"
    async with running_gateway(text) as gateway:
        assert [401, 200, 200] == await statuses(gateway.admin_port, tmp_path)


async def test_gateway_without_a_spool(tmp_path: Path) -> None:
    """A gateway without commit mode makes the token too if it has a data_dir, which the journal makes if it is named.

    Without a journal there is nothing to keep while it runs, and no folder and no token are made.
    """
    text = relay("kind: mllp, port: 0", STORE)
    async with running_gateway(f"{text}data_dir: {tmp_path}\n"):
        assert own_token_file(tmp_path).exists()
    async with running_gateway(f"{text}data_dir: {tmp_path / 'named'}\n"):
        assert own_token_file(tmp_path / "named").exists()
    nowhere = tmp_path / "nowhere"
    async with running_gateway(f"{text}data_dir: {nowhere}\njournal: {{enabled: false}}\n"):
        assert not nowhere.exists()


@pytest.mark.slow
async def test_workers(tmp_path: Path) -> None:
    """Several workers have one token."""
    text = relay("kind: mllp, port: 0, acknowledge: commit", STORE) + f"data_dir: {tmp_path / 'data'}\nworkers: 2\n"
    async with serving(tmp_path, text) as (process, _):
        async with asyncio.timeout(60):
            while not (found := [each for each in process.events if "workers" in each and "ports" in each]):
                await asyncio.sleep(0.02)
        assert [401, 200, 200] == await statuses(found[0]["admin_port"], tmp_path / "data")
        assert 1 == len([each for each in process.events if each["event"] == "admin_token_made"])
