"""rsyslog takes the audit trail apart as RFC 5424 means it."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from lxml import etree

from gateway.audit.settings import SyslogSettings
from gateway.audit.syslog import open_syslog
from gateway.audit.syslog_format import Sender
from tests.gateway.audit.samples import MESSAGES, schema

RSYSLOGD = shutil.which("rsyslogd") or "/usr/sbin/rsyslogd"
pytestmark = pytest.mark.skipif(not Path(RSYSLOGD).exists(), reason="rsyslog is not installed; see `make peers`")

CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="64k")
module(load="imtcp")
module(load="imudp")
template(name="parsed" type="string" string="%pri% %hostname% %app-name% %procid% %msgid% %msg%\\n")
input(type="imtcp" address="127.0.0.1" port="{port}" ruleset="keep")
input(type="imudp" address="127.0.0.1" port="{port}" ruleset="keep")
ruleset(name="keep") {{ action(type="omfile" file="{folder}/kept" template="parsed") }}
"""


@asynccontextmanager
async def rsyslog(folder: Path, port: int) -> AsyncIterator[Path]:
    """Run rsyslogd on *port*, TCP and UDP; yield the file into which it writes what it understood."""
    configuration = folder / "rsyslog.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
    command = (RSYSLOGD, "-n", "-f", str(configuration), "-i", str(folder / "pid"))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(60):
            while not listens(port):
                await asyncio.sleep(0.05)
        yield folder / "kept"
    finally:
        process.terminate()
        await process.wait()


def listens(port: int) -> bool:
    """Tell whether somebody accepts connections on *port*."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_rsyslog(tmp_path: Path, unused_tcp_port: int, transport: str) -> None:
    """Header and content of every message arrive in their places, and the content is valid XML."""
    settings = SyslogSettings.model_validate({"host": "127.0.0.1", "port": unused_tcp_port, "transport": transport})
    async with rsyslog(tmp_path, unused_tcp_port) as kept:
        sink = open_syslog(settings, Sender("gate.example", "4711"))
        await asyncio.to_thread(sink.write, list(MESSAGES.values()))
        async with asyncio.timeout(60):
            while not (kept.exists() and len(kept.read_bytes().splitlines()) == len(MESSAGES)):
                await asyncio.sleep(0.05)
        sink.close()
    for line, message in zip(kept.read_bytes().splitlines(), MESSAGES.values(), strict=True):
        priority, *header, content = line.split(b" ", 5)
        assert priority == (b"84" if message.event.meaning == "Security Alert" else b"85")
        assert [b"gate.example", b"hilum", b"4711", b"DICOM+RFC3881"] == header
        assert message.event.value.encode() in content
        assert schema().validate(etree.fromstring(content.strip().removeprefix(b"\xef\xbb\xbf").strip()))
