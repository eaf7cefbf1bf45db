"""What the commands do, as processes of their own."""

import asyncio
import signal
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path

import pytest

from gateway.cli import commands
from gateway.config import loading as config
from gateway.sandbox.server import Sandbox
from tests.dicom_files import shipped
from tests.mllp_client import adt
from tests.processes import hilum
from tests.running import relay, running_gateway

PATIENT = "--timeout", "300"
"""For commands that wait for an answer: a busy machine may take longer than their 30 seconds."""


async def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Run ``hilum`` to its end; return exit status, stdout and stderr."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *map(str, arguments), stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_send_hl7(tmp_path: Path) -> None:
    """Every message of a file is sent and its answer printed; a negative one makes the exit status 1."""
    good, bad = tmp_path / "good.hl7", tmp_path / "bad.hl7"
    good.write_bytes(adt("G1") + adt("G2"))
    bad.write_bytes(adt("B1").replace(b"PID", b"pid"))
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"')
        async with running_gateway(text) as gateway:
            address = f"127.0.0.1:{gateway.ports['in']}"
            accepted, *_ = await run("send", "hl7", *PATIENT, address, good)
            refused, printed, said = await run("send", "hl7", *PATIENT, address, bad)
    assert (0, 1) == (accepted, refused)
    assert ["AE", "B1", str(bad), "Application", "error:"] == printed.split()[:5]
    assert said.startswith("1 in all: 1 refused; ")


async def test_send_hl7_that_asks_for_no_answer(tmp_path: Path) -> None:
    """A message that asks for none is said to have none, which is right, and those behind it are sent."""
    path = tmp_path / "three.hl7"
    silent = adt("G2").replace(b"|2.5.1\r", b"|2.5.1|||NE|NE\r")
    path.write_bytes(adt("G1") + silent + adt("G3") + b"\x1c\r")
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"')
        async with running_gateway(text) as gateway:
            status, out, _ = await run("send", "hl7", *PATIENT, f"127.0.0.1:{gateway.ports['in']}", path)
    assert 0 == status
    assert [["AA", "G1", str(path)], ["none", "G2", str(path)], ["AA", "G3", str(path)]] == [
        line.split()[:3] for line in out.splitlines()
    ]


@pytest.mark.slow
async def test_send_dicom_and_echo(tmp_path: Path) -> None:
    """Instances are stored and their statuses printed; a C-ECHO is answered."""
    path = shipped("CT_small.dcm")
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = relay("kind: dimse, port: 0", f'kind: dicomweb, url: "{sandbox.dicom_web_url()}"')
        async with running_gateway(text) as gateway:
            address = f"HILUM@127.0.0.1:{gateway.ports['in']}"
            status, printed, _ = await run("send", "dicom", *PATIENT, address, path)
            assert (0, "0000") == (status, printed.split()[0])
            assert (0, f"0000   C-ECHO  {address}  Success\n", "") == await run("echo", *PATIENT, address)
            wrong = address.replace("HILUM", "OTHER")
            status, printed, _ = await run("echo", *PATIENT, wrong)
            assert (1, True) == (status, printed.startswith(f"-      C-ECHO  {wrong}  association rejected: called AE"))


@pytest.mark.parametrize("command", [("send", "hl7"), ("echo",)])
async def test_nobody_there(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Without a peer the command says so in a line and exits 1, without a traceback."""
    path = tmp_path / "a.hl7"
    path.write_bytes(adt("C1"))
    address = "127.0.0.1:1" if command[0] == "send" else "HILUM@127.0.0.1:1"
    status, printed, errors = await run(*command, address, *([path] if command[0] == "send" else []))
    assert (1, 1, True) == (status, len(printed.splitlines()), "no connection: connection refused" in printed)
    assert "Traceback" not in errors


async def test_interrupted() -> None:
    """Ctrl-C ends the wait for an answer with a line and exit status 130, without a traceback."""
    reached = asyncio.Event()

    async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(6)
        reached.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(stay, "127.0.0.1", 0) as server:
        address = f"MUTE@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            "echo",
            address,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell ignores it in the background
        )
        await reached.wait()
        process.send_signal(signal.SIGINT)
        _, said = await process.communicate()
    assert (130, b"interrupted: files without a line above have no answer") == (process.returncode, said.strip())


async def test_sandbox_keeps_its_data(tmp_path: Path) -> None:
    """The stores run alone on the port asked for, and end on SIGTERM."""
    async with hilum("sandbox", "--port", "0", "--data", tmp_path) as sandbox:
        assert (await sandbox.logged("sandbox_started"))["data"] == str(tmp_path)
        sandbox.process.terminate()
        assert 0 == await sandbox.ended()


async def test_sandbox_port_taken(tmp_path: Path) -> None:
    """A taken port ends the sandbox with a line that names it."""
    async with Sandbox(tmp_path / "first") as first:
        status, _, errors = await run("sandbox", "--port", str(first.port), "--data", tmp_path / "second")
    assert (2, True) == (status, errors.startswith(f"hilum: sandbox: cannot start on port {first.port}: "))
    assert 1 == len(errors.splitlines())


@pytest.mark.parametrize(("workers", "is_alone"), [(1, True), (2, False)])
def test_one_process_writes_alone(monkeypatch: pytest.MonkeyPatch, workers: int, is_alone: bool) -> None:
    """Lines are written in large pieces by the only process, and not by one of several that share stderr."""
    calls: list[bool] = []

    async def ran(*_: object, **__: object) -> int:
        return 0

    monkeypatch.setattr(commands, "write_alone", lambda: calls.append(True))
    monkeypatch.setattr("gateway.app.run", ran)
    monkeypatch.setattr("gateway.process.supervisor.Supervisor.run", ran)
    for name in ("harden_process", "install_exception_hooks", "raise_limit", "warn_of_exposed_files"):
        monkeypatch.setattr(commands, name, lambda *_: None)
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"')
    settings = config.parse(f"{text}workers: {workers}\n")
    options = Namespace(config=Path("hilum.yaml"), log_format="json", log_level="info")
    assert (commands.DONE, is_alone) == (commands._serve(options, settings), bool(calls))
