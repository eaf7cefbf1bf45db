"""Whether a value has the form that its value representation demands (PS3.5 table 6.2-1): text hides in others."""

import re

TIME = rb"(?:(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)? *"
MONTH, DAY = rb"(?:0[1-9]|1[0-2])", rb"(?:0[1-9]|[12]\d|3[01])"
DATE = rb"(?:\d{4}\.?" + MONTH + rb"\.?" + DAY + rb")?"
CLOCK = rb"(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?"
ZONE = rb"(?:[+-](?:0\d|1[0-4])[0-5]\d)?"
DATE_TIME = rb"(?:\d{4}(?:" + MONTH + rb"(?:" + DAY + CLOCK + rb")?)?" + ZONE + rb")? *"
FORMS = {
    b"CS": re.compile(rb"[A-Za-z0-9 _.\-]{0,32}(?:\\[A-Za-z0-9 _.\-]{0,32})*[ \0]*\Z"),
    b"DS": re.compile(rb"[ 0-9+\-.eE]{0,32}(?:\\[ 0-9+\-.eE]{0,32})*[ \0]*\Z"),
    b"IS": re.compile(rb"[ 0-9+\-]{0,16}(?:\\[ 0-9+\-]{0,16})*[ \0]*\Z"),
    b"UI": re.compile(rb"[0-9.]{0,64}(?:\\[0-9.]{0,64})*[ \0]*\Z"),
    b"AS": re.compile(rb"(?:\d{3}[DWMY])?(?:\\\d{3}[DWMY])*[ \0]*\Z"),
    b"TM": re.compile(TIME + rb"(?:\\" + TIME + rb")*[ \0]*\Z"),
    b"DA": re.compile(DATE + rb"(?:\\" + DATE + rb")*[ \0]*\Z"),
    b"DT": re.compile(DATE_TIME + rb"(?:\\" + DATE_TIME + rb")*[ \0]*\Z"),
}
"""Of CS also lower case, points and hyphens, which real objects have; of TM the old form with colons."""
SIZES = {
    **dict.fromkeys((b"US", b"SS"), 2),
    **dict.fromkeys((b"UL", b"SL", b"FL", b"AT", b"OF", b"OL"), 4),
    **dict.fromkeys((b"FD", b"SV", b"UV", b"OD", b"OV"), 8),
}


WITHOUT = frozenset((b"LO", b"SH", b"ST", b"LT", b"UT", b"UC", b"PN", b"AE", b"UR", b"OB", b"OW", b"UN", b"SQ"))
"""Representations of any form."""


def has_form(vr: bytes, value: bytes) -> bool:
    """Whether *value* can be one of *vr*."""
    if vr in WITHOUT:
        return True
    if (size := SIZES.get(vr)) is not None:
        return len(value) % size == 0
    form = FORMS.get(vr)
    return form is None or form.match(value) is not None
