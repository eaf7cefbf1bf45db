"""JSON of rows, by msgspec, which only those import who write rows: a gateway without tables does not have it."""

import msgspec

ENCODER = msgspec.json.Encoder()
