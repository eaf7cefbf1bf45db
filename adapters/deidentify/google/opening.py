"""Makes of a ``DeidentifyConfig`` what transforms each format."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.fhir.transform import FhirTransformer
from adapters.deidentify.google.checks import refuse
from adapters.deidentify.google.config import DeidentifyConfig, ImageConfig
from adapters.deidentify.google.dicom import GoogleTransformer
from adapters.deidentify.google.dicom_rules import rules_of as dicom_rules_of
from adapters.deidentify.google.fhir import GoogleFhirTransformer
from adapters.deidentify.google.fhir_paths import rules_of as fhir_rules_of
from adapters.deidentify.google.pseudonyms import GooglePseudonyms, OneDomain
from adapters.deidentify.google.reading import read_config
from adapters.deidentify.google.report import report
from adapters.deidentify.google.transformations import transformations_of
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domains
from adapters.deidentify.pseudonyms.key import SIZE, Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms, Pseudonyms
from adapters.deidentify.settings import DicomProfile, FhirProfile

REDACTING = frozenset({"REDACT_ALL_TEXT", "REDACT_SENSITIVE_TEXT"})


@dataclass(frozen=True, slots=True)
class SafeHarbor:
    """The other dialect's strictest profile for FHIR, in the place of Google's default; its manifest has the report."""

    transformer: FhirTransformer
    policy: str
    notes: tuple[str, ...]

    def transform(self, data: bytes) -> tuple[bytes, Manifest]:
        """Return the resource without what names its patient, and what was done; raises HeldBackError."""
        made, manifest = self.transformer.transform(data)
        manifest.policy, manifest.notes = f"{self.policy}, {manifest.policy}", self.notes
        return made, manifest


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one configuration gives."""

    headers: DicomTransformer
    fhir: SafeHarbor | GoogleFhirTransformer
    policy: str
    """The name of the policy, with a digest of the configuration without its keys."""
    notes: tuple[str, ...]
    """The report."""

    def manifest(self, key: str) -> Manifest:
        """Return the record of one transformation, with the report."""
        return Manifest(self.policy, key, notes=self.notes)


def open_dialect(
    config: DeidentifyConfig,
    key: Key,
    pseudonyms: Pseudonyms,
    domains: Domains,
    *,
    most_weeks: int,
    redacts_fields: bool,
) -> Dialect:
    """Return what transforms; raises ValueError with the path in the configuration and the mend."""
    transformations = transformations_of(config.text, Key(key.derived("google crypto key")))
    refuse(config, transformations, redacts_fields=redacts_fields)
    if (shift_key := transformations.shift_key) is not None:
        pseudonyms = GooglePseudonyms(pseudonyms, KeyedPseudonyms(shift_key, most_weeks))
    rules = dicom_rules_of(config.dicom, transformations)
    notes = tuple(f"{place}: {text}" if place else text for place, text in report(config, transformations))
    policy = policy_of(config)
    headers = GoogleTransformer(profile_of(config.image), pseudonyms, domains, rules, transformations)
    if config.fhir is None:
        strictest = FhirTransformer(FhirProfile(profile="safe_harbor"), pseudonyms, domains)
        fhir: SafeHarbor | GoogleFhirTransformer = SafeHarbor(strictest, policy, notes)
    else:
        fhir = GoogleFhirTransformer(
            fhir_rules_of(config.fhir.field_metadata_list or ()),
            transformations,
            pseudonyms,
            domains,
            partial(Manifest, policy, pseudonyms.fingerprint, notes=notes),
            keeps_extensions=bool(config.fhir.default_keep_extensions),
        )
    return Dialect(headers, fhir, policy, notes)


def notes_of(path: Path, *, redacts_fields: bool) -> tuple[str, ...]:
    """Return the report of the configuration in a file; empty if it is none, which opening the step has said."""
    nobody = Key(bytes(SIZE))
    try:
        pseudonyms = KeyedPseudonyms(nobody)
        config = read_config(path)
        return open_dialect(config, nobody, pseudonyms, OneDomain(), most_weeks=1, redacts_fields=redacts_fields).notes
    except ValueError:
        return ()


def policy_of(config: DeidentifyConfig) -> str:
    """Return the name of the policy."""
    return f"Google DeidentifyConfig v1 {fingerprint(config)}"


def profile_of(image: ImageConfig | None) -> DicomProfile:
    """Return the profile whose rules for whole objects and pixels apply; those for tags are the dialect's own."""
    redacts = image is not None and image.text_redaction_mode in REDACTING
    # All text, so also that of CT and MR as they come from the device.
    return DicomProfile(options=(), pixels="redact_all_text" if redacts else "keep", search_originals=True)


def fingerprint(config: DeidentifyConfig) -> str:
    """Return twelve characters that tell configurations apart and say nothing of their keys."""
    return hashlib.sha256(json.dumps(_without_keys(config.model_dump()), sort_keys=True).encode()).hexdigest()[:12]


def _without_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_keys(each) for name, each in value.items() if name != "crypto_key"}
    return [_without_keys(each) for each in value] if isinstance(value, (list, tuple)) else value
