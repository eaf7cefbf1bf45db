"""The engines of a step: one for each format, all with the same pseudonyms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Format
from adapters.deidentify.pseudonyms.key import read_key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import DeidentifySettings
from adapters.hl7.er7 import Header

if TYPE_CHECKING:
    from adapters.deidentify.dicom.file import FileDeidentifier

Transform = Callable[[bytes, str | None], tuple[bytes, Mapping[str, str]]]
"""Returns the octets of a text without what names its patient, and the identifiers that have changed."""


@dataclass(frozen=True, slots=True)
class Engines:
    """What transforms each format."""

    hl7v2: Transform
    fhir: Transform
    file: "Callable[[], FileDeidentifier]"
    """Makes what transforms one DICOM file."""


def open_engines(settings: DeidentifySettings) -> Engines:
    """Return the engines; raises ValueError if the key cannot be read."""
    from adapters.deidentify.dicom.file import FileDeidentifier  # noqa: PLC0415  it imports pydicom, which takes 9 MiB
    from adapters.deidentify.dicom.transform import DicomTransformer  # noqa: PLC0415  likewise

    try:
        key = read_key(settings.key_file)
    except ValueError as error:
        raise ValueError(f"key_file: {error}") from None
    pseudonyms = KeyedPseudonyms(key, settings.most_weeks)
    domains = domains_of(settings)
    headers = DicomTransformer(settings.dicom, pseudonyms, domains)
    policy = " ".join([settings.dicom.profile, *settings.dicom.options])
    return Engines(
        _hl7v2(Hl7v2Transformer(settings.hl7v2, pseudonyms, domains)),
        _no_fhir,
        lambda: FileDeidentifier(headers, Manifest(policy, pseudonyms.fingerprint)),
    )


def domains_of(settings: DeidentifySettings) -> Domains:
    """Return the domains of patients that the settings describe."""
    named: dict[tuple[Format, str], Domain] = {}
    of_name: dict[str, Domain] = {}
    for name, each in settings.domains.items():
        domain = of_name[name] = Domain(name, drops_leading_zeros=each.leading_zeros == "drop")
        named |= {("hl7v2", authority): domain for authority in each.hl7v2}
        named |= {("dicom", authority): domain for authority in each.dicom}
        named |= {("fhir", authority): domain for authority in each.fhir}
    return Domains(named, None if settings.default_domain is None else of_name[settings.default_domain])


def _hl7v2(transformer: Hl7v2Transformer) -> Transform:
    def transform(data: bytes, charset: str | None) -> tuple[bytes, Mapping[str, str]]:
        changed, _ = transformer.transform(data, charset)
        header = Header.parse(changed)
        return changed, {} if header is None else {"control_id": header.text(10)}

    return transform


def _no_fhir(_: bytes, __: str | None) -> tuple[bytes, Mapping[str, str]]:
    raise HeldBackError("FHIR is not de-identified yet")
