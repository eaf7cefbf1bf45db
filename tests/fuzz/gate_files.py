"""Files before the gate: whatever the octets, a Parquet file is looked into or refused, a picture is one or is not."""

from contextlib import suppress
from itertools import islice

from adapters.dicom.codestream import size_of
from adapters.pipeline.gate.parquet.pages import LARGEST_PAGE, ParquetError, layout_of, pages_of
from adapters.pipeline.gate.parquet.snappy import SnappyError, decompressed
from adapters.pipeline.gate.parquet.thrift import Reader, ThriftError
from adapters.pipeline.gate.webp import HEAD, is_only_pixels

SECRET = "Musterfrau"
MOST = 4096


def target(data: bytes) -> None:
    """Read the octets as each of the files that the gate, and what makes thumbnails, look into."""
    _parquet(data)
    _parts(data)
    size = size_of(data)
    assert size is None or len(data) > 10
    assert not is_only_pixels(data) or len(data) == 8 + int.from_bytes(data[4:8], "little") >= HEAD


def _parquet(data: bytes) -> None:
    said = ""
    try:
        layout = layout_of(data)
        for page in islice(pages_of(data, layout), 100):
            assert len(page) <= LARGEST_PAGE + len(data)
    except ParquetError as error:
        said = str(error)
    assert SECRET not in said


def _parts(data: bytes) -> None:
    with suppress(SnappyError):
        assert len(decompressed(data, MOST)) <= MOST
    with suppress(ThriftError):
        reader = Reader(data)
        reader.struct()
        assert reader.at <= len(data)
