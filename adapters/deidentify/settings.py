"""The settings of the step ``deidentify``."""

from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from gateway.contract.settings import File, SecretFile, Settings

Option = Literal[
    "retain_safe_private",
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_longitudinal_full_dates",
    "retain_longitudinal_modified_dates",
    "clean_descriptors",
    "clean_structured_content",
    "clean_graphics",
]
"""An option of PS3.15 Annex E. A message of the HL7v2 or FHIR profile has none."""


LARGEST_SIDE = 65535
"""Rows and columns of an image are 16 bits wide (PS3.3 C.7.6.3.1.3)."""


class PixelRegion(Settings):
    """Areas in which a device writes text into its images."""

    manufacturer: str = ""
    """Text that Manufacturer contains, in upper or lower case; empty: any."""
    model: str = ""
    """Likewise Manufacturer's Model Name."""
    rows: int | None = Field(default=None, ge=1, le=LARGEST_SIDE)
    """Height of the image, if the areas are only those of one size."""
    columns: int | None = Field(default=None, ge=1, le=LARGEST_SIDE)
    """Likewise its width."""
    areas: tuple[tuple[NonNegativeInt, NonNegativeInt, PositiveInt, PositiveInt], ...] = Field(min_length=1)
    """Each area: the column and row where it begins, its width and its height, in pixels."""


class DicomProfile(Settings):
    """How DICOM instances are de-identified (PS3.15 Annex E)."""

    profile: Literal["basic"] = "basic"
    """The Basic Application Level Confidentiality Profile."""
    options: tuple[Option, ...] = ("retain_longitudinal_modified_dates",)
    """Options of the profile: each keeps or cleans what the profile alone removes."""
    unlisted_text: Literal["remove", "scan"] = "scan"
    """Free text in elements that the profile's table does not list: removed, or kept if it does not contain one of the
    object's own identifiers."""
    pixels: Literal["hold_back", "redact_all_text", "keep"] = "hold_back"
    """Images that may show text (ultrasound, secondary capture, and whatever says so itself): held back; or kept as
    they are, and then PatientIdentityRemoved is not set. `redact_all_text` searches all images for text and covers it
    with black; it needs the extra `ocr`, without which these images are held back."""
    search_originals: bool = True
    """Whether `redact_all_text` also searches CT, MR and PET images that are original and primary. They rarely show
    text, and each takes about a second."""
    regions: tuple[PixelRegion, ...] = ()
    """Areas that `redact_all_text` covers whatever they show, beside those of its own table of devices."""
    documents: Literal["hold_back", "drop"] = "hold_back"
    """Encapsulated documents (PDF, CDA, STL): held back, or sent without the document."""
    faces: Literal["keep", "hold_back"] = "keep"
    """CT and MR series of the head with slices of at most 3 mm, from which a face can be made: kept or held back."""

    @model_validator(mode="after")
    def _options_agree(self) -> Self:
        full, modified = "retain_longitudinal_full_dates", "retain_longitudinal_modified_dates"
        if full in self.options and modified in self.options:
            raise ValueError(f"options: {full} and {modified} contradict each other; remove one")
        return self


class Hl7v2Profile(Settings):
    """How HL7v2 messages are de-identified."""

    profile: Literal["limited", "safe_harbor"] = "limited"
    """`limited`: keyed pseudonyms, dates moved by whole weeks. `safe_harbor`: years only, ages above 89 as 90, three
    digits of the postcode (45 CFR 164.514(b)(2))."""
    clinicians: Literal["pseudonym", "remove"] = "pseudonym"
    """People who treat the patient."""
    text: Literal["remove", "known_identifiers"] = "remove"
    """Free text: removed, or kept without the identifiers that the message itself names."""
    keep_segments: tuple[str, ...] = ()
    """Segments that are otherwise removed and stay, such as `ZPV`; they are searched for the message's identifiers."""
    keep_sender: bool = True
    """Whether MSH-3 to MSH-6 stay."""


class FhirProfile(Settings):
    """How FHIR resources are de-identified."""

    profile: Literal["limited", "safe_harbor"] = "limited"
    """As for HL7v2."""
    text: Literal["remove", "known_identifiers"] = "remove"
    """Free text: removed, or kept without the identifiers that the resource itself names."""
    keep_extensions: tuple[str, ...] = ()
    """URLs of extensions that stay; all others are removed."""


class DeidentifySettings(Settings):
    """Removes or replaces what names a patient, the same in DICOM, HL7v2 and FHIR, or holds the message back."""

    kind: Literal["deidentify"]
    """Removes or replaces what names a patient, or holds the message back."""
    key_file: SecretFile
    """File with the secret key of the pseudonyms: 32 octets, or their text (`openssl rand -hex 32`). Another key makes
    other pseudonyms, so that two research projects cannot be joined."""
    pseudonyms: Literal["keyed", "random"] = "keyed"
    """How pseudonyms and the shifts of dates come about. `keyed`: from the identifier and the key, without memory, the
    same in every gateway with this key. `random`: drawn when an identifier is first met, and kept in `crosswalk_file`,
    which every worker and command of this step must share; another gateway draws others."""
    crosswalk_file: File | None = None
    """File that keeps which pseudonym stands for which identifier, encrypted with a key derived from `key_file`.
    `random` needs it; with `keyed` it makes `hilum reidentify` possible. It is made with the first message, on a local
    disk, in a folder that Hilum may write to. Losing it loses the way back, and with `random` the same patient gets
    another pseudonym afterwards: have it in your backup."""
    default_domain: str | None = None
    """The domain of patient numbers whose message names no authority, one of the section `domains`; without it they
    are held back. A message whose authority is in no domain is held back as well."""
    most_weeks: int = Field(default=52, ge=1, le=520)
    """Dates of a patient are moved back by one to so many weeks."""
    google_config_file: File | None = None
    """File with a `DeidentifyConfig` of the Cloud Healthcare API v1 (JSON), which says what is done in the place of
    `dicom`, `hl7v2` and `fhir`. `hilum check` prints what is stricter here than its documentation says."""
    missing_recogniser: Literal["refuse", "redact_field"] = "refuse"
    """With `google_config_file`: what becomes of text in which names and places are to be found, which only a model of
    language recognises: the configuration is refused, or each such field is removed as a whole."""
    dicom: DicomProfile = DicomProfile()
    """DICOM instances."""
    hl7v2: Hl7v2Profile = Hl7v2Profile()
    """HL7v2 messages."""
    fhir: FhirProfile = FhirProfile()
    """FHIR resources and bundles."""

    @model_validator(mode="after")
    def _one_dialect(self) -> Self:
        both = sorted(self.model_fields_set & {"dicom", "hl7v2", "fhir"})
        if self.google_config_file is not None and both:
            raise ValueError(f"google_config_file says what `{both[0]}` says, too; remove one of them")
        return self

    @model_validator(mode="after")
    def _random_ones_are_kept(self) -> Self:
        if self.pseudonyms == "random" and self.crosswalk_file is None:
            raise ValueError("pseudonyms: random needs crosswalk_file, where they are kept; add it")
        return self
