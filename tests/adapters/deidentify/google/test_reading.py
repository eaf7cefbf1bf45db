"""A configuration is read, and every mistake in it has its path and its mend, and no value."""

from pathlib import Path

import pytest

from adapters.deidentify.google.reading import MOST, parse_config, read_config


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is no JSON; write the DeidentifyConfig"),
        ("[" * 100_000, "is no JSON; write the DeidentifyConfig"),
        ("[]", "is no JSON object; write the DeidentifyConfig"),
        ('{"dicom": NaN}', "is no JSON"),
        ('{"dicom": {}, "dicom": {}}', "a name is twice in one of its objects; remove one"),
        ('{"dicomTagConfig": {}}', "dicomTagConfig: is a field of v1beta1, and Hilum knows v1 only"),
        ('{"fhirFieldConfig": {}}', "fhirFieldConfig: is a field of v1beta1, and Hilum knows v1 only"),
        ('{"secretword": 1}', "secretword: is no field there; there is dicom, fhir, image, text, useRegional"),
        ('{"dicom": {"keeplist": {}}}', "dicom.keeplist: is no field there; there is keepList, removeList, filter"),
        (
            '{"fhir": {"fieldMetadataList": [{"path": "x"}]}}',
            r"fhir.fieldMetadataList\[0\].path: is no field there; there is paths, action",
        ),
        (
            '{"fhir": {"fieldMetadataList": [{"action": "HIDE"}]}}',
            r"fhir.fieldMetadataList\[0\].action: must be 'ACTION_UNSPECIFIED', 'TRANSFORM'",
        ),
        ('{"dicom": {"keepList": {"tags": [7]}}}', r"dicom.keepList.tags\[0\]: must be a valid string; correct it"),
    ],
)
def test_mistakes(text: str, problem: str) -> None:
    """A mistake is a sentence with its path."""
    with pytest.raises(ValueError, match=problem):
        parse_config(text.encode())


def test_no_value_is_told() -> None:
    """A value, which may be a key, is not in the sentence."""
    with pytest.raises(ValueError, match=r"cryptoKey: must be a valid string") as raised:
        parse_config(b'{"text": {"transformations": [{"cryptoHashConfig": {"cryptoKey": ["c2VjcmV0"]}}]}}')
    assert "c2VjcmV0" not in str(raised.value)


def test_files(tmp_path: Path) -> None:
    """A file is named with its mistake; null is nothing, as in protobuf's JSON."""
    path = tmp_path / "config.json"
    with pytest.raises(ValueError, match=r"config.json: cannot be read: No such file"):
        read_config(path)
    path.write_bytes(b" " * MOST + b"{}")
    with pytest.raises(ValueError, match="is larger than 1 MiB"):
        read_config(path)
    path.write_text('{"x": 1}')
    with pytest.raises(ValueError, match=r"config.json: x: is no field there"):
        read_config(path)
    path.write_text('{"dicom": null, "fhir": {}}')
    config = read_config(path)
    assert config.dicom is None
    assert config.fhir is not None
