"""A dialect is opened, and a step with it."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.deidentify import engines as engines_module
from adapters.deidentify.engines import open_engines
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.google.opening import fingerprint, notes_of
from adapters.deidentify.google.reading import parse_config
from adapters.deidentify.step import open_step
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import ConfigError
from tests.adapters.deidentify.dicom.made import native
from tests.adapters.deidentify.google.support import CRYPTO_KEY, opened
from tests.adapters.deidentify.support import settings

PATIENT = b'{"resourceType": "Patient", "id": "p", "birthDate": "1980-03-15"}'
SHIFT = {
    "fhir": {"fieldMetadataList": [{"paths": ["Date"], "action": "TRANSFORM"}]},
    "text": {"additionalTransformations": [{"dateShiftConfig": {}}]},
}


def given(folder: Path, config: Any, **more: Any) -> Any:
    """Return settings of a step with a configuration."""
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return settings(folder, google_config_file=path, **{"default_domain": None, **more})


def test_the_engines_of_a_step(tmp_path: Path) -> None:
    """DICOM and FHIR by the dialect; HL7v2 is held back, since it says nothing of it."""
    engines = open_engines(given(tmp_path, SHIFT), {})
    made = json.loads(engines.fhir(PATIENT, None)[0])
    assert made["birthDate"] != "1980-03-15"
    assert engines.file().manifest.policy.startswith("Google DeidentifyConfig v1")
    assert engines.notes == engines.file().manifest.notes
    with pytest.raises(HeldBackError, match="says nothing of HL7v2"):
        engines.hl7v2(b"MSH|^~\\&|", None)


def test_the_detector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where text is to be redacted, each file gets the detector of the other dialect; without one it is held back."""
    redacting = {"dicom": {}, "image": {"textRedactionMode": "REDACT_SENSITIVE_TEXT"}}
    monkeypatch.setattr(engines_module, "find_spec", lambda _: None)
    file = open_engines(given(tmp_path, redacting), {}).file()
    with pytest.raises(HeldBackError, match="no detector of text"):
        list(file.receive_data(native(bytes(16))))
    profile = opened(redacting).headers.profile
    assert (profile.pixels, profile.search_originals) == ("redact_all_text", True)
    assert opened({"image": {}}).headers.profile.pixels == "keep"


def test_domains_count(tmp_path: Path) -> None:
    """With domains a patient of an authority that none of them names is held back, as in the other dialect."""
    domains = {"hospital": DomainSettings(fhir=("urn:oid:1.2.3",))}
    with pytest.raises(HeldBackError, match="domains"):
        open_engines(given(tmp_path, SHIFT), domains).fhir(PATIENT, None)


async def test_mistakes_have_their_path(tmp_path: Path) -> None:
    """A mistake in the file is a mistake in the configuration of the step, and of the file."""
    wrong = given(tmp_path, {"image": {"customRegexes": [{}]}})
    with pytest.raises(ConfigError, match=r"steps.anonymous.google_config_file: image.customRegexes: the text"):
        async with open_step("anonymous", wrong):
            pass
    wrong = given(tmp_path, {"images": {}})
    with pytest.raises(ConfigError, match=r"steps.anonymous.google_config_file: .*config.json: images: is no field"):
        async with open_step("anonymous", wrong):
            pass


def test_one_dialect_only(tmp_path: Path) -> None:
    """The blocks of the other dialect contradict the file."""
    with pytest.raises(ValueError, match="google_config_file says what `fhir` says, too; remove one of them"):
        given(tmp_path, {}, fhir={"profile": "limited"})


def test_the_manifest_of_fhir(tmp_path: Path) -> None:
    """The manifest of a resource has the report as well, whichever engine it went through."""
    for config in ({}, SHIFT):
        dialect = opened(config)
        _, manifest = dialect.fhir.transform(PATIENT)
        assert manifest.notes == dialect.notes
        assert manifest.policy.startswith(dialect.policy)


def test_notes(tmp_path: Path) -> None:
    """The report needs the file only; of a file that cannot be read it is empty, as opening the step tells that."""
    path = tmp_path / "config.json"
    assert notes_of(path, redacts_fields=False) == ()
    path.write_text('{"dicom": {}}')
    assert notes_of(path, redacts_fields=False) == opened({"dicom": {}}).notes


def test_fingerprint() -> None:
    """It tells configurations apart, and does not depend on their keys."""

    def of(config: Any) -> str:
        return fingerprint(parse_config(json.dumps(config).encode()))

    keyed = [
        {"text": {"transformations": [{"cryptoHashConfig": {"cryptoKey": each}}]}} for each in (CRYPTO_KEY, "AAAA")
    ]
    assert len({of(each) for each in keyed}) == 1
    assert of({"dicom": {}}) != of({}) != of({"fhir": {}})
