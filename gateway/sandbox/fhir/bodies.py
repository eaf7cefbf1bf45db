"""JSON of FHIR: decimals keep their digits (R4 datatypes: "the precision of the decimal value has significance")."""

from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def read_json(octets: bytes) -> Any:
    """Return the value of *octets*; raises ``ValueError`` if they are not JSON."""
    try:
        return _decoder.decode(octets.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError, RecursionError):
        # The text of the decoder's exception may quote the payload.
        raise ValueError("the body is not JSON") from None


def write_json(value: Any) -> bytes:
    """Return *value* as JSON, every decimal with the digits it came with."""
    return _encoder.encode(value)
