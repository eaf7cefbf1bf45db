"""Cases of destinations: one for each that fails, however many messages failed."""

from collections.abc import Iterator, Mapping
from typing import Literal

from gateway.causes.effects import afterwards, effect_on_senders
from gateway.causes.lasting import lasts
from gateway.causes.making import Found, Subject
from gateway.causes.site import Site
from gateway.causes.spoken import spoken
from gateway.causes.table import TABLE
from gateway.causes.wording import duration, listed, plain, several, times
from gateway.contract.causes import Cause
from gateway.contract.observed import DestinationSeen, Observed, RefusalSeen

SURE_SECONDS = 3.0
"""A failure counts as a case once no success has followed for so long."""
SLOW_SECONDS, SLOW_FACTOR = 2.0, 3.0
"""A destination is slow that needs at least so many seconds, and so many times longer than usual."""
VERY_SLOW_SECONDS = 10.0
"""So long is slow even where it is usual: many senders wait no longer."""
TRAFFIC_SECONDS = 45.0
"""Without a success for so long, nothing can be said of how fast a destination is."""
PARTS: tuple[Literal["connect", "wait", "transfer"], ...] = ("connect", "wait", "transfer")
SKEW_SECONDS = 60.0
POISON_TRIES = 3
REFUSALS = 3
"""So many refusals of one kind in a row, with none of it taken, are a case."""


def found_of_destinations(observed: Observed, site: Site) -> Iterator[Found]:
    """Yield what lasts of all destinations."""
    for name, seen in observed["destinations"].items():
        failing = list(_failing(name, seen, observed, site))
        yield from failing
        yield from _refusals(name, seen, observed, site)
        if not failing:
            yield from _poison(name, seen, observed, site)
            yield from _slow(name, seen, observed, site)
    yield from _clock(observed, site)


def class_reasons(name: str, observed: Observed) -> frozenset[str]:
    """Return the reasons of refusals that are cases of their own, so that their parked messages are not another."""
    return frozenset(each["reason"] for each in _worth_saying(observed["destinations"].get(name)))


def _subject_of(name: str, site: Site) -> Subject:
    return Subject("destination", name, site.destination_contacts.get(name, ""))


def _facts(name: str, seen: DestinationSeen, site: Site) -> Mapping[str, str]:
    facts = {"things": site.things(name), "afterwards": afterwards(name, site)}
    return {**facts, "address": plain(seen["address"])} if seen["address"] else facts


def _failing(name: str, seen: DestinationSeen, observed: Observed, site: Site) -> Iterator[Found]:
    failing, now = seen["failing"], observed["at"]
    if failing is None or (seen["available"] and now - failing["since"] < SURE_SECONDS):
        return
    cause = known(failing["cause"])
    details = {"reason": failing["reason"].rstrip("."), **failing["details"]}
    facts = {**_facts(name, seen, site), **spoken(details, now)}
    tries = f"{several(failing['count'], 'try', 'tries')} failed"
    next_try = seen["next_try"]
    due = f"; next try in {duration(next_try - now)}" if next_try is not None and next_try > now else ""
    proof = f"{failing['reason'].rstrip('.')}; {tries}{due}" if failing["reason"] else f"{tries}{due}"
    effect = effect_on_senders(name, observed, site)
    yield Found(cause, _subject_of(name, site), failing["since"], facts, proof, effect, is_held=bool(seen["waiting"]))


def known(value: str) -> Cause:
    """Return the cause with this value; one that another version knows is unknown here."""
    try:
        cause = Cause(value)
    except ValueError:
        return Cause.UNKNOWN
    return cause if cause in TABLE else Cause.UNKNOWN


def _worth_saying(seen: DestinationSeen | None) -> list[RefusalSeen]:
    refusals = [] if seen is None else seen.get("refusals", [])
    return [each for each in refusals if each["cause"] == Cause.CLASS_REFUSED or each["count"] >= REFUSALS]


def _refusals(name: str, seen: DestinationSeen, observed: Observed, site: Site) -> Iterator[Found]:
    parked = observed["parked"].get(name, {})
    for each in _worth_saying(seen):
        held = parked.get(each["reason"], 0)
        if not held and not lasts(each["first"], each["last"], each["count"], observed["at"]):
            continue
        facts = {**_facts(name, seen, site), **spoken(each["details"], observed["at"])}
        facts |= {"what": plain(site.name_of(each["what"])), "code": plain(each["code"]), "times": times(each["count"])}
        cause = known(each["cause"])
        cause = cause if cause is Cause.CLASS_REFUSED else Cause.MESSAGE_REFUSED
        nouns = ("instance is", "instances are") if name in site.images else ("message is", "messages are")
        effect = f"{several(held, *nouns)} parked here, safe." if held else ""
        effect = effect or "Their senders are told failure; nothing waits here."
        key = f"{each['what']}/{each['code']}"
        yield Found(
            cause, _subject_of(name, site), each["first"], facts, each["reason"], effect, is_held=bool(held), key=key
        )


def _poison(name: str, seen: DestinationSeen, observed: Observed, site: Site) -> Iterator[Found]:
    alone = {each: tries for each, tries in seen["poison"].items() if tries >= POISON_TRIES}
    if not alone or not seen["passed_since"]:
        return
    message, tries = max(alone.items(), key=lambda each: each[1])
    facts = {"message": plain(message), "times": times(tries), "passed": str(seen["passed_since"])}
    others = f"{several(len(alone), 'message fails', 'messages fail')} while others pass"
    since = seen.get("poison_since") or observed["at"]
    effect = "It waits here, safe, and is tried again; messages that must follow it in order wait behind it."
    yield Found(Cause.POISON, _subject_of(name, site), since, facts, others, effect)


def _slow(name: str, seen: DestinationSeen, observed: Observed, site: Site) -> Iterator[Found]:
    phases, last = seen["phases"], seen["last_success"]
    if phases is None or last is None or observed["at"] - last > TRAFFIC_SECONDS:
        return
    usual, wait = phases["usual_wait"], phases.get("newest_wait", phases["wait"])
    facts = {"wait": duration(wait), "connect": duration(phases["connect"])}
    if 0 < usual < wait:
        facts["usual_wait"] = duration(usual)
    slow_wait = wait >= VERY_SLOW_SECONDS or wait >= max(SLOW_SECONDS, SLOW_FACTOR * usual)
    connect = phases.get("newest_connect", phases["connect"])
    if not slow_wait and connect < SLOW_SECONDS:
        return
    if not slow_wait:
        facts["slow_connect"] = duration(connect)
    medians = ((part, phases[part]) for part in PARTS)
    proof = f"medians: {', '.join(f'{part} {duration(seconds)}' for part, seconds in medians)}"
    effect = effect_on_senders(name, observed, site) if seen["waiting"] else "Senders wait longer for their answers."
    yield Found(Cause.SLOW, _subject_of(name, site), observed["at"], facts, proof, effect)


def _clock(observed: Observed, site: Site) -> Iterator[Found]:
    """Yield one case for all destinations: most likely it is our clock that is wrong."""
    skews = {
        name: skew
        for name, seen in observed["destinations"].items()
        if (skew := seen["clock_skew"]) is not None and abs(skew) > SKEW_SECONDS
    }
    if not skews:
        return
    worst = max(skews, key=lambda name: abs(skews[name]))
    facts = {"subject": listed(sorted(skews)), "skew": duration(abs(skews[worst]))}
    facts["direction"] = "ahead of" if skews[worst] > 0 else "behind"
    subject = Subject("gateway", "clock", site.destination_contacts.get(worst, ""))
    yield Found(Cause.CLOCK, subject, observed["at"], facts, effect="Messages pass; times in the log are wrong.")
