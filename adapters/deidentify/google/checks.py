"""What a ``DeidentifyConfig`` asks for that is contradictory, or cannot be had here."""

from collections.abc import Iterator

from adapters.deidentify.google.config import DeidentifyConfig
from adapters.deidentify.google.transformations import Transformations, needs_model

NOT_REGIONAL = ("LOCATION", "ORGANIZATION_NAME")
INSPECTS = "INSPECT_AND_TRANSFORM"


def refuse(config: DeidentifyConfig, transformations: Transformations, *, redacts_fields: bool) -> None:
    """Raise ValueError with path and mend for what cannot be done."""
    if config.image is not None and config.image.custom_regexes:
        raise ValueError(
            "image.customRegexes: the text in images is found, and not read, so no pattern can be compared with it;"
            " remove it, and set `textRedactionMode` to REDACT_ALL_TEXT"
        )
    if config.use_regional_data_processing:
        # "`LOCATION` must be excluded within TextConfig"; "not compatible with `LOCATION` or `ORGANIZATION_NAME`".
        missing = [each for each in NOT_REGIONAL if each not in transformations.excluded]
        if missing:
            raise ValueError(
                f"useRegionalDataProcessing: is not compatible with the infoTypes {' and '.join(missing)}; add them to"
                " text.excludeInfoTypes, or remove it: nothing leaves this process"
            )
    places = list(inspecting(config))
    if places and not redacts_fields and (missing_names := needs_model(transformations)):
        raise ValueError(
            f"{places[0]}: looks for {missing_names}, and nothing here recognises that in text; add them to"
            " text.excludeInfoTypes, or set `missing_recogniser: redact_field` of the step: then each such field is"
            " removed as a whole"
        )


def inspecting(config: DeidentifyConfig) -> Iterator[str]:
    """Yield the places that ask for a look into text."""
    if config.dicom is not None and config.dicom.filter_profile == "DEIDENTIFY_TAG_CONTENTS":
        yield "dicom.filterProfile"
    entries = (config.fhir.field_metadata_list if config.fhir else None) or ()
    for number, each in enumerate(entries):
        if each.action == INSPECTS:
            yield f"fhir.fieldMetadataList[{number}].action"


def transforming(config: DeidentifyConfig) -> Iterator[str]:
    """Yield the places that ask for a transformation of ``text``."""
    yield from inspecting(config)
    entries = (config.fhir.field_metadata_list if config.fhir else None) or ()
    for number, each in enumerate(entries):
        if each.action == "TRANSFORM":
            yield f"fhir.fieldMetadataList[{number}].action"
