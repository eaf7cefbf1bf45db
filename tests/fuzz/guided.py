"""One target under a coverage-guided fuzzer: ``python -m tests.fuzz.guided TARGET FOLDER... [-option=value...]``.

New inputs go to the first folder; see the options of libFuzzer. It ends with another status than 0 when an input broke
an invariant, hung or took too much memory.
"""

import sys

import atheris

from tests.fuzz.targets import Target, load

INSTRUMENTED = ["adapters", "gateway", "tests.fuzz", "pynetdicom.pdu", "pynetdicom.pdu_items"]


def main() -> None:
    """Run from the command line."""
    program, name, *rest = sys.argv
    with atheris.instrument_imports(include=INSTRUMENTED):
        target: Target = load(name)
    atheris.Setup([program, *rest], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
