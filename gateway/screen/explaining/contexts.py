"""The presentation contexts of an association, in words: which were taken, which were refused and why."""

from collections.abc import Iterator, Sequence

from gateway.contract.associations import AssociationSeen, ContextSeen
from gateway.screen.explaining.places import KeyPath
from gateway.screen.explaining.wording import name_of, numbers

ACCEPTED, CLASS_REFUSED = 0, 3
VERIFICATION = "1.2.840.10008.1.1"
MOST_MENDS = 5


def rows(association: AssociationSeen, path: KeyPath) -> list[list[str]]:
    """Return a row for each context: its ID, the SOP class, the transfer syntaxes, the answer."""
    return [
        [
            str(each["number"]),
            name_of(each["sop_class"]),
            ", ".join(map(name_of, each["transfer_syntaxes"])) or "no transfer syntax",
            _answer(each, association, path),
        ]
        for each in association["contexts"]
    ]


def _answer(context: ContextSeen, association: AssociationSeen, path: KeyPath) -> str:
    if context["result"] == ACCEPTED:
        is_chosen = len(context["transfer_syntaxes"]) > 1
        return f"taken: {name_of(context['transfer_syntax'])}" if is_chosen else "taken"
    listener, entry = association["listener"], association["entry"]
    if not context["sop_class"]:
        return "REFUSED: it names no valid SOP class"
    if context["result"] == CLASS_REFUSED and not context["is_storage"]:
        return "REFUSED: this listener stores, and offers no other service such as a query"
    if context["result"] == CLASS_REFUSED:
        return f"REFUSED: not in {path(listener, entry, 'sop_classes')}"
    if not any(context["transfer_syntaxes"]):
        return "REFUSED: it proposes no valid transfer syntax"
    return f"REFUSED: none of these is in {path(listener, entry, 'transfer_syntaxes')}"


def missing(contexts: Sequence[ContextSeen]) -> list[ContextSeen]:
    """Return the refused contexts that store, one for each SOP class of which no context was accepted."""
    taken = {each["sop_class"] for each in contexts if each["result"] == ACCEPTED}
    refused = [each for each in contexts if each["result"] != ACCEPTED and each["is_storage"]]
    return list({each["sop_class"]: each for each in refused if each["sop_class"] not in taken}.values())


def consequences(association: AssociationSeen) -> Iterator[str]:
    """Yield what the refusals mean for the peer."""
    contexts = association["contexts"]
    if not contexts:
        yield "It proposed no presentation context, so that nothing can be sent."
        return
    if all(each["result"] != ACCEPTED for each in contexts):
        yield "No context was accepted: nothing can be sent on this association."
    lost = missing(contexts)
    classes = {each["sop_class"] for each in lost}
    places = [each["number"] for each in contexts if each["sop_class"] in classes]
    if lost:
        names = ", ".join(name_of(each["sop_class"]) for each in lost)
        yield (
            f"Nothing could be sent in {numbers(places)}: {association['peer']} shows that sending fails for its "
            f"{names}, because no context for it was accepted."
        )
    partly = [
        each["number"]
        for each in contexts
        if each["result"] != ACCEPTED and each["is_storage"] and each["sop_class"] not in classes
    ]
    if partly:
        yield (
            f"The SOP class of {numbers(partly)} was accepted in another context: what exists only in the refused "
            "transfer syntax cannot be sent."
        )


def mends(association: AssociationSeen, path: KeyPath) -> list[str]:
    """Return what helps against the refusals."""
    peer, listener, entry = association["peer"], association["listener"], association["entry"]
    found: list[str] = []
    for each in missing(association["contexts"]):
        if each["result"] == CLASS_REFUSED:
            place = path(listener, entry, "sop_classes")
            name = name_of(each["sop_class"])
            found.append(f"Add {each['sop_class']} ({name}) to {place}, or switch {peer} to a class that is taken.")
        elif uids := [uid for uid in each["transfer_syntaxes"] if uid]:
            place = path(listener, entry, "transfer_syntaxes")
            found.append(f"Add {' or '.join(uids)} to {place}, or let {peer} offer a transfer syntax that is there.")
    others = [each for each in association["contexts"] if each["result"] != ACCEPTED and not each["is_storage"]]
    if any(each["sop_class"] for each in others):
        found.append(f"If {peer} shall query or print, let it ask the archive itself; this listener only stores.")
    return list(dict.fromkeys(found))[:MOST_MENDS]
