"""Settings of an MLLP listener."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.mllp.settings import MllpListenerSettings


def test_defaults_suit_a_hospital() -> None:
    """A kind and a port are enough."""
    settings = MllpListenerSettings.model_validate({"kind": "mllp", "port": 2575})
    assert (64 * 1024 * 1024, "1c0d", "any") == (settings.max_block, settings.block_end, settings.segment_end)
    assert ("answer", "same_connection", None) == (
        settings.when_unavailable,
        settings.application_ack,
        settings.charset,
    )
    assert ("AE", "AR", "AR") == (settings.answers.refused, settings.answers.unsupported, settings.answers.unavailable)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "release 3": ({"mllp_release": 3}, "Input should be 1 or 2"),
    "character set": ({"charset": "KLINGON"}, "is not a character set that Hilum knows"),
    "answer": ({"answers": {"refused": "AA"}}, "Input should be 'AE' or 'AR'"),
    "outcome": ({"answers": {"refuse": "AE"}}, "Extra inputs are not permitted"),
    "block end": ({"block_end": "0d"}, "Input should be '1c0d' or '1c'"),
    "block size": ({"max_block": 0}, "greater than or equal to 1"),
    "unknown key": ({"max_blok": 1}, "Extra inputs are not permitted"),
}


@pytest.mark.parametrize(("wrong", "message"), WRONG.values(), ids=WRONG)
def test_mistakes(wrong: dict[str, Any], message: str) -> None:
    """A mistake is refused with a message that names the problem."""
    with pytest.raises(ValidationError, match=message):
        MllpListenerSettings.model_validate({"kind": "mllp", "port": 0, **wrong})


@pytest.mark.parametrize("charset", ["8859/1", "unicode utf-8", "~ISO IR87", None])
def test_charset(charset: str | None) -> None:
    """The override accepts what MSH-18 may hold, repetitions included."""
    assert charset == MllpListenerSettings(kind="mllp", port=0, charset=charset).charset
