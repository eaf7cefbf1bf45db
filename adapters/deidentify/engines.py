"""The engines of a step: one for each format, all with the same pseudonyms."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from adapters.deidentify.crosswalk.store import Crosswalk
from adapters.deidentify.errors import CrosswalkError, HeldBackError
from adapters.deidentify.fhir.transform import FhirTransformer
from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.images import Lost
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Format
from adapters.deidentify.pseudonyms.key import Key, read_key
from adapters.deidentify.pseudonyms.random import RandomPseudonyms
from adapters.deidentify.pseudonyms.recorded import RecordedPseudonyms
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms, Pseudonyms
from adapters.deidentify.settings import DeidentifySettings, DicomProfile
from adapters.hl7.er7 import Header
from gateway.contract.domains import DomainSettings

if TYPE_CHECKING:
    from adapters.deidentify.dicom.file import FileDeidentifier
    from adapters.deidentify.dicom.pixels.detector import Detector
    from adapters.deidentify.dicom.pixels.redacting import Redacting
    from adapters.deidentify.google.fhir import GoogleFhirTransformer
    from adapters.deidentify.google.opening import SafeHarbor

Transform = Callable[[bytes, str | None], tuple[bytes, Mapping[str, str]]]
"""Returns the octets of a text without what names its patient, and the identifiers that have changed."""


@dataclass(frozen=True, slots=True)
class Engines:
    """What transforms each format."""

    hl7v2: Transform
    fhir: Transform
    file: "Callable[[], FileDeidentifier]"
    """Makes what transforms one DICOM file."""
    crosswalk: Crosswalk | None = None
    """To be settled before a message goes on; None if no pseudonym is recorded."""
    notes: Sequence[str] = ()
    """Of Google's dialect: the report, for `hilum check`."""
    redacting: "Redacting | None" = None
    """What covers text in images; None if none is searched, or the extra ``ocr`` is missing."""


def open_engines(
    settings: DeidentifySettings, domains: Mapping[str, DomainSettings], lost: Lost | None = None
) -> Engines:
    """Return the engines; raises ValueError with the setting that is wrong, or if the key cannot be read.

    With *lost*, images are decoded and searched in a process of its own.
    """
    from adapters.deidentify.dicom.file import FileDeidentifier  # noqa: PLC0415  it imports pydicom, which takes 9 MiB
    from adapters.deidentify.dicom.transform import DicomTransformer  # noqa: PLC0415  likewise

    found = domains_of(domains, settings.default_domain)
    key = key_of(settings)
    crosswalk = crosswalk_of(settings, key)
    pseudonyms = pseudonyms_of(settings, key, crosswalk)
    if settings.google_config_file is not None:
        made = _google(settings, settings.google_config_file, key, pseudonyms, found if domains else None, lost)
        return replace(made, crosswalk=crosswalk)
    headers = DicomTransformer(settings.dicom, pseudonyms, found)
    redacting = redacting_of(settings.dicom, lost)
    policy = " ".join([settings.dicom.profile, *settings.dicom.options])
    return Engines(
        _hl7v2(Hl7v2Transformer(settings.hl7v2, pseudonyms, found)),
        _fhir(FhirTransformer(settings.fhir, pseudonyms, found)),
        lambda: FileDeidentifier(headers, Manifest(policy, pseudonyms.fingerprint), redacting),
        crosswalk,
        redacting=redacting,
    )


def _google(
    settings: DeidentifySettings,
    path: Path,
    key: Key,
    pseudonyms: Pseudonyms,
    domains: Domains | None,
    lost: Lost | None,
) -> Engines:
    """Return the engines of Google's dialect; without domains a patient is known by the number alone, as there."""
    from adapters.deidentify.dicom.file import FileDeidentifier  # noqa: PLC0415  it imports pydicom, which takes 9 MiB
    from adapters.deidentify.google.opening import open_dialect  # noqa: PLC0415  likewise
    from adapters.deidentify.google.pseudonyms import OneDomain  # noqa: PLC0415  only for those who use it
    from adapters.deidentify.google.reading import read_config  # noqa: PLC0415  likewise

    try:
        dialect = open_dialect(
            read_config(path),
            key,
            pseudonyms,
            domains or OneDomain(),
            most_weeks=settings.most_weeks,
            redacts_fields=settings.missing_recogniser == "redact_field",
        )
    except ValueError as error:
        raise ValueError(f"google_config_file: {error}") from None
    redacting = redacting_of(dialect.headers.profile, lost)
    return Engines(
        _no_hl7v2,
        _fhir(dialect.fhir),
        lambda: FileDeidentifier(dialect.headers, dialect.manifest(pseudonyms.fingerprint), redacting),
        notes=dialect.notes,
        redacting=redacting,
    )


def _no_hl7v2(_: bytes, __: str | None) -> NoReturn:
    raise HeldBackError("Google's DeidentifyConfig says nothing of HL7v2; use a step without `google_config_file`")


def key_of(settings: DeidentifySettings) -> Key:
    """Return the key of a step; raises ValueError with the setting if it cannot be read."""
    try:
        return read_key(settings.key_file)
    except ValueError as error:
        raise ValueError(f"key_file: {error}") from None


def crosswalk_of(settings: DeidentifySettings, key: Key) -> Crosswalk | None:
    """Return the crosswalk of a step, if it has one; raises ValueError with the setting if it cannot be used."""
    if settings.crosswalk_file is None:
        return None
    crosswalk = Crosswalk(settings.crosswalk_file, key.derived("crosswalk"))
    try:
        crosswalk.check()
    except CrosswalkError as error:
        raise ValueError(f"crosswalk_file: {settings.crosswalk_file}: {error}") from None
    return crosswalk


def pseudonyms_of(settings: DeidentifySettings, key: Key, crosswalk: Crosswalk | None) -> Pseudonyms:
    """Return what makes the pseudonyms of a step."""
    if crosswalk is not None and settings.pseudonyms == "random":
        return RandomPseudonyms(crosswalk, key.fingerprint, settings.most_weeks)
    keyed = KeyedPseudonyms(key, settings.most_weeks)
    return keyed if crosswalk is None else RecordedPseudonyms(keyed, crosswalk)


def redacting_of(profile: DicomProfile, lost: Lost | None) -> "Redacting | None":
    """Return what covers text in images: with *lost* in a process of its own, which it starts with the first image."""
    load = detector_of(profile)
    if load is None:
        return None
    if lost is None:
        from adapters.deidentify.dicom.pixels.redacting import RedactingHere  # noqa: PLC0415  it imports numpy

        return RedactingHere(load)
    from adapters.deidentify.dicom.pixels.apart import RedactingApart  # noqa: PLC0415  likewise

    return RedactingApart(load, lost)


def detector_of(profile: DicomProfile) -> "Callable[[], Detector] | None":
    """Return what loads the detector of text when the first image needs it; None without the extra ``ocr``."""
    if profile.pixels != "redact_all_text" or find_spec("rapidocr_onnxruntime") is None:
        return None
    from adapters.deidentify.dicom.pixels.detector import shared_detector  # noqa: PLC0415  it imports numpy

    return shared_detector


def domains_of(settings: Mapping[str, DomainSettings], default: str | None) -> Domains:
    """Return the domains of patients; raises ValueError if *default* is none of them, or two have one authority."""
    named: dict[tuple[Format, str], Domain] = {}
    of_name: dict[str, Domain] = {}
    for name, each in settings.items():
        domain = of_name[name] = Domain(name, drops_leading_zeros=each.leading_zeros == "drop")
        for form, authority in _authorities(each):
            first = named.setdefault((form, authority), domain)
            if first is not domain:
                raise ValueError(
                    f"the domains {first.name!r} and {name!r} both have {authority!r} in {form};"
                    " then nobody knows whose patient it is, so remove it from one of them"
                )
    if default is not None and default not in of_name:
        known = ", ".join(sorted(of_name)) or "none"
        raise ValueError(f"default_domain: there is no domain {default!r}; `domains` has {known}")
    return Domains(named, None if default is None else of_name[default])


def _authorities(settings: DomainSettings) -> Iterator[tuple[Format, str]]:
    yield from (("hl7v2", each) for each in settings.hl7v2)
    yield from (("dicom", each) for each in settings.dicom)
    yield from (("fhir", each) for each in settings.fhir)


def _hl7v2(transformer: Hl7v2Transformer) -> Transform:
    def transform(data: bytes, charset: str | None) -> tuple[bytes, Mapping[str, str]]:
        changed, _ = transformer.transform(data, charset)
        header = Header.parse(changed)
        control_id = "" if header is None else header.text(10)
        return changed, {"control_id": control_id} if control_id else {}

    return transform


def _fhir(transformer: "FhirTransformer | GoogleFhirTransformer | SafeHarbor") -> Transform:
    def transform(data: bytes, _: str | None) -> tuple[bytes, Mapping[str, str]]:
        return transformer.transform(data)[0], {}

    return transform
