"""One association in words: what was asked for, what was answered, what came, how it ended."""

from collections import Counter
from collections.abc import Iterator, Mapping

from gateway.contract.associations import AssociationSeen
from gateway.contract.explained import Part, Step, part
from gateway.screen.explaining.contexts import ACCEPTED, consequences, mends, rows
from gateway.screen.explaining.places import KeyPath
from gateway.screen.explaining.wording import moment, numbers, several

ENDINGS: Mapping[str, str] = {
    "": "it goes on",
    "released": "it released the association",
    "peer_aborted": "it aborted the association",
    "peer_lost": "the connection was lost",
    "protocol_error": "Hilum aborted the association, because the peer broke the protocol",
    "aborted_here": "Hilum aborted the association: a time limit had passed, or Hilum ended",
}
REFUSALS: Mapping[str, str] = {
    "called_ae_title": "it calls AE title {called}, and this listener is {accepted}",
    "calling_ae_title": "its AE title {peer} is not in {calling_ae_titles}",
    "application_context": "it asks for another application context than that of DICOM",
    "protocol_version": "it asks for another version of the upper layer protocol than 1",
    "congestion": "Hilum was ending just then",
    "too_large": "its request is larger than Hilum reads from a peer that it does not know",
    "too_many_items": "its request has more items than Hilum reads",
    "peer_limit": "it has as many associations at once as are allowed ({accepted})",
    "connection_limit": "the listener has as many associations at once as are allowed",
}
MENDS: Mapping[str, str] = {
    "called_ae_title": "On {peer} set the called AE title to {accepted}, or add {called} to {called_ae_titles}.",
    "calling_ae_title": "If {peer} may store here, add it to {calling_ae_titles}.",
    "peer_limit": "Let {peer} close associations that it does not use, or raise {max_connections_per_peer}.",
    "connection_limit": "Find out who holds the associations, or raise {max_connections}.",
    "too_large": "Name {peer} in {peers}: then longer requests are read from it.",
}
KEYS = ("called_ae_titles", "calling_ae_titles", "max_connections", "max_connections_per_peer", "peers")


def explained(association: AssociationSeen, path: KeyPath) -> tuple[Part, list[str]]:
    """Return an association in words, and what to do."""
    begin = f"{association['peer']} ({association['address']}) asked for {association['called']} at "
    begin += moment(association["at"])
    if association["refusal"]:
        facts = _facts(association, path)
        why = REFUSALS.get(association["refusal"], "a limit is reached ({refusal})").format_map(facts)
        mend = MENDS.get(association["refusal"], "").format_map(facts)
        return part(f"{begin} and was rejected: {why}."), [mend] if mend else []
    count = len(association["contexts"]) + association["more_contexts"]
    more = f"{association['more_contexts']} further contexts are not shown." if association["more_contexts"] else ""
    title = f"{begin}, with {several(count, 'context')}{':' if count else '.'}"
    words = [more, *came(association), *consequences(association)]
    return part(title, *words, table=rows(association, path)), mends(association, path)


def _facts(association: AssociationSeen, path: KeyPath) -> Mapping[str, str]:
    listener, entry = association["listener"], association["entry"]
    keys = {key: path(listener, entry, key) for key in KEYS}
    accepted = " or ".join(association["accepted"]) or "another one"
    told = {key: association[key] for key in ("peer", "called", "refusal")}
    return {**keys, **told, "accepted": accepted}


def came(association: AssociationSeen) -> Iterator[str]:
    """Yield what was sent, and how it ended."""
    counts: Counter[bool] = Counter()
    places: list[int] = []
    seen: set[tuple[str, str]] = set()
    for each in association["contexts"]:
        place = each["sop_class"], each["transfer_syntax"]
        if each["result"] != ACCEPTED or not each["stored"] + each["failed"]:
            continue
        places.append(each["number"])
        if place not in seen:  # two contexts may be the same, and then nobody knows in which of them it came
            counts += Counter({True: each["stored"], False: each["failed"]})
        seen.add(place)
    end = ENDINGS.get(association["ended"], association["ended"])
    when = f" at {moment(ended)}" if (ended := association["ended_at"]) is not None else ""
    if not places:
        yield f"It stored nothing; {end}{when}."
        return
    failed = f"; {several(counts[False], 'instance')} it could not store" if counts[False] else ""
    stored = several(counts[True], "instance")
    yield f"It stored {stored} in context {numbers(places)}{failed}; then {end}{when}."


def brief(association: AssociationSeen) -> Step:
    """Return an association in one line."""
    if association["refusal"]:
        text = f"asked for {association['called']}: rejected ({association['refusal'].replace('_', ' ')})"
        return Step(at=association["at"], text=text)
    contexts = association["contexts"]
    taken = sum(each["result"] == ACCEPTED for each in contexts)
    stored = sum(each["stored"] for each in contexts)
    text = f"asked for {association['called']}: {taken} of {several(len(contexts), 'context')} taken, {stored} stored"
    return Step(at=association["at"], text=text)
