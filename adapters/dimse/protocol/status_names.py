"""The names of DIMSE statuses, for people (PS3.7 C, PS3.4 B.2.3, C.4)."""

SUCCESS, NO_NAME = "Success", "Unknown status"
NAMES = {
    "0000": SUCCESS,
    "0001": "Warning: optional attributes not supported",
    "0105": "Error: no such attribute",
    "0106": "Error: invalid attribute value",
    "0107": "Warning: attribute list error",
    "0110": "Error: processing failure",
    "0111": "Error: duplicate SOP instance",
    "0112": "Error: no such SOP instance",
    "0113": "Error: no such event type",
    "0114": "Error: no such argument",
    "0115": "Error: invalid argument value",
    "0116": "Warning: attribute value out of range",
    "0117": "Error: invalid SOP instance",
    "0118": "Error: no such SOP class",
    "0119": "Error: class-instance conflict",
    "0120": "Error: missing attribute",
    "0121": "Error: missing attribute value",
    "0122": "Refused: SOP class not supported",
    "0123": "Error: no such action",
    "0124": "Refused: not authorized",
    "0210": "Error: duplicate invocation",
    "0211": "Error: unrecognized operation",
    "0212": "Error: mistyped argument",
    "0213": "Error: resource limitation",
    "B000": "Warning: coercion of data elements",
    "B006": "Warning: elements discarded",
    "B007": "Warning: data set does not match SOP class",
    "FE00": "Cancelled",
    "FF00": "Pending",
    "FF01": "Pending: optional keys not supported",
}
RANGES = (("A7", "Refused: out of resources"), ("A9", "Error: data set does not match SOP class"))
FIRST_DIGITS = {"A": "Refused", "B": "Warning", "C": "Error: cannot understand"}


def name_of(status: str) -> str:
    """Return the name of a status of four hexadecimal digits."""
    by_range = next((name for start, name in RANGES if status.startswith(start)), None)
    return NAMES.get(status) or by_range or FIRST_DIGITS.get(status[:1], NO_NAME)
