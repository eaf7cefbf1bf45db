"""How a table is written."""

from typing import Any

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.tables.target import RowsRefusedError, read_disposition

MEANT: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "WRITE_EMPTY"),
    "unspecified": ({"writeDisposition": "WRITE_DISPOSITION_UNSPECIFIED"}, "WRITE_EMPTY"),
    "force": ({"force": True}, "WRITE_TRUNCATE"),
    "no force": ({"force": False}, "WRITE_EMPTY"),
    "the newer word wins": ({"force": True, "writeDisposition": "WRITE_APPEND"}, "WRITE_APPEND"),
}


@pytest.mark.parametrize(("asked", "meant"), MEANT.values(), ids=MEANT)
def test_disposition(asked: dict[str, Any], meant: str) -> None:
    """Without a word a table must be empty."""
    assert meant == read_disposition(asked)


@pytest.mark.parametrize("wrong", ["WRITE_SOME", 5, ["WRITE_APPEND"]])
def test_wrong(wrong: Any) -> None:
    """Another word is a 400."""
    with pytest.raises(ApiError, match="writeDisposition is not one of"):
        read_disposition({"writeDisposition": wrong})


def test_refused() -> None:
    """The error has the reason of the first row, for those who do not ask which it is."""
    error = RowsRefusedError({3: "no INTEGER", 5: "no FLOAT"})
    assert (400, "no INTEGER", "invalid") == (error.status, error.reason, error.code)
