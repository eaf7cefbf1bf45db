"""The part of the configuration that a command uses which asks the admin port."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config.admin_part import AdminPart, load_admin_part
from gateway.config.loading import Config
from gateway.contract.errors import ConfigError


def test_defaults() -> None:
    """The defaults are those of the whole configuration."""
    whole, part = Config.model_fields, AdminPart()
    assert whole["data_dir"].default == part.data_dir
    assert (whole["admin"].default.host, whole["admin"].default.port) == (part.admin.host, part.admin.port)


def test_other_parts_are_not_read(tmp_path: Path) -> None:
    """Variables of other parts and of the files of TLS are not needed."""
    path = tmp_path / "hilum.yaml"
    path.write_text(
        "listeners: {lab: {port: '${PORT}'}}\ndata_dir: '${STATE}'\n"
        "admin: {port: 9, idle_seconds: '${X}', tls: {key_file: '${SECRETS}/key', client_auth: required}}\n"
    )
    part = load_admin_part(path, {"STATE": "/srv"})
    assert (Path("/srv"), 9) == (part.data_dir, part.admin.port)
    assert part.admin.tls is not None
    assert "required" == part.admin.tls.client_auth


MISTAKES = {
    "admin: {prot: 9}": ":1:9: admin.prot: is not a known key; did you mean `port`?",
    "data_dirr: /srv": ":1:1: data_dirr: is not a known key; did you mean `data_dir`?",
    "admin: {port: '${P}'}": ":1:15: admin.port: the environment has no P; set it or write the value here",
}


@pytest.mark.parametrize(("text", "mistake"), MISTAKES.items())
def test_mistakes(tmp_path: Path, text: str, mistake: str) -> None:
    """A mistake that could lead to another gateway is told with its place."""
    path = tmp_path / "hilum.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_admin_part(path, {})
    assert (f"{path}{mistake}",) == caught.value.problems


def test_starts_fast() -> None:
    """Neither the kinds of listeners and destinations nor the spool are imported: that takes seconds."""
    heavy = "gateway.kinds", "gateway.spool", "pydicom", "aiohttp"
    code = "import sys, gateway.cli.operating.status, gateway.cli.operating.top, gateway.cli.operating.explain\n"
    code += f"print([each for each in {heavy!r} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert "[]" == done.stdout.strip()
