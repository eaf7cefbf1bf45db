"""The transformations of ``text``: which one applies to what, and what it makes of a value."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.deidentify.google.config import InfoTypeTransformation, TextConfig
from adapters.deidentify.google.info_types import BY_MODEL, DEFAULT, standard_name
from adapters.deidentify.google.inspecting import FORMS, find
from adapters.deidentify.google.keys import key_of
from adapters.deidentify.pseudonyms.dates import moved
from adapters.deidentify.pseudonyms.key import Key

CHOICES = (
    "redact_config",
    "character_mask_config",
    "date_shift_config",
    "crypto_hash_config",
    "replace_with_info_type_config",
)
LISTS = ("additional_transformations", "transformations")
"""The second is the older name; where both name an infoType, the first counts."""


@dataclass(frozen=True, slots=True)
class Transformation:
    """What is done to a value."""

    kind: str = "redact"
    """``redact``, ``mask``, ``shift``, ``hash`` or ``name``."""
    character: str = "*"
    key: Key | None = None

    def text(self, value: str, info_type: str) -> str:
        """Return what stands in the place of a text; nothing where the transformation cannot be applied to it."""
        match self.kind:
            case "mask":
                return self.character * len(value)
            case "hash" if self.key is not None:
                return hashed(self.key, value)
            case "name" if info_type:
                return f"[{info_type}]"
            case _:
                return ""


REDACT = Transformation()


def hashed(key: Key, value: str) -> str:
    """Return 44 characters: the HMAC-SHA256 of a value in base64."""
    digest = hmac.digest(key.derived("google crypto hash"), value.encode(errors="surrogatepass"), hashlib.sha256)
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Transformations:
    """The transformations by infoType; ``""`` is for any other one."""

    by_type: Mapping[str, Transformation] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()

    def of(self, info_type: str) -> Transformation:
        """Return the transformation for an infoType; an empty name is a field of which no more is known."""
        return self.by_type.get(info_type) or self.by_type.get("") or REDACT

    @property
    def inspected(self) -> frozenset[str]:
        """The infoTypes that are looked for in text."""
        return (DEFAULT | frozenset(self.by_type) - {""}) - self.excluded

    @property
    def not_recognised(self) -> frozenset[str]:
        """Those of them that nothing here recognises."""
        return self.inspected - FORMS.keys()

    @property
    def shift_key(self) -> Key | None:
        """The key by which dates are moved, if they are."""
        chosen = self.of("DATE")
        return chosen.key if chosen.kind == "shift" else None

    def cleaned(self, text: str, days: int | None) -> str:
        """Return a text in which all that was found is transformed; *days* is the shift of its patient's dates."""
        parts: list[str] = []
        at = 0
        for each in find(text, self.inspected & FORMS.keys()):
            value = text[each.start : each.end]
            chosen = self.of(each.info_type)
            if chosen.kind == "shift":
                is_date = each.info_type == "DATE" and days is not None
                made = (moved(value, days or 0) or "") if is_date else ""
            else:
                made = chosen.text(value, each.info_type)
            parts += [text[at : each.start], made]
            at = each.end
        return "".join([*parts, text[at:]])


def transformations_of(config: TextConfig | None, own: Key) -> Transformations:
    """Return the transformations; *own* is the key of those without one. Raises ValueError with path and mend."""
    if config is None:
        return Transformations()
    by_type: dict[str, Transformation] = {}
    for name in LISTS:
        listed: dict[str, Transformation] = {}
        for number, each in enumerate(getattr(config, name) or ()):
            place = f"text.{_camel(name)}[{number}]"
            made = _transformation(each, own, place)
            for info_type in _names(each, place):
                if info_type in listed:
                    raise ValueError(f"{place}.infoTypes: {_said(info_type)} has a transformation already; remove one")
                listed[info_type] = made
        by_type = {**listed, **by_type}
    excluded = frozenset(_upper(each, f"text.excludeInfoTypes[{number}]")
                         for number, each in enumerate(config.exclude_info_types or ()))  # fmt: skip
    return Transformations(by_type, excluded)


def _names(config: InfoTypeTransformation, place: str) -> Iterator[str]:
    if not config.info_types:
        yield ""
    for number, each in enumerate(config.info_types or ()):
        yield _upper(each, f"{place}.infoTypes[{number}]")


def _upper(name: str, place: str) -> str:
    if not name or not name.replace("_", "").isalnum() or not name.isascii() or name != name.upper():
        raise ValueError(f"{place}: is no name of an infoType; write it as PERSON_NAME")
    return standard_name(name)


def _said(info_type: str) -> str:
    return info_type or "any infoType"


def _transformation(config: InfoTypeTransformation, own: Key, place: str) -> Transformation:
    given = [name for name in CHOICES if getattr(config, name) is not None]
    if len(given) != 1:
        known = ", ".join(map(_camel, CHOICES))
        reason = "does not say what to do; add" if not given else "says several things; keep"
        raise ValueError(f"{place}: {reason} one of {known}")
    if config.character_mask_config is not None:
        character = config.character_mask_config.masking_character or "*"
        if len(character) != 1 or not character.isprintable() or character == "\\":
            raise ValueError(
                f"{place}.characterMaskConfig.maskingCharacter: must be one printable character, such as *"
            )
        return Transformation("mask", character)
    if config.date_shift_config is not None:
        return Transformation("shift", key=key_of(config.date_shift_config, own, f"{place}.dateShiftConfig"))
    if config.crypto_hash_config is not None:
        return Transformation("hash", key=key_of(config.crypto_hash_config, own, f"{place}.cryptoHashConfig"))
    return REDACT if config.redact_config is not None else Transformation("name")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def needs_model(transformations: Transformations) -> str:
    """Return, for people, the infoTypes that nothing here recognises; empty if there is none."""
    missing = transformations.not_recognised
    return ", ".join([*sorted(missing & BY_MODEL), *sorted(missing - BY_MODEL)])
