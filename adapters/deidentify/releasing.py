"""What ``hilum deidentify`` and ``hilum reidentify`` ask of the settings of a step."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from adapters.deidentify.engines import crosswalk_of, domains_of, key_of
from adapters.deidentify.errors import CrosswalkError
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.settings import DeidentifySettings
from gateway.contract.domains import DomainSettings
from gateway.contract.release import Original, Reidentify, Release

NO_CROSSWALK = (
    "crosswalk_file: is not set, so no pseudonym of this step can be turned back; set it before the data is"
    " de-identified, or with the key make the pseudonyms of the patients whom it may be"
)
NO_FILE = "crosswalk_file: {path}: does not exist; nothing was de-identified with it yet, or it is at another place"
DIGEST_CHARACTERS = 24


def release_of(settings: DeidentifySettings, domains: Mapping[str, DomainSettings]) -> Release:
    """Return what a report says of the step; raises ValueError with the setting that is wrong."""
    from adapters.deidentify.dicom.rules import EDITION  # noqa: PLC0415  it imports pydicom, which takes 9 MiB

    domains_of(domains, settings.default_domain)
    key = key_of(settings)
    crosswalk_of(settings, key)
    told, google = _told(settings, domains), _google(settings)
    if google is not None:
        policies, told = google[0], f"{told}\n{google[1]}"
    else:
        options = ", ".join(settings.dicom.options) or "no options"
        policies = {
            "dicom": f"PS3.15 Annex E {EDITION}, {settings.dicom.profile}, {options}",
            "hl7v2": settings.hl7v2.profile,
            "fhir": f"R4, {settings.fhir.profile}",
        }
    return Release(
        policies,
        settings.pseudonyms,
        key.fingerprint,
        _digest(key, "settings", told),
        lambda name: _digest(key, "file name", name),
    )


def _google(settings: DeidentifySettings) -> tuple[dict[str, str], str] | None:
    """Return the policies of Google's dialect and all that its file says; None for the other dialect."""
    path = settings.google_config_file
    if path is None:
        return None
    from adapters.deidentify.google.opening import policy_of  # noqa: PLC0415  likewise
    from adapters.deidentify.google.reading import read_config  # noqa: PLC0415  only for those who use it

    try:
        config = read_config(path)
    except ValueError as error:
        raise ValueError(f"google_config_file: {error}") from None
    policy = policy_of(config)
    # With the keys: another one gives another result. It is told as a digest with a key only.
    return {"dicom": policy, "fhir": policy, "hl7v2": "held back"}, config.model_dump_json()


@contextmanager
def open_reidentification(settings: DeidentifySettings) -> Iterator[Reidentify]:
    """Yield what turns pseudonyms back, by the crosswalk only; raises ValueError with the setting that is wrong."""
    if settings.crosswalk_file is None:
        raise ValueError(NO_CROSSWALK)
    crosswalk = crosswalk_of(settings, key_of(settings))
    assert crosswalk is not None  # noqa: S101  it is set
    if not settings.crosswalk_file.exists():
        raise ValueError(NO_FILE.format(path=settings.crosswalk_file))

    def reidentify(pseudonym: str) -> Original | None:
        entry = crosswalk.originals(pseudonym)
        return None if entry is None else Original(entry.purpose, entry.domain, entry.value)

    try:
        yield reidentify
    except CrosswalkError as error:
        raise ValueError(f"crosswalk_file: {settings.crosswalk_file}: {error}") from None
    finally:
        crosswalk.close()


def _told(settings: DeidentifySettings, domains: Mapping[str, DomainSettings]) -> str:
    """Return all settings but the paths, which may change without another result."""
    parts = [settings.model_dump_json(exclude={"key_file", "crosswalk_file", "google_config_file"})]
    return "\n".join([*parts, *(f"{name} {each.model_dump_json()}" for name, each in sorted(domains.items()))])


def _digest(key: Key, purpose: str, text: str) -> str:
    made = hashlib.blake2b(text.encode(errors="surrogateescape"), key=key.derived(purpose), digest_size=12)
    return made.hexdigest()[:DIGEST_CHARACTERS]
