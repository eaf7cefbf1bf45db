"""Message profiles."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.hl7.validation.message import Validator
from adapters.hl7.validation.profile import read_profile

HERE = Path(__file__).parent
PARSER = Path(sys.executable).parent / "hl7apy_profile_parser"
HEADER = b"MSH|^~\\&|A|B|C|D|20240101||ADT^A01|C1|P|2.5\r"


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return what hl7apy's own program makes of a profile in XML."""
    folder = tmp_path_factory.mktemp("profile")
    subprocess.run([sys.executable, "-W", "ignore", PARSER, "-o", folder, HERE / "profile.xml"], check=True, stdout=-3)
    return (folder / "profile").read_bytes()


def test_what_hl7apys_program_writes(parsed: bytes) -> None:
    """Required segments, fields and components of a profile are asked for, those it excludes are not looked at."""
    validator = Validator(profile=read_profile(parsed))
    told = {
        line: [f"{each.code} {each.location}" for each in validator.findings(HEADER + line, None)]
        for line in (b"PID||7\r", b"PID|1|\r", b"PID||x\r", b"PV1|1|I\r")
    }
    assert [] == told[b"PID||7\r"]
    assert ["101 PID^1^2^1"] == told[b"PID|1|\r"]
    assert ["102 PID^1^2^1^1"] == told[b"PID||x\r"]
    assert ["100 PV1^1", "100 PID^1"] == told[b"PV1|1|I\r"]


def with_field(field: object) -> object:
    """Return a profile of one segment that has this field."""
    return {"ADT_A01": ("sequence", (("PID", ("sequence", (field,)), (1, 1), "SEG"),))}


NO_PROFILES = {
    "nothing": b"",
    "no pickle": b"<?xml version='1.0'?>",
    "a function call": pickle.dumps(Path("/")),
    "no dictionary": pickle.dumps([1]),
    "an empty one": pickle.dumps({}),
    "a field without a number": pickle.dumps(with_field(("PID", ("leaf", None, "ST", "", None, 1), (0, 1), "FIE"))),
    "a field without a datatype": pickle.dumps(with_field(("PID_1", ("leaf", None, None, "", None, 1), (0, 1), "FIE"))),
    "a field of nothing": pickle.dumps(with_field(("PID_1", (), (0, 1), "FIE"))),
    "no structures": pickle.dumps({"ADT_A01": ("sequence", (1, 2))}),
}


@pytest.mark.parametrize("data", NO_PROFILES.values(), ids=NO_PROFILES)
def test_no_profile(data: bytes) -> None:
    """What is no profile is refused with what to do; nothing in it is called."""
    with pytest.raises(ValueError, match="hl7apy_profile_parser makes such a file"):
        read_profile(data)
