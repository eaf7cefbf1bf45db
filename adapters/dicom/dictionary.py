"""The data dictionary of PS3.6, from pydicom, which is imported on the first use because it takes 9 MiB."""

from functools import lru_cache


@lru_cache(maxsize=4096)
def vr_of(tag: int) -> bytes:
    """Return the value representation of *tag* (``US or SS`` if there are several), or nothing for an unknown tag."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR  # noqa: PLC0415  see the module's docstring

    try:
        return dictionary_VR(tag).encode() if dictionary_has_tag(tag) or _is_repeater(tag) else b""
    except KeyError:  # an element of a repeating group that has no such element
        return b""


def multiplicity_of(tag: int) -> str:
    """Return the value multiplicity of *tag*, which must be known."""
    from pydicom.datadict import dictionary_VM  # noqa: PLC0415  likewise

    return str(dictionary_VM(tag))


def tag_of(keyword: str) -> int | None:
    """Return the tag of *keyword*, or None if PS3.6 has no such keyword."""
    from pydicom.datadict import tag_for_keyword  # noqa: PLC0415  likewise

    return tag_for_keyword(keyword)


def keyword_of(tag: int) -> str:
    """Return the keyword of *tag*, or nothing for a tag that PS3.6 does not have."""
    from pydicom.datadict import keyword_for_tag  # noqa: PLC0415  likewise

    return keyword_for_tag(tag)


def _is_repeater(tag: int) -> bool:
    from pydicom.datadict import repeater_has_tag  # noqa: PLC0415  likewise

    return repeater_has_tag(tag)
