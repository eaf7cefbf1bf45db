"""Codestreams for the tests, made by Pillow, and what its decoders make of them."""

from io import BytesIO
from random import Random
from struct import pack
from typing import Any

import pytest

from tests.seeds import SEED

SECRET = b"MUSTERFRAU ERIKA"


def jpeg(*, progressive: bool = False, **more: Any) -> bytes:
    """Return a JPEG of 32 by 32 pixels."""
    return _saved("JPEG", progressive=progressive, quality=90, **more)


def jpeg2000(**more: Any) -> bytes:
    """Return a bare JPEG 2000 codestream."""
    return _saved("JPEG2000", no_jp2=True, **more)


def jp2(**more: Any) -> bytes:
    """Return a JP2 file."""
    return _saved("JPEG2000", no_jp2=False, **more)


def decoded(stream: bytes) -> bytes:
    """Return the pixels."""
    pillow = pytest.importorskip("PIL.Image")
    with pillow.open(BytesIO(stream)) as opened:
        return bytes(opened.tobytes())


def segment(marker: int, body: bytes) -> bytes:
    """Return a marker segment of JPEG or JPEG 2000."""
    return pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _saved(form: str, **options: Any) -> bytes:
    pillow = pytest.importorskip("PIL.Image")
    chance = Random(SEED)
    buffer = BytesIO()
    pillow.frombytes("RGB", (32, 32), chance.randbytes(32 * 32 * 3)).save(buffer, form, **options)
    return buffer.getvalue()
