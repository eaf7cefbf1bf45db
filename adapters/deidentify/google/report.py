"""What the step does that the documentation of ``DeidentifyConfig`` does not say: each field with its sentence."""

from collections.abc import Iterator, Sequence

from adapters.deidentify.dicom.rules import BULK, EDITION, KEPT_BULK
from adapters.deidentify.google.checks import inspecting, transforming
from adapters.deidentify.google.config import DeidentifyConfig, DicomConfig, FhirConfig, ImageConfig, KeyedConfig
from adapters.deidentify.google.tags import FILE_META, IDS, PIXELS, named, tags_of
from adapters.deidentify.google.transformations import LISTS, Transformations, needs_model
from adapters.dicom.dictionary import vr_of

Note = tuple[str, str]
ALWAYS = (
    "private elements, overlays, curves, and octets of which nobody knows what they hold are removed, and values that"
    " break the rules of their value representation; what is removed is searched for in what stays, and an element that"
    " contains it goes too"
)
PASSES = (
    "what no path matches passes, but elements that R4 does not have, and what contains a value that was transformed;"
    " resources Binary and Parameters are held back"
)
IDS_CHANGE = (
    "an id that is transformed becomes a pseudonym, whatever the transformation, and links to it become the same; a"
    " transformation whose result a type cannot hold removes the value"
)
NEWER = (
    f"the table is that of PS3.15 {EDITION} and not of 2018e; elements that it does not list are judged by their value"
    " representation; that by which the object names its patient is searched for in what stays"
)
NOT_SAID = "Patient Identity Removed is NO, since only the basic profile may say YES"


def report(config: DeidentifyConfig, transformations: Transformations) -> Sequence[Note]:
    """Return what is stricter than the documentation, or else than one may think: the field, and a sentence."""
    return [
        ("", "HL7v2 messages are held back: DeidentifyConfig says nothing of them"),
        *_dicom(config.dicom),
        *_image(config.image),
        *_fhir(config.fhir),
        *_text(config, transformations),
        *_region(config),
    ]


def _dicom(config: DicomConfig | None) -> Iterator[Note]:
    if config is None:
        yield "dicom", f"is not there, so the basic profile of PS3.15 {EDITION} applies, without dates"
        return
    if config.keep_list is not None:
        yield "dicom.keepList", f"an element inside a sequence stays only if both are in the list; {ALWAYS}; {NOT_SAID}"
        if dropped := _dropped(config.keep_list.tags or ()):
            yield "dicom.keepList.tags", f"{named(dropped)} cannot stay, or is written anew"
    elif config.remove_list is not None:
        yield "dicom.removeList", f"everything else stays, but {ALWAYS}; {NOT_SAID}"
    elif config.filter_profile == "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE":
        yield "dicom.filterProfile", NEWER
    elif config.filter_profile == "MINIMAL_KEEP_LIST_PROFILE":
        yield "dicom.filterProfile", f"only what is needed to store and to read the instance stays; {NOT_SAID}"
    elif config.filter_profile == "DEIDENTIFY_TAG_CONTENTS":
        yield "dicom.filterProfile", f"elements of other value representations stay, but {ALWAYS}; {NOT_SAID}"
    else:
        yield "dicom.filterProfile", f"every element stays, also the patient's name, but {ALWAYS}; {NOT_SAID}"
    if config.skip_id_redaction:
        yield "dicom.skipIdRedaction", "UIDs often contain the day of the study, and lead back to the original"
    else:
        yield (
            "dicom.skipIdRedaction",
            "every other UID of an instance is regenerated as well, so that links hold",
        )


def _dropped(names: Sequence[str]) -> frozenset[int]:
    def goes(tag: int) -> bool:
        group = tag >> 16
        is_bulk = vr_of(tag)[:2] in BULK and tag not in KEPT_BULK and tag not in PIXELS
        return group == FILE_META or group >> 8 in {0x50, 0x60} or is_bulk

    return frozenset(tag for tag in tags_of(names, "dicom.keepList.tags") if goes(tag)) - IDS


def _image(config: ImageConfig | None) -> Iterator[Note]:
    mode = config.text_redaction_mode if config else None
    if mode == "REDACT_SENSITIVE_TEXT":
        yield "image.textRedactionMode", "all text is redacted, since text in images is found and not read"
    if mode in {"REDACT_SENSITIVE_TEXT", "REDACT_ALL_TEXT"}:
        yield "image.textRedactionMode", "an image in which text cannot be redacted is held back"
    else:
        place = "image.textRedactionMode" if config else "image"
        yield place, "text in images stays, whatever it says, and Patient Identity Removed is NO"


def _fhir(config: FhirConfig | None) -> Iterator[Note]:
    if config is None:
        yield "fhir", "is not there, so the profile `safe_harbor` applies in the place of Google's default list"
        return
    yield "fhir.fieldMetadataList", PASSES
    yield "fhir.fieldMetadataList", IDS_CHANGE
    if not config.default_keep_extensions:
        yield (
            "fhir.defaultKeepExtensions",
            "a resource with a modifier extension is held back, since its meaning would change",
        )


def _text(config: DeidentifyConfig, transformations: Transformations) -> Iterator[Note]:
    if config.text is None and not list(inspecting(config)):
        return
    if not list(transforming(config)):
        yield "text", "no field of `dicom` or `fhir` asks for a transformation, so it is not used"
        return
    if list(inspecting(config)):
        if missing := needs_model(transformations):
            yield (
                "text",
                f"nothing here recognises {missing} in text, so a field that may contain that is removed whole",
            )
        else:
            yield "text", "infoTypes are recognised by their form, and by a checksum where there is one"
    for place, each in _keyed(config):
        if each.crypto_key is None:
            yield place, "has no cryptoKey: the key is derived from `key_file`, and is the same for all messages"
    if transformations.of("DATE").kind == "shift":
        yield "text", "dates are moved back by whole weeks; ages and what is no whole date are removed"


def _keyed(config: DeidentifyConfig) -> Iterator[tuple[str, KeyedConfig]]:
    for name in LISTS:
        camel = "additionalTransformations" if name == LISTS[0] else name
        for number, each in enumerate((getattr(config.text, name) if config.text else None) or ()):
            place = f"text.{camel}[{number}]"
            if each.crypto_hash_config is not None:
                yield f"{place}.cryptoHashConfig", each.crypto_hash_config
            if each.date_shift_config is not None:
                yield f"{place}.dateShiftConfig", each.date_shift_config


def _region(config: DeidentifyConfig) -> Iterator[Note]:
    if config.use_regional_data_processing:
        yield "useRegionalDataProcessing", "nothing leaves this process, whether it is set or not"
