"""What PS3.6 says of an element, from pydicom, which is imported only when it is asked: it takes 9 MiB."""

from functools import lru_cache


@lru_cache(maxsize=4096)
def vr_of(tag: int) -> bytes:
    """Return the value representation of *tag* (``US or SS`` where there are several), nothing where it is unknown."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR  # noqa: PLC0415  see the module's text

    return dictionary_VR(tag).encode() if dictionary_has_tag(tag) or _is_repeater(tag) else b""


def multiplicity_of(tag: int) -> str:
    """Return the value multiplicity of a *tag* that is known."""
    from pydicom.datadict import dictionary_VM  # noqa: PLC0415  likewise

    return str(dictionary_VM(tag))


def tag_of(keyword: str) -> int | None:
    """Return the tag of *keyword*, None where PS3.6 has none of this name."""
    from pydicom.datadict import tag_for_keyword  # noqa: PLC0415  likewise

    return tag_for_keyword(keyword)


def _is_repeater(tag: int) -> bool:
    from pydicom.datadict import repeater_has_tag  # noqa: PLC0415  likewise

    return repeater_has_tag(tag)
