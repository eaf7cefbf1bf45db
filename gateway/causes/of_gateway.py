"""Cases on our side: room, parked messages, damaged spools, certificates, workers, lost lines."""

from collections.abc import Iterator

from gateway.causes.lasting import HOLD_SECONDS
from gateway.causes.making import Found, Subject
from gateway.causes.of_destinations import class_reasons
from gateway.causes.site import Site
from gateway.causes.spoken import spoken
from gateway.causes.wording import plain, several, size
from gateway.contract.causes import Cause
from gateway.contract.observed import Observed

SOON_SECONDS = 14 * 86400.0
"""A certificate that ends within this time is a case."""
MOST_REASONS = 2
SPACE = "spool space"
"""The part of the gateway that reports that there is no room."""
DROPPED = {"log": Cause.LOG_DROPPED, "journal": Cause.JOURNAL_DROPPED}


def found_of_gateway(observed: Observed, site: Site) -> Iterator[Found]:
    """Yield what lasts on our side."""
    yield from _room(observed, site)
    yield from _parked(observed, site)
    yield from _undelivered(observed)
    yield from _certificates(observed)
    yield from _dropped(observed)
    now = observed["at"]
    for name in observed["spools_set_aside"]:
        yield Found(Cause.SPOOL_DAMAGED, Subject("gateway", name), now)
    for number in observed["missing_workers"]:
        yield Found(Cause.WORKER_MISSING, Subject("gateway", str(number)), now)
    for part, reason in observed["troubles"].items():
        if part != SPACE:
            yield Found(Cause.TROUBLE, Subject("gateway", part), now, {"reason": _sentence(plain(reason))})


def _sentence(text: str) -> str:
    """Return *text* with a capital letter, without a full stop."""
    return text[:1].upper() + text[1:].rstrip(".")


def _room(observed: Observed, site: Site) -> Iterator[Found]:
    space = observed.get("space") or {}
    free, least, used, limit = (space.get(each, 0.0) for each in ("free", "min_free", "used", "limit"))
    disk_is_full, spool_is_full = bool(space) and free < least, bool(limit) and used >= limit
    is_full = space.get("full", disk_is_full or spool_is_full)  # the spool may reuse some of its own room
    if not is_full and SPACE not in observed["troubles"]:
        return
    facts = {"data_dir": plain(site.data_dir)} if site.data_dir else {}
    if disk_is_full:
        facts |= {"free": size(free), "min_free": size(least)}
    elif spool_is_full:
        facts |= {"used": size(used), "limit": size(limit)}
    proof = observed["troubles"].get(SPACE, "")
    yield Found(Cause.DISK_FULL, Subject("gateway", "spool"), observed["at"], facts, proof)


def _parked(observed: Observed, site: Site) -> Iterator[Found]:
    for name, reasons in observed["parked"].items():
        told = class_reasons(name, observed)
        counts = {reason: count for reason, count in reasons.items() if count and reason not in told}
        if not counts:
            continue
        total = sum(counts.values())
        shown = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_REASONS]
        texts = [plain(reason).rstrip(".") for reason, _ in shown]
        if len(counts) > 1:
            texts = [f"{count} of them: {text}" for text, (_, count) in zip(texts, shown, strict=True)]
        rest = total - sum(count for _, count in shown)
        said = "; ".join([*texts, f"{rest} for other reasons"] if rest else texts)
        noun = ("instance", "instances") if name in site.images else ("message", "messages")
        facts = {"messages": several(total, *noun), "reasons": _sentence(said)}
        seen = observed["destinations"].get(name)
        since = (seen.get("parked_since") if seen else None) or observed["at"]
        subject = Subject("destination", name, site.destination_contacts.get(name, ""))
        yield Found(Cause.PARKED, subject, since, facts)


def _undelivered(observed: Observed) -> Iterator[Found]:
    for name, count in observed["undelivered"].items():
        if count:
            facts = {"messages": several(count, "message", "messages")}
            yield Found(Cause.UNDELIVERED, Subject("destination", name), observed["at"], facts)


def _certificates(observed: Observed) -> Iterator[Found]:
    for each in observed["certificates"]:
        left = each["ends_at"] - observed["at"]
        if left < SOON_SECONDS:
            facts = {"place": each["place"], "name": plain(each["subject"]), "issuer": plain(each["issuer"])}
            facts |= spoken({"ends_at": str(each["ends_at"])}, observed["at"])
            subject = Subject("gateway", each["place"])
            since = max(each["ends_at"], 0.0) if left <= 0 else each["ends_at"] - SOON_SECONDS
            yield Found(Cause.CERTIFICATE_ENDS_SOON, subject, since, facts, level="red" if left <= 0 else "")


def _dropped(observed: Observed) -> Iterator[Found]:
    for what, cause in DROPPED.items():
        count = observed["dropped"].get(what, 0)
        last = observed.get("dropped_at", {}).get(what)
        if count and last is not None and observed["at"] - last <= HOLD_SECONDS:
            yield Found(cause, Subject("gateway", what), last, {"count": str(count)})
