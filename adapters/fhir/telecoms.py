"""Functions for telephone numbers and addresses of electronic mail: XTN."""

import re

from adapters.fhir.bundle import Json
from adapters.fhir.context import Context
from adapters.fhir.periods import period

EQUIPMENT = {"PH": "phone", "CP": "phone", "SAT": "phone", "FX": "fax", "BP": "pager", "INTERNET": "email"}
PHONE_USES = {"PRN": "home", "WPN": "work", "VHN": "temp", "ORN": "home", "PRS": "mobile"}
_XTN = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 18))


def telecom(raw: str, context: Context, default_use: str = "") -> list[Json]:
    """XTN: a telephone number, an address of electronic mail, or both."""
    parts = context.texts(raw)
    context.only(parts, _XTN)
    parts += [""] * (18 - len(parts))
    use, equipment = parts[1].upper(), parts[2].upper()
    whole = "".join(f"{prefix}{each}" for prefix, each in zip(("+", " ", " ", " x"), parts[4:8], strict=True) if each)
    value = parts[11] or whole.strip() or ("" if parts[3] and "@" in parts[0] else parts[0])
    system = EQUIPMENT.get(equipment, "email" if use == "NET" or "@" in value else "phone")
    found = []
    if parts[3]:
        found.append({"system": "email", "value": parts[3], "use": PHONE_USES.get(use, default_use)})
        system = "phone" if system == "email" else system
    if value:
        kind = "mobile" if equipment == "CP" else PHONE_USES.get(use, default_use)
        found.append({"system": system, "value": value, "use": kind})
    more = _of_the_point(parts, context) if any(parts[12:]) else {}
    return [{name: each for name, each in {**point, **more}.items() if each} for point in found]


def _of_the_point(parts: list[str], context: Context) -> Json:
    """Return since when a telephone number is valid, and its rank among others."""
    rank = int(parts[17]) if re.fullmatch(r"[1-9][0-9]{0,8}", parts[17], re.ASCII) else None
    return {"rank": rank, "period": period(parts[12], parts[13], context, "13")}
