"""The one sentence at the top: the worst case, and how many others need a look."""

from collections.abc import Sequence

from gateway.causes.wording import number, several
from gateway.contract.observed import Case, Observed

ALL_WELL = "All is as usual."


def sentence_of(cases: Sequence[Case]) -> str:
    """Return the sentence for *cases*, of which the first is the worst."""
    if not cases:
        return ALL_WELL
    worst, others = cases[0], cases[1:]
    sentences = [f"{worst['title']}."]
    also_red = [each for each in others if each["level"] == "red"]
    if also_red:
        sentences.append(f"{number(len(also_red))} more {'case is' if len(also_red) == 1 else 'cases are'} as urgent.")
    rest = [each for each in others if each["level"] != "red"]
    peers = {each["subject"] for each in rest if each["subject_kind"] == "peer"} - {worst["subject"]}
    things = len([each for each in rest if each["subject_kind"] != "peer"])
    if peers:
        sentences.append(f"{number(len(peers))} {'peer needs' if len(peers) == 1 else 'peers need'} a look.")
    if things:
        more = "more thing needs" if things == 1 else "more things need"
        sentences.append(f"{number(things)} {more} a look.")
    return " ".join(sentences)


def counts_of(observed: Observed) -> str:
    """Return how many messages wait or are parked, and that none is lost."""
    waiting = sum(each["waiting"] for each in observed["destinations"].values()) + sum(observed["undelivered"].values())
    parked = sum(sum(reasons.values()) for reasons in observed["parked"].values())
    parts = []
    if waiting:
        parts.append(f"{waiting} {'waits' if waiting == 1 else 'wait'}")
    if parked:
        parts.append(f"{parked} {'is' if parked == 1 else 'are'} parked")
    if observed["spools_set_aside"]:
        aside = several(len(observed["spools_set_aside"]), "damaged spool", "damaged spools")
        return f"{', '.join(parts) or 'Nothing waits'}; what is in {aside} is not counted."
    if not parts:
        return "Nothing waits; none is lost."
    return f"{', '.join(parts)}, all safe; none is lost."
