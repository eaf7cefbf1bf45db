"""The JSON of ``DeidentifyConfig`` v1: each field of Google's discovery document (revision 20261013), and no other.

``tests/adapters/deidentify/google/test_config.py`` compares these classes with the discovery document. What each field
does here is in docs/deidentification.md.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, StrictStr
from pydantic.alias_generators import to_camel

FilterProfile = Literal[
    "TAG_FILTER_PROFILE_UNSPECIFIED",
    "MINIMAL_KEEP_LIST_PROFILE",
    "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE",
    "KEEP_ALL_PROFILE",
    "DEIDENTIFY_TAG_CONTENTS",
]
Action = Literal["ACTION_UNSPECIFIED", "TRANSFORM", "INSPECT_AND_TRANSFORM", "DO_NOT_TRANSFORM"]
RedactionMode = Literal["TEXT_REDACTION_MODE_UNSPECIFIED", "REDACT_ALL_TEXT", "REDACT_SENSITIVE_TEXT", "REDACT_NO_TEXT"]


class Part(BaseModel):
    """A message of the API: names in camel case or with underscores (protobuf's JSON), and no unknown one."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class TagFilterList(Part):
    """Elements by keyword or tag."""

    tags: tuple[StrictStr, ...] | None = None


class DicomConfig(Part):
    """Which elements stay. Of the first three fields at most one may be set."""

    keep_list: TagFilterList | None = None
    remove_list: TagFilterList | None = None
    filter_profile: FilterProfile | None = None
    skip_id_redaction: StrictBool | None = None


class FieldMetadata(Part):
    """Fields of FHIR, and what is done to them."""

    paths: tuple[StrictStr, ...] | None = None
    action: Action | None = None


class FhirConfig(Part):
    """What is done to which fields of FHIR; a field that no entry names passes."""

    field_metadata_list: tuple[FieldMetadata, ...] | None = None
    default_keep_extensions: StrictBool | None = None


class CustomRegex(Part):
    """A pattern to be found in the text of an image."""

    pattern: StrictStr | None = None
    group_indexes: tuple[StrictInt, ...] | None = None


class ImageConfig(Part):
    """What is done to the text in images."""

    text_redaction_mode: RedactionMode | None = None
    custom_regexes: tuple[CustomRegex, ...] | None = None


class KmsWrappedCryptoKey(Part):
    """A key that a service of Google unwraps."""

    crypto_key: StrictStr | None = None
    wrapped_key: StrictStr | None = None


class KeyedConfig(Part):
    """A transformation with a key."""

    crypto_key: StrictStr | None = None
    """16, 24 or 32 octets in base64."""
    kms_wrapped: KmsWrappedCryptoKey | None = None


class CryptoHashConfig(KeyedConfig):
    """A hash in the place of a value."""


class DateShiftConfig(KeyedConfig):
    """A date that is moved by a number of days of its patient."""


class CharacterMaskConfig(Part):
    """The same character for each character of a value."""

    masking_character: StrictStr | None = None


class RedactConfig(Part):
    """Nothing in the place of a value."""


class ReplaceWithInfoTypeConfig(Part):
    """The name of the infoType in the place of a value."""


class InfoTypeTransformation(Part):
    """What is done to what was found. Of the last five fields one must be set."""

    info_types: tuple[StrictStr, ...] | None = None
    redact_config: RedactConfig | None = None
    character_mask_config: CharacterMaskConfig | None = None
    date_shift_config: DateShiftConfig | None = None
    crypto_hash_config: CryptoHashConfig | None = None
    replace_with_info_type_config: ReplaceWithInfoTypeConfig | None = None


class TextConfig(Part):
    """What is done to text."""

    additional_transformations: tuple[InfoTypeTransformation, ...] | None = None
    transformations: tuple[InfoTypeTransformation, ...] | None = None
    exclude_info_types: tuple[StrictStr, ...] | None = None


class DeidentifyConfig(Part):
    """The whole configuration."""

    dicom: DicomConfig | None = None
    fhir: FhirConfig | None = None
    image: ImageConfig | None = None
    text: TextConfig | None = None
    use_regional_data_processing: StrictBool | None = None
