"""Settings of the step that validates HL7v2 messages."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from adapters.hl7.validation.profile import MOST_OCTETS, read_profile
from gateway.contract.settings import File, Seconds, Settings

Version = Literal["2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8", "2.8.1", "2.8.2"]
_PLACE = re.compile(r"[A-Z][A-Z0-9]{2}(?:-[1-9][0-9]{0,2})?", re.ASCII)


class ValidationChecks(Settings):
    """Which kinds of mistakes are searched for."""

    structure: bool = True
    """Missing segments, segments at a wrong position, and message types and events that the version does not have:
    codes `100`, `200`, `201` of table 0357."""
    required: bool = True
    """Required fields and components that are missing: `101`."""
    datatypes: bool = True
    """Invalid dates, times and numbers, and fields that repeat more often than allowed: `102`."""
    tables: bool = True
    """Values of datatype ID that their HL7 table does not have: `103`. User-defined tables allow any value."""


class ValidateHl7v2Settings(Settings):
    """A step that validates HL7v2 messages against the definitions of their version, in processes of its own."""

    kind: Literal["validate_hl7v2"]
    """Searches HL7v2 messages for mistakes; changes none of them."""
    level: Literal["report", "refuse"] = "report"
    """What happens to a message with mistakes. `report`: it is delivered, and the log names the places. `refuse`: it is
    refused, and an ERR names them to the sender. Real messages often have harmless mistakes: read the log first."""
    version: Version | None = None
    """The version whose definitions are used, instead of the one that `MSH-12` names."""
    profile: File | None = None
    """A message profile, as hl7apy's `hl7apy_profile_parser` writes it. Its message structures replace those of the
    version. The file is read at the start."""
    checks: ValidationChecks = ValidationChecks()
    """Which kinds of mistakes are searched for."""
    ignore: tuple[str, ...] = ()
    """Segments and fields whose mistakes are ignored, such as `PV1` or `OBX-2`."""
    processes: int = Field(default=1, ge=1, le=1024)
    """Number of processes that validate, each one message at a time; with `workers` above 1 each worker has as many."""
    max_seconds: Seconds = Field(default=10, gt=0)
    """Most seconds of processor time for one message. A message that takes longer counts as one with a mistake: with
    `level: report` it is delivered."""

    @field_validator("profile")
    @classmethod
    def _profile_can_be_read(cls, profile: Path | None) -> Path | None:
        if profile is not None:
            read_profile(profile_octets(profile))
        return profile

    @field_validator("ignore")
    @classmethod
    def _places_are_places(cls, ignore: tuple[str, ...]) -> tuple[str, ...]:
        for place in ignore:
            if not _PLACE.fullmatch(place):
                raise ValueError(f"`{place}` is no segment and no field; write them like `PV1` and `OBX-2`")
        return ignore


def profile_octets(profile: Path | None) -> bytes:
    """Return the content of the file *profile*; empty without one. Raises ValueError if it cannot be read."""
    if profile is None:
        return b""
    try:
        if not profile.is_file():  # reading a pipe could block the process
            raise ValueError("is no file; name a message profile that hl7apy_profile_parser has written")
        with profile.open("rb") as file:
            octets = file.read(MOST_OCTETS + 1)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror}); let Hilum's user read it") from None
    if len(octets) > MOST_OCTETS:
        raise ValueError(f"is larger than {MOST_OCTETS} octets; name a message profile")
    return octets
