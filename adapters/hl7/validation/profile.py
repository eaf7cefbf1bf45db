"""Reads a message profile as ``hl7apy_profile_parser`` writes it: a pickle of nested tuples.

A pickle may name any function to be called. This reader calls none: a pickle of more than plain data is refused.
"""

import io
import pickle
from typing import Any, Never

from adapters.hl7.validation.grammar import Definition, Grammar

MOST_OCTETS = 64 * 1024 * 1024
NO_PROFILE = (
    "is no message profile that can be used; hl7apy_profile_parser makes such a file from a profile in XML (it comes "
    "with hl7apy and needs lxml)"
)


class _PlainData(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Never:  # noqa: ARG002  as in the base class
        raise pickle.UnpicklingError("it holds more than plain data")


def read_profile(data: bytes) -> dict[str, Definition]:
    """Return the message structures in *data* by name. Raises ValueError if *data* is no profile."""
    try:
        profile = _PlainData(io.BytesIO(data)).load()
        for structure in _structures(profile).values():
            Grammar(structure)
            _check_segments(structure[1])
    except Exception as error:  # pickle raises nearly anything for data that is none
        raise ValueError(NO_PROFILE) from error
    return _structures(profile)


def _check_segments(children: Any) -> None:
    """Raise TypeError if the definition of a field is wrong; building a Grammar has checked the structure."""
    for _, definition, _, kind in children:
        if kind == "GRP":
            _check_segments(definition[1])
            continue
        for name, reference, (least, most), *_ in definition[1] or ():
            datatype, table = reference[2], reference[4]
            if not name.rpartition("_")[2].isdecimal() or {type(least), type(most)} != {int}:
                raise TypeError("a field has no number or no cardinality")
            if not isinstance(datatype, str) or not isinstance(table, str | None):
                raise TypeError("a field has no datatype")


def _structures(profile: Any) -> dict[str, Definition]:
    if not isinstance(profile, dict) or not profile:
        raise TypeError("it is no dictionary of structures")
    return {str(name): structure for name, structure in profile.items()}
