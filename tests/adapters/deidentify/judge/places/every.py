"""All places."""

from tests.adapters.deidentify.judge.places import attributes, octets, sequences
from tests.adapters.deidentify.judge.places.place import Place

GROUPS: dict[str, list[Place]] = {
    "Attributes that PS3.15 lists": attributes.LISTED,
    "Attributes that it does not list": attributes.UNLISTED,
    "Values that break their form, and unknown attributes": attributes.BROKEN,
    "Sequences": sequences.IN_SEQUENCES,
    "Private elements": sequences.PRIVATE,
    "Reports, presentation states, segmentations, structure sets, annotations, waveforms": sequences.OF_OBJECTS,
    "The file": octets.FILE,
    "Overlays and curves": octets.OVERLAYS,
    "Compressed frames": octets.CODESTREAMS,
}
PLACES = {place.name: place for places in GROUPS.values() for place in places}
