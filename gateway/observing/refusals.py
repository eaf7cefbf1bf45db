"""Which sorts of messages a destination refuses: SOP classes or message types, with the code of the refusal."""

from gateway.contract.causes import Diagnosis
from gateway.contract.observed import RefusalSeen
from gateway.contract.outcome import Refused, Unavailable

MOST = 200
"""Sorts that are remembered; beyond them, the one that was refused longest ago is forgotten."""
NO_CODE = "-"


class Refusals:
    """Counts refusals in a row by sort and code; a message of the sort that is taken ends them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], RefusalSeen] = {}  # that which was refused last is last

    def __bool__(self) -> bool:
        """Whether anything is refused."""
        return bool(self._seen)

    def refused(self, what: str, outcome: Refused | Unavailable, diagnosis: Diagnosis, now: float) -> None:
        """Count a refusal."""
        key = what, diagnosis.details.get("code") or outcome.code or NO_CODE
        seen = self._seen.pop(key, None)
        if seen is None:
            seen = RefusalSeen(what=what, code=key[1], cause="", details={}, reason="", first=now, last=now, count=0)
            if len(self._seen) >= MOST:
                del self._seen[next(iter(self._seen))]
        seen["cause"], seen["details"] = diagnosis.cause.value, dict(diagnosis.details)
        seen["reason"], seen["last"] = outcome.reason, now
        seen["count"] += 1
        self._seen[key] = seen

    def taken(self, what: str) -> None:
        """Record that a message of this sort was taken."""
        for key in [each for each in self._seen if each[0] == what]:
            del self._seen[key]

    def counts(self) -> dict[str, int]:
        """Return the number of refusals by ``sort/code``."""
        return {f"{what}/{code}": seen["count"] for (what, code), seen in self._seen.items()}

    def seen(self) -> list[RefusalSeen]:
        """Return copies for others, those refused last first."""
        return [each.copy() for each in reversed(self._seen.values())]
