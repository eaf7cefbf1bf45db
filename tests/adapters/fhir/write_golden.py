"""Write the golden bundles: ``python -m tests.adapters.fhir.write_golden NAME…``, or all without a name."""

import sys
from decimal import Decimal
from typing import Any

import msgspec

from adapters.fhir.convert import Conversion
from tests.adapters.fhir.facts import HERE, converted, names

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def text(made: Conversion) -> str:
    """Return bundle and report as JSON for people."""
    content: dict[str, Any] = {
        "bundle": _decode(made.encoded()),
        "left_out": [f"{each.place}: {each.reason}" for each in made.report],
    }
    return msgspec.json.format(_encode(content), indent=1).decode() + "\n"


if __name__ == "__main__":
    for each in sys.argv[1:] or names():
        (HERE / "golden" / f"{each}.json").write_text(text(converted(each)), "utf-8")
