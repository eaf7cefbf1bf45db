"""Whom to call: a telephone number in the text becomes a link, which a telephone dials."""

import re

from markupsafe import Markup, escape

NUMBER = re.compile(r"(?<![\w.])\+?\d[\d ()/-]*\d(?![\w.])")
FEWEST_DIGITS = 3
"""An extension of a hospital's switchboard has three digits at least; a shorter number is part of a name."""


def contact_link(text: str) -> Markup:
    """Return *text* escaped; if it holds a number, the whole of it is a link to that number."""
    for found in NUMBER.finditer(text):
        digits = re.sub(r"[^+\d]", "", found[0])
        if len(digits) >= FEWEST_DIGITS:
            return Markup('<a href="tel:{}">{}</a>').format(digits, text)
    return escape(text)
