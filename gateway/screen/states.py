"""How each state is shown: always a shape, a word and a colour together, so that none of them is needed to read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Look:
    """The look of one state."""

    tone: str
    """The class of the style sheet, which has its colours: ``stop``, ``warn``, ``hold``, ``quiet``, ``ok``."""
    word: str

    @property
    def shape(self) -> str:
        """The path of the shape in a square of 10 by 10."""
        return SHAPES[self.tone]


SHAPES: Mapping[str, str] = {
    "stop": "M3 0h4l3 3v4l-3 3H3L0 7V3z",  # octagon
    "warn": "M5 0l5 9.5H0z",  # triangle
    "hold": "M1 0h3v10H1zM6 0h3v10H6z",  # two bars
    "quiet": "M0 4h10v2H0z",  # dash
    "ok": "M5 0a5 5 0 1 0 0 10A5 5 0 1 0 5 0z",  # dot
}

LOOKS: Mapping[str, Look] = {
    "stopped": Look("stop", "Stopped"),
    "rejected": Look("warn", "Rejected"),
    "refused": Look("warn", "Refused"),
    "silent": Look("warn", "Silent"),
    "slow": Look("warn", "Slow"),
    "parked": Look("warn", "Parked"),
    "ends_soon": Look("warn", "Ends soon"),
    "ended": Look("stop", "Ended"),
    "warned": Look("warn", "Look"),
    "dead_letters": Look("warn", "Dead letters"),
    "discarded": Look("hold", "Discarded"),
    "unavailable": Look("warn", "Unavailable"),
    "retried": Look("quiet", "Tried again"),
    "duplicate": Look("quiet", "Duplicate"),
    "none": Look("quiet", "Not delivered"),
    "waiting": Look("quiet", "Waiting"),
    "quiet": Look("quiet", "Quiet, as usual"),
    "expected": Look("quiet", "Quiet, expected"),
    "learning": Look("quiet", "Learning"),
    "usual": Look("ok", "As usual"),
    "delivering": Look("ok", "Delivering"),
    "delivered": Look("ok", "Delivered"),
    "stored": Look("ok", "Stored"),
    "made": Look("ok", "Made"),
    "committed": Look("ok", "Committed"),
    "valid": Look("ok", "Valid"),
}
"""By the state of a case, a destination, a peer, a message, a certificate or a stage of the pipeline."""

TONES: Mapping[str, str] = {"red": "stop", "amber": "warn", "blue": "hold", "green": "ok"}
"""By the level of a case, and of the whole status."""
ICONS: Mapping[str, str] = {level: f"icon-{level}.svg" for level in TONES}


def look_of(state: str, level: str | None = None) -> Look:
    """Return the look of *state*; one that has no row here is shown as it is called, in the tone of its *level*."""
    known = LOOKS.get(state)
    tone = TONES.get(level or "", known.tone if known else "warn")
    return Look(tone, known.word if known else state.replace("_", " ").capitalize())


CHIP = Markup('<span class="chip {}"><svg viewBox="0 0 10 10" aria-hidden="true"><path d="{}"/></svg>{}</span>')


@lru_cache(maxsize=1000)
def chip(state: str, level: str | None = None, words: str = "") -> Markup:
    """Return the mark of *state* as an element; *words* replace the usual word. Long tables have few different ones."""
    look = look_of(state, level)
    return CHIP.format(look.tone, look.shape, words or look.word)
