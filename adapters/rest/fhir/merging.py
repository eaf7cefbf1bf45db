"""What a resource is after a message: what the store has, changed by what the message owns, clears and adds.

**Order.** Each element has the time of the message that wrote it last (``stamps``); a message that is older than that
leaves the element alone. So the messages about a thing give the same resource in whatever order they come, as far as
they have times that differ.

**Stubs.** A message may only name a thing: a result names its patient, a merge the record that ends. What it says
of the thing is used while nothing better is known, the newest such description wins, and the first message about the
thing itself replaces all of it.

**Status.** It comes before the time: what is preliminary never replaces what is final, and an order that was cancelled
does not become active.

**Whole resources.** ``replaced`` is for things that each message describes completely, such as a result. What the
message has only because R4 demands it, and does not own, stays as it was.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace as changed
from functools import partial

from adapters.rest.fhir import shares
from adapters.rest.fhir.bodies import Json, copied, linked
from adapters.rest.fhir.elements import carry, first, has, head, remove
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.linkage import opposite, other
from adapters.rest.fhir.ranks import RANKS, RESULT, is_outranked, outranks
from adapters.rest.fhir.stamps import MOVED, WHOLE, Stamps, item_name
from adapters.rest.fhir.times import is_older, place

KEPT = ("resourceType", "id", "meta", "link")
"""What a message that only names a thing does not write, or adds item by item."""


class Names(dict[str, str]):
    """References in the store by the keys of the things, and the other way round."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(names)
        self.keys_of = {name: key for key, name in reversed(self.items())}


def created(entry: Entry, names: Mapping[str, str], *, whole: bool = False) -> Json:
    """Return the resource of an entry that the store does not have yet; *whole* says that messages replace it whole."""
    resource: Json = copied(entry.resource)
    stamps = Stamps(key=entry.url, named=entry.as_of if entry.is_stub else None)
    for name in (WHOLE,) if whole and not entry.is_stub else (*entry.owns, *entry.clears):
        stamps.say(name, entry.as_of)
        if "(" in name:
            carry(resource, entry.resource, name)  # extensions have the order that a merge gives them
        if name != WHOLE:
            stamps.said |= dict.fromkeys(shares.kept(entry, name), "")
    if entry.moves:
        stamps.say(MOVED, entry.as_of)
    _merge_lists(resource, entry, stamps, names)
    stamps.write(resource)
    return resource


def merged(old: Json, entry: Entry, names: Mapping[str, str]) -> Json:
    """Return *old* with what *entry* says; *names* are the references in the store by their keys."""
    stamps = Stamps.of(old)
    is_gap = entry.is_stub and stamps.is_stub and not entry.as_of  # a description of no time replaces none
    describes = not entry.is_stub or (
        stamps.named is not None and not is_gap and not is_older(entry.as_of, stamps.named)
    )
    if not (describes or is_gap or entry.owns or entry.clears or entry.adds or entry.drops):
        return old
    if "status" in entry.owns and not stamps.is_stub:
        if is_outranked(entry, old, stamps):
            if RANKS[entry.kind] is RESULT:
                return old
            entry = changed(entry, owns=tuple(each for each in entry.owns if each != "status"))
        else:
            _outrank(entry, old, stamps)
    resource: Json = copied(old)
    if describes:
        if stamps.is_stub:
            resource = _said(resource, stamps, names)
        stamps.named = entry.as_of if entry.is_stub else None
    _merge(resource, entry, stamps, names)
    if describes or is_gap:
        _fill(resource, entry)
    stamps.key = stamps.key or entry.url
    stamps.write(resource)
    return resource


def replaced(old: Json, entry: Entry, names: Mapping[str, str]) -> Json | None:
    """Return the resource of *entry* in the place of *old*; None if *old* is newer."""
    stamps = Stamps.of(old)
    if not stamps.is_stub and _is_outdated(entry, old, stamps):
        return None
    resource = {**copied(entry.resource), **{name: old[name] for name in ("id", "meta") if name in old}}
    for name in () if stamps.is_stub else entry.adds:  # the message does not have the whole list
        before = old.get(name)
        others = [each for each in resource.get(name, ()) if each not in before] if isinstance(before, list) else []
        if isinstance(before, list):
            resource[name] = [*copied(before), *others]
    for name in () if stamps.is_stub else _fillers(entry):
        if has(old, name):
            carry(resource, old, name)
    kept = _of_whole(entry, old, stamps)
    for name, time in stamps.said.items():  # what a merge, for example, has said of it since
        if name != WHOLE and is_older(entry.as_of, time):
            carry(resource, old, name)
            kept.say(name, time)
    for name in old:
        for item, known in _added_since(old, name, entry.as_of, stamps, names):
            _append(resource, name, item)
            kept.add(known, stamps.items[known])
    kept.unlinked = dict(stamps.unlinked)
    _merge_lists(resource, entry, kept, names)
    kept.write(resource)
    return resource


def _of_whole(entry: Entry, old: Json, stamps: Stamps) -> Stamps:
    """Return what is kept with a whole resource that replaces *old*."""
    kept = Stamps(key=stamps.key or entry.url)
    if not outranks(entry, old, stamps):  # otherwise the time of what is replaced does not count
        kept.say(WHOLE, stamps.said.get(WHOLE, ""))
    kept.say(WHOLE, entry.as_of)
    return kept


def is_late(old: Json, entry: Entry) -> bool:
    """Whether the store has something newer in the place of what a message says, all or a part of it."""
    stamps = Stamps.of(old)
    if stamps.is_stub:
        return False
    has_lower = "status" in entry.owns and is_outranked(entry, old, stamps)
    return has_lower or any(not stamps.accepts(name, entry.as_of) for name in (*entry.owns, *entry.clears))


def _is_outdated(entry: Entry, old: Json, stamps: Stamps) -> bool:
    if outranks(entry, old, stamps):
        return False
    return is_outranked(entry, old, stamps) or is_older(entry.as_of, stamps.said.get(WHOLE, ""))


def _outrank(entry: Entry, old: Json, stamps: Stamps) -> None:
    """Forget the times of what a message of a higher status says: it counts, also if it is older."""
    if outranks(entry, old, stamps):
        is_result = RANKS[entry.kind] is RESULT
        for name in (WHOLE, *entry.owns, *entry.clears) if is_result else ("status",):
            stamps.said.pop(head(name), None)


def _said(resource: Json, stamps: Stamps, names: Mapping[str, str]) -> Json:
    """Return what messages have said of the thing, without what they said in passing."""
    kept = {name: resource[name] for name in KEPT if name in resource}
    for name in stamps.said:
        if name != WHOLE:
            carry(kept, resource, name)
    for name, value in resource.items() if stamps.items else ():
        for item in value if isinstance(value, list) and name != "link" else ():
            if item_name(name, _by_key(item, names)) in stamps.items:
                _append(kept, name, item)
    return kept


def _merge(resource: Json, entry: Entry, stamps: Stamps, names: Mapping[str, str]) -> None:
    for name in entry.clears:  # before what is owned: a reason in the place of a value is a part of the same element
        _change(resource, name, entry, stamps, names, is_owned=False)
    for name in entry.owns:
        _change(resource, name, entry, stamps, names, is_owned=True)
    if entry.moves:
        stamps.say(MOVED, entry.as_of)
    _merge_lists(resource, entry, stamps, names)


def _change(
    resource: Json, name: str, entry: Entry, stamps: Stamps, names: Mapping[str, str], *, is_owned: bool
) -> None:
    """Replace or remove an element, but for items added since, and parts of which the message says nothing."""
    added = [item for item, _ in _added_since(resource, name, entry.as_of, stamps, names)]
    if not stamps.accepts(name, entry.as_of):
        shares.say_late(resource, entry, name, stamps, added)
        return
    found, times = shares.stays(resource, entry, name, stamps)
    if is_owned:
        carry(resource, entry.resource, name)
    else:
        remove(resource, name)
    for item in added if is_owned else ():
        _append(resource, name, item)
    stamps.say(name, entry.as_of)
    if isinstance(resource.get(name, []), list):
        shares.settle(resource, name, found, times, stamps)


def _added_since(
    resource: Json, name: str, as_of: str, stamps: Stamps, names: Mapping[str, str]
) -> Iterator[tuple[Json, str]]:
    """Yield the items that a newer message has added to a list, each with its name."""
    listed = resource.get(name)
    for item in listed if isinstance(listed, list) and stamps.items else ():
        known = item_name(name, _by_key(item, names))
        if is_older(as_of, stamps.items.get(known, "")):
            yield item, known


def _merge_lists(resource: Json, entry: Entry, stamps: Stamps, names: Mapping[str, str]) -> None:
    for key in entry.drops:
        _drop(resource, key, entry.as_of, stamps, names)
        stamps.unlink(key, entry.as_of)
    for name in entry.adds:
        listed = entry.resource.get(name)
        listed = listed if isinstance(listed, list) else []
        if name == "link":
            _reverse(resource, listed, entry.as_of, stamps, names)
        for item in listed:
            _add(resource, name, item, entry.as_of, stamps, names)
        if isinstance(resource.get(name), list):  # their order is that of the times, in whatever order messages come
            resource[name].sort(key=partial(_place, name, stamps, names))


def _place(name: str, stamps: Stamps, names: Mapping[str, str], item: Json) -> str:
    return place(stamps.items.get(item_name(name, _by_key(item, names)), ""))


def _add(resource: Json, name: str, item: Json, as_of: str, stamps: Stamps, names: Mapping[str, str]) -> None:
    keyed = _by_key(item, names)
    is_unlinked = name == "link" and is_older(as_of, stamps.unlinked.get(other(keyed), ""))
    is_reversed = name == "link" and is_older(as_of, stamps.items.get(opposite(keyed), ""))
    if not (is_unlinked or is_reversed) and stamps.accepts(name, as_of):
        _append(resource, name, item)
        stamps.add(item_name(name, keyed), as_of)


def _reverse(resource: Json, links: Iterable[Json], as_of: str, stamps: Stamps, names: Mapping[str, str]) -> None:
    """Remove the opposite links to the same records: a merge the other way has undone them."""
    opposites = {opposite(_by_key(each, names)) for each in links} - {""}
    undone = {each for each in opposites if not is_older(as_of, stamps.items.get(each, ""))}
    if undone and "link" in resource:
        resource["link"] = [each for each in resource["link"] if item_name("link", _by_key(each, names)) not in undone]
        if not resource["link"]:
            del resource["link"]


def _drop(resource: Json, key: str, as_of: str, stamps: Stamps, names: Mapping[str, str]) -> None:
    def stays(link: Json) -> bool:
        keyed = _by_key(link, names)
        return other(keyed) != key or is_older(as_of, stamps.items.get(item_name("link", keyed), ""))

    links = [each for each in resource.get("link", ()) if stays(each)]
    if links:
        resource["link"] = links
    else:
        resource.pop("link", None)


def _append(resource: Json, name: str, item: Json) -> None:
    listed = resource.setdefault(name, [])
    if not isinstance(listed, list):  # what others wrote there is not what FHIR has
        listed = resource[name] = []
    if item not in listed:
        listed.append(item)


def _by_key(item: Json, names: Mapping[str, str]) -> Json:
    """Return an item with keys in the place of references: only they are the same before and after it is stored."""
    keys = names.keys_of if isinstance(names, Names) else {name: key for key, name in reversed([*names.items()])}
    keyed: Json = linked(item, keys)
    return keyed


def _fill(resource: Json, entry: Entry) -> None:
    """Use what the message has of elements that it does not own, where there is nothing: R4 demands some elements."""
    for name in _fillers(entry):
        if not has(resource, name):
            carry(resource, entry.resource, name)


def _fillers(entry: Entry) -> Iterator[str]:
    """Yield the names of elements that the message has and does not own."""
    owned = {*map(first, entry.owns), *entry.adds}
    for name, value in entry.resource.items():
        plain = name.removeprefix("_")
        if name not in KEPT and plain not in owned and not any(has({name: value}, each) for each in entry.owns):
            yield plain
