"""The ways in which a store flaps. Each says what it does with a request, and what its sender gets to see."""

import random
from dataclasses import dataclass, replace
from typing import Literal

from tests.campaign.http_requests import Answer

PAGE = b"<!DOCTYPE html><html><body><h1>Please log in to the hospital's network</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Mood:
    """What happens to a request while it lasts."""

    name: str
    stores: bool = True
    """Whether the request is carried out. If so, then at once when it has come whole, and never later."""
    answers: Literal["truth", "instead", "never"] = "truth"
    instead: Answer | None = None
    ends: Literal["no", "close", "reset"] = "no"
    """What becomes of the connection afterwards."""
    hangs: bool = False
    """Whether the sender waits until the mood is over, or loses patience."""
    delay: tuple[float, float] = (0.0, 0.0)
    """Seconds until the answer."""
    idle: tuple[float, float] | None = None
    """Seconds after which a connection without a request is closed."""
    refuses: bool = False
    """Whether nobody listens at the port."""
    share: float = 0.8
    """Of the requests, that it befalls."""
    weight: int = 2
    seconds: tuple[float, float] = (0.2, 3.0)


def _instead(status: int, *, stores: bool = False, retry_after: int = 0) -> Mood:
    fields = {"Retry-After": str(retry_after)} if retry_after else {}
    name = f"status {status}{' after storing' if stores else ''}"
    return Mood(name, stores=stores, answers="instead", instead=Answer(status, fields=fields))


GOOD = Mood("good", weight=12, seconds=(1.0, 8.0))
POISONED = Mood("status 500 for poison", stores=False, answers="instead", instead=Answer(500))
MOODS = (
    GOOD,
    _instead(500),
    _instead(503),
    _instead(503, retry_after=2),
    _instead(429, retry_after=1),
    replace(_instead(503, retry_after=86_400), name="status 503 until tomorrow", weight=1, share=0.3),
    _instead(500, stores=True),
    Mood("reset before storing", stores=False, answers="never", ends="reset"),
    Mood("reset after storing", answers="never", ends="reset"),
    Mood("hung up after storing", answers="never", ends="close"),
    Mood("hang", stores=False, answers="never", hangs=True, ends="close"),
    Mood("slow", delay=(0.3, 2.5)),
    Mood("hangs up when idle", idle=(0.05, 0.3), share=1.0, weight=4, seconds=(1.0, 6.0)),
    Mood("a page instead", stores=False, answers="instead", instead=Answer(200, "text/html", PAGE)),
    Mood("refused", refuses=True),
)


def next_mood(chance: random.Random) -> Mood:
    """Return what follows."""
    return chance.choices(MOODS, [mood.weight for mood in MOODS])[0]
