"""Inputs for the property-based run: what is kept in the corpus, with a few edits, as a guided fuzzer makes them."""

from collections.abc import Sequence

from hypothesis import strategies as st

# Octets that mean something in one of the protocols: framing, delimiters, item and PDU types, control headers.
TELLING = b"\x00\x01\x02\x03\x04\x05\x06\x07\x0a\x0b\x0d\x10\x1b\x1c\x20\x21\x30\x40\x50\x7c\x7f\x80\xff"
OCTETS = st.one_of(st.sampled_from([bytes([octet]) for octet in TELLING]), st.binary(max_size=8))


@st.composite
def edited(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """Return one of *seeds* with up to six edits: octets put in place of others, or a piece of another seed."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        end = min(at + draw(st.sampled_from((0, 1, 1, 2, 4, 16, 256))), len(data))
        other = draw(st.sampled_from(seeds))
        start = draw(st.integers(0, len(other)))
        piece = draw(st.one_of(OCTETS, st.just(other[start : start + 16])))
        data = data[:at] + piece + data[end:]
    return data


def inputs(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return the strategy for a target whose corpus is *seeds*."""
    return st.one_of(edited(seeds), st.binary(max_size=512))
