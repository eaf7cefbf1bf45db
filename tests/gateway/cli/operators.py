"""Somebody who gives commands to ``hilum spool``."""

import asyncio
from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.running import relay

Ran = tuple[int, bytes, str]
"""Exit status, stdout, and the last line of stderr, which has no other."""


class Operator:
    """Somebody at a terminal of the machine on which the gateway runs."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture
        self.config = folder / "hilum.yaml"
        http = 'kind: http, url: "http://127.0.0.1:1/"'
        others = f"store: {{{http}}}, other: {{{http}}}, archive: {{{http.replace('http,', 'dicomweb,')}"
        text = relay("kind: mllp, port: 0", f"{http}}}, {others}")
        self.config.write_text(f"{text}data_dir: {folder}\nspool: {{min_free_bytes: 0, inline_bytes: 64}}\n")

    def give_key(self) -> None:
        """Set a key in the configuration."""
        key = self.config.with_name("key")
        key.write_bytes(bytes(range(32)))
        self.config.write_text(self.config.read_text().replace("spool: {", f"spool: {{key_file: {key}, "))

    def audit(self, path: Path) -> None:
        """Set a file of the audit trail in the configuration."""
        self.config.write_text(f"{self.config.read_text()}audit: {{file: '{path}'}}\n")

    async def __call__(self, action: str, *words: str | Path) -> Ran:
        """Run ``hilum spool ACTION CONFIG WORDS...`` while this loop goes on."""
        status = await asyncio.to_thread(main, ["spool", action, str(self.config), *map(str, words)])
        out, err = self._capture.readouterr()
        assert len(err.splitlines()) <= 1, err
        return status, out, err.decode().rstrip("\n")

    async def lines(self, action: str, *words: str) -> list[list[str]]:
        """Return the words of the lines that a command prints; it must succeed."""
        status, out, err = await self(action, *words)
        assert (0, "") == (status, err)
        return [line.split() for line in out.decode().splitlines()]
