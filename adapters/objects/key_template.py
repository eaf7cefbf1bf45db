"""The keys of what a bucket destination writes: a template with names in braces, filled from one message.

Values come from peers. Each is quoted, so that none can add a part to the path or lead out of it.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from gateway.contract.kind import Format

NAMES: Mapping[Format, tuple[str, ...]] = {
    "dicom": ("study", "series", "instance", "sop_class_uid", "calling_ae_title"),
    "hl7v2": ("sending_application", "sending_facility", "message_type", "control_id", "digest"),
}
"""What a key may name, by format; ``digest`` is the beginning of the message's SHA-256."""
DEFAULTS: Mapping[Format, str] = {
    "dicom": "{study}/{series}/{instance}.dcm",
    "hl7v2": "hl7v2/{digest}.hl7",
}
UNIQUE = {"instance", "digest"}
"""Of these a key must have one: otherwise messages would have the same key."""
NAME = re.compile(r"\{([^{}]*)\}")
KNOWN = sorted({name for names in NAMES.values() for name in names})


def check_template(template: str) -> str:
    """Return *template*; raises ValueError with the reason if it is none."""
    names = NAME.findall(template)
    rest = NAME.sub("x", template)
    for name in names:
        if name not in KNOWN:
            raise ValueError(f"{{{name}}} is not known; use {', '.join(f'{{{each}}}' for each in KNOWN)}")
    if "{" in rest or "}" in rest:
        raise ValueError("has a brace that belongs to no name; write names such as {instance}")
    if not UNIQUE & set(names):
        raise ValueError("names neither {instance} nor {digest}, so that messages would have the same key; add one")
    if any(part in {"", ".", ".."} for part in rest.split("/")):
        raise ValueError("has an empty part, or . or .. as a part; write such as live/{study}/{instance}.dcm")
    return template


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """Return the key; None if the message lacks a value that the template names."""
    found = {name: _quoted(values.get(name, "")) for name in NAME.findall(template)}
    return NAME.sub(lambda match: found[match.group(1)], template) if all(found.values()) else None


def _quoted(value: str) -> str:
    quoted = quote(value, safe=" ")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")
