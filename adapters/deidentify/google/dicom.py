"""De-identifies the header of one object by ``DicomConfig``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.deidentify.dicom.forms import has_form
from adapters.deidentify.dicom.statement import IDENTITY_REMOVED, LONGITUDINAL, METHOD, METHOD_CODES
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.google.dicom_rules import INFO_TYPES, BasicRules, ListRules
from adapters.deidentify.google.transformations import Transformation, Transformations
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.dates import moved
from adapters.deidentify.pseudonyms.domains import Domains
from adapters.deidentify.pseudonyms.service import Pseudonyms
from adapters.deidentify.settings import DicomProfile
from adapters.dicom.charset import decode

if TYPE_CHECKING:
    from adapters.deidentify.dicom.transform import _Object

MOST = {b"AE": 16, b"SH": 16, b"LO": 64, b"PN": 64, b"ST": 1024, b"LT": 10240}
"""Most characters (PS3.5 table 6.2-1)."""


class GoogleTransformer(DicomTransformer):
    """De-identifies headers by rules of Google's dialect. The same object always gives the same result."""

    def __init__(
        self,
        profile: DicomProfile,
        pseudonyms: Pseudonyms,
        domains: Domains,
        rules: ListRules | BasicRules,
        transformations: Transformations,
    ) -> None:
        super().__init__(profile, pseudonyms, domains)
        self._rules, self._private = rules, None
        self._transformations = transformations

    def transform(self, elements: Item, manifest: Manifest) -> tuple[str, OwnIdentifiers]:
        """Change *elements* in place; return the new SOP Instance UID and what was searched for."""
        instance, own = super().transform(elements, manifest)
        if isinstance(self._rules, ListRules):
            _say_less(elements, manifest)
        return instance, own

    def _replace(self, element: Element, found: "_Object", names: Sequence[str]) -> None:
        """Transform what DEIDENTIFY_TAG_CONTENTS inspects; the basic profile has its own replacements."""
        if isinstance(self._rules, BasicRules):
            super()._replace(element, found, names)
            return
        info_type = INFO_TYPES.get(element.vr, "")
        if info_type in self._transformations.excluded:
            if not has_form(element.vr, element.value):  # as where a value is kept: a name may stand in a date
                element.value = b""
            return
        values = [each.strip("\0 ") for each in decode(element.value, names).split("\\")]
        made = [self._made(each, element.vr, info_type, found.days) if each else "" for each in values]
        if made != values:  # otherwise the octets stay, in whatever character set they are
            made = [each for each in made if each.isascii()]
            element.value = "\\".join(made).encode() if any(made) else b""

    def _made(self, value: str, vr: bytes, info_type: str, days: int) -> str:
        if info_type:
            return self._whole(value, vr, info_type, days)
        if self._transformations.not_recognised:
            return ""  # what a model would have to read: the field as a whole
        made = self._transformations.cleaned(value, days)
        return made if made == value else _fitting(made, vr)

    def _whole(self, value: str, vr: bytes, info_type: str, days: int) -> str:
        chosen: Transformation = self._transformations.of(info_type)
        if vr == b"PN":
            return _fitting(chosen.text(value, info_type), vr)
        return (moved(value, days) or "") if chosen.kind == "shift" and info_type == "DATE" else ""


def _fitting(text: str, vr: bytes) -> str:
    """Return a text if it is one that its value representation can hold, and otherwise nothing."""
    return text if len(text) <= MOST.get(vr, len(text)) and text.isascii() else ""


def _say_less(elements: Item, manifest: Manifest) -> None:
    """Take back what only the basic profile may say of itself (PS3.15 E.1.1)."""
    elements[:] = [each for each in elements if each.tag not in {METHOD_CODES, LONGITUDINAL}]
    for each in elements:
        if each.tag == IDENTITY_REMOVED:
            each.value = b"NO"
        elif each.tag == METHOD:
            each.value = f"Hilum, Google DeidentifyConfig v1, key {manifest.key}".encode()
