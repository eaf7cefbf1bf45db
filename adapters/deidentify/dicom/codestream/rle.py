"""RLE codestreams (PS3.5 G): octets after the last segment are left out."""

from itertools import repeat

from adapters.deidentify.errors import HeldBackError

NOT_RLE = "one of its frames is no RLE codestream"
HEADER = 64
MOST_SEGMENTS = 15
STEPS = [control + 2 if control < 128 else 2 if control > 128 else 1 for control in range(256)]
"""By its first octet, how many octets a run takes (PS3.5 G.3.2)."""
MADE = [control + 1 if control < 128 else 257 - control if control > 128 else 0 for control in range(256)]
"""Likewise, how many octets it makes."""
MOST_STEPS, MOST_MADE = max(STEPS), max(MADE)


def cleaned(frame: bytes, octets_of_segment: int) -> bytes:
    """Return a codestream whose segments hold *octets_of_segment* octets each. Raises HeldBackError."""
    if len(frame) < HEADER:
        raise HeldBackError(NOT_RLE)
    count, *offsets = (int.from_bytes(frame[at : at + 4], "little") for at in range(0, HEADER, 4))
    used = offsets[:count]
    if not 0 < count <= MOST_SEGMENTS or used != sorted(set(used)) or used[0] != HEADER or any(offsets[count:]):
        raise HeldBackError(NOT_RLE)
    view = memoryview(frame)
    segments: list[memoryview | bytes] = []
    for start, limit in zip(used, [*used[1:], len(frame)], strict=True):
        segment = view[start : _end(frame, start, limit, octets_of_segment)]
        segments += [segment, b"\0" * (len(segment) % 2)]
    places = [HEADER]
    for each, padding in zip(segments[:-2:2], segments[1:-2:2], strict=True):
        places.append(places[-1] + len(each) + len(padding))
    head = count.to_bytes(4, "little") + b"".join(each.to_bytes(4, "little") for each in places)
    return b"".join((head.ljust(HEADER, b"\0"), *segments))


def _end(frame: bytes, at: int, limit: int, wanted: int) -> int:
    """Return where the runs that make *wanted* octets end (PS3.5 G.3.2)."""
    made, steps, made_by = 0, STEPS, MADE
    while (sure := min((wanted - made) // MOST_MADE, (limit - at) // MOST_STEPS)) > 8:
        for _ in repeat(None, sure):  # so many runs reach neither end, which need not be asked after each of them
            control = frame[at]
            at += steps[control]
            made += made_by[control]
    while made < wanted and at < limit:
        control = frame[at]
        at += steps[control]
        made += made_by[control]
    if at > limit or not wanted <= made <= wanted + 1:  # some encoders fill an odd segment up
        raise HeldBackError(NOT_RLE)
    return at
