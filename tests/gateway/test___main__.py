"""The program as it is started."""

import subprocess
import sys

import pytest


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with *arguments*."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_module() -> None:
    """`python -m gateway` is `hilum`."""
    done = run("-m", "gateway", "--version")
    assert (0, "hilum ") == (done.returncode, done.stdout[:6])


@pytest.mark.parametrize("name", ["numpy", "PIL"])
def test_kept_out(name: str) -> None:
    """What only takes memory without the extra `ocr` is not imported, although pydicom would where it is installed."""
    code = (
        "import importlib.util as util, sys; found = util.find_spec; "
        "util.find_spec = lambda name, *more: None if name == 'rapidocr_onnxruntime' else found(name, *more); "
        f"import gateway.__main__, gateway.app; print(sys.modules[{name!r}])"
    )
    assert "None\n" == run("-c", code).stdout


def test_pixels_can_be_looked_at() -> None:
    """With the extra `ocr` the program can import what its steps need: text in images is found by it."""
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra ocr is not installed")
    code = "import gateway.__main__; import adapters.deidentify.dicom.pixels.detector, PIL; print('found')"
    assert "found\n" == run("-c", code).stdout


def test_version_imports_little() -> None:
    """`hilum --version` imports no part of the gateway that takes time."""
    code = (
        "import sys; sys.argv[1:] = ['--version']; from gateway.__main__ import main\ntry: main()\nexcept SystemExit: "
    )
    heavy = "{'pydantic', 'aiohttp', 'asyncio', 'structlog', 'yaml', 'pydicom', 'cryptography', 'sqlite3', 'ssl'}"
    assert "set()" == run("-c", f"{code}print({heavy} & set(sys.modules))").stdout.splitlines()[-1]
