"""Command sets: unreadable ones are None, and an answer to any readable one echoes what it has to."""

from adapters.dimse.protocol.command import decode_request, encode_response
from gateway.contract.message import UID
from tests.fuzz.source import Source

STATUSES = (0x0000, 0xA700, 0xB000, 0xC000, 0x0110, 0xFFFF)


def target(data: bytes) -> None:
    """Read the octets as a command set, and answer it with some of them as the comment."""
    source = Source(data)
    status, comment = source.choice(STATUSES), source.take().decode("latin-1")
    request = decode_request(source.rest())
    if request is None:
        return
    for uid in (request.sop_class_uid, request.sop_instance_uid):
        assert not uid or UID.fullmatch(uid)
    response = decode_request(encode_response(request, status, comment))
    assert response is not None
    assert response.is_response
    assert not response.has_data_set
    assert response.message_id == request.message_id
    assert response.sop_class_uid == request.sop_class_uid
    assert response.sop_instance_uid == request.sop_instance_uid
