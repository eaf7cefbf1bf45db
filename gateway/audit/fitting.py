"""Makes an event fit the size limit of a sink: splits an event of many instances, shortens texts that are too long.

No event is dropped for its size. An event of many instances is split into events that are each complete and true. If
one is still too large, its longest texts are shortened. A shortened text ends in an ellipsis, so that it cannot be
taken for a valid UID, and the outcome description of the event says that it was shortened.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.audit.message import AuditMessage, Object, Participant, SopClass

Size = Callable[[AuditMessage], int]

LONGEST_TEXTS = (1024, 512, 256, 128, 64, 32, 16)
"""Numbers of characters to which texts are shortened, tried in this order."""
LONGEST_UID = 64
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
MARK = "[shortened]"


def fit(message: AuditMessage, most: int, size: Size) -> list[AuditMessage]:
    """Return *message* as events whose *size* is at most *most*, unless even the shortest texts are too large."""
    if size(message) <= most:
        return [message]
    instances = _instances_of(message)
    if len(instances) <= 1:
        return [_cut(message, _length_that_fits(message, most, size))]
    one = _with_instances(message, instances[:1])
    if size(one) > most // 2:  # shorten the other texts, so that there is room for instances
        message = _cut(message, max(_length_that_fits(one, most // 2, size), LONGEST_UID))
        instances = _instances_of(message)
        if size(message) <= most:
            return [message]
    middle = len(instances) // 2
    halves = (_with_instances(message, each) for each in (instances[:middle], instances[middle:]))
    return [event for half in halves for event in fit(half, most, size)]


def was_shortened(message: AuditMessage) -> bool:
    """Return whether texts of *message* were shortened."""
    return message.outcome.endswith(MARK)


def _instances_of(message: AuditMessage) -> list[SopClass]:
    """Return one entry for each named instance, and one for each SOP class whose instances are only counted."""
    sop_classes = [each for found in message.objects for each in found.sop_classes]
    named = [SopClass(each.uid, 1, (uid,)) for each in sop_classes for uid in each.instances]
    return named + [each for each in sop_classes if not each.instances]


def _with_instances(message: AuditMessage, instances: Sequence[SopClass]) -> AuditMessage:
    """Return *message* about *instances* only."""
    together: dict[str, list[SopClass]] = {}
    for each in instances:
        together.setdefault(each.uid, []).append(each)
    sop_classes = tuple(
        SopClass(uid, sum(each.count for each in found), tuple(uid for each in found for uid in each.instances))
        for uid, found in together.items()
    )
    objects = (replace(each, sop_classes=sop_classes) if each.sop_classes else each for each in message.objects)
    return replace(message, objects=tuple(objects))


def _length_that_fits(message: AuditMessage, most: int, size: Size) -> int:
    return next((each for each in LONGEST_TEXTS if size(_cut(message, each)) <= most), LONGEST_TEXTS[-1])


def _cut(message: AuditMessage, longest: int) -> AuditMessage:
    """Return *message* with texts of *longest* characters at most; if one was longer, the outcome text gets MARK."""

    def cut(text: str) -> str:
        return text if len(text) <= longest else text[: longest - 1] + ELLIPSIS

    found = replace(
        message,
        participants=tuple(_cut_participant(each, cut) for each in message.participants),
        objects=tuple(_cut_object(each, cut) for each in message.objects),
        outcome=cut(message.outcome.removesuffix(MARK).rstrip()),
        source_id=cut(message.source_id),
        enterprise_site_id=None if message.enterprise_site_id is None else cut(message.enterprise_site_id),
    )
    if found == message:
        return message
    return replace(found, outcome=f"{found.outcome} {MARK}".lstrip())


def _cut_participant(participant: Participant, cut: Callable[[str], str]) -> Participant:
    return replace(
        participant,
        user_id=cut(participant.user_id),
        alternative_user_id=cut(participant.alternative_user_id),
        user_name=cut(participant.user_name),
        access_point=cut(participant.access_point),
    )


def _cut_object(each: Object, cut: Callable[[str], str]) -> Object:
    return replace(
        each,
        object_id=cut(each.object_id),
        name=cut(each.name),
        details={name: cut(value) for name, value in each.details.items()},
        sop_classes=tuple(
            SopClass(cut(found.uid), found.count, tuple(map(cut, found.instances))) for found in each.sop_classes
        ),
    )
