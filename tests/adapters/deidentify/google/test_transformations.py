"""Which transformation applies, and what it makes."""

import re
from typing import Any

import pytest

from adapters.deidentify.google.config import TextConfig
from adapters.deidentify.google.transformations import (
    REDACT,
    Transformations,
    hashed,
    needs_model,
    transformations_of,
)
from adapters.deidentify.pseudonyms.key import Key
from tests.adapters.deidentify.google.support import CRYPTO_KEY, KEY, NO_MODEL


def made(**config: Any) -> Transformations:
    """Return the transformations of a configuration."""
    return transformations_of(TextConfig.model_validate(config), KEY)


def test_the_documentation() -> None:
    """The examples of the discovery document, with what is recognised here."""
    text = "My mail is a@b.org."
    for config, expected in (
        ({"redactConfig": {}}, "My mail is ."),
        ({"replaceWithInfoTypeConfig": {}}, "My mail is [EMAIL_ADDRESS]."),
        ({"characterMaskConfig": {}}, "My mail is *******."),
        ({"characterMaskConfig": {"maskingCharacter": "x"}}, "My mail is xxxxxxx."),
    ):
        assert made(additionalTransformations=[config]).cleaned(text, None) == expected
    hash_of_it = made(transformations=[{"cryptoHashConfig": {"cryptoKey": CRYPTO_KEY}}]).cleaned(text, None)
    assert re.fullmatch(r"My mail is [A-Za-z0-9+/]{43}=\.", hash_of_it)


def test_hash() -> None:
    """The hash depends on the key and the value, and on nothing else."""
    assert hashed(KEY, "a") == hashed(Key(bytes(range(32))), "a")
    assert len({hashed(KEY, "a"), hashed(KEY, "b"), hashed(Key(bytes(32)), "a")}) == 3


def test_dates() -> None:
    """A date in a text is moved; without a patient, and for another infoType, it is removed."""
    shift = made(additionalTransformations=[{"dateShiftConfig": {}}])
    assert shift.cleaned("on 2024-03-05, a@b.org", -7) == "on 2024-02-27, "
    assert shift.cleaned("on 2024-03-05", None) == "on "
    assert shift.cleaned("on 5 March 2024", -7) == "on "
    assert shift.shift_key is KEY
    assert made(additionalTransformations=[{"redactConfig": {}}]).shift_key is None


def test_which() -> None:
    """The special one, then the general one, then redaction; the newer list before the older one."""
    mask: dict[str, Any] = {"characterMaskConfig": {}}
    hashing: dict[str, Any] = {"cryptoHashConfig": {}}
    both = made(
        additionalTransformations=[{"infoTypes": ["DATE"], **mask}],
        transformations=[{"infoTypes": ["DATE", "AGE"], **hashing}, {"replaceWithInfoTypeConfig": {}}],
    )
    assert [both.of(each).kind for each in ("DATE", "AGE", "URL", "")] == ["mask", "hash", "name", "name"]
    assert made().of("DATE") is REDACT
    assert transformations_of(None, KEY).of("") is REDACT


def test_excluded() -> None:
    """What is excluded is not looked for; other names of an infoType are the same."""
    config = made(excludeInfoTypes=["EMAIL_ADDRESS", "VIN", "PASSPORT", *NO_MODEL])
    assert config.cleaned("a@b.org", None) == "a@b.org"
    assert "VEHICLE_IDENTIFICATION_NUMBER" not in config.inspected
    assert needs_model(config) == ""


def test_what_needs_a_model() -> None:
    """The infoTypes that nothing here recognises are told, also one that the configuration adds."""
    asked = made(additionalTransformations=[{"infoTypes": ["PASSPORT"], "redactConfig": {}}])
    assert needs_model(asked) == "LOCATION, ORGANIZATION_NAME, PERSON_NAME, PASSPORT"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"transformations": [{}]}, r"text.transformations\[0\]: does not say what to do; add one of redactConfig"),
        (
            {"additionalTransformations": [{"redactConfig": {}, "dateShiftConfig": {}}]},
            r"text.additionalTransformations\[0\]: says several things; keep one of redactConfig",
        ),
        (
            {"transformations": [{"redactConfig": {}}, {"redactConfig": {}}]},
            r"text.transformations\[1\].infoTypes: any infoType has a transformation already; remove one",
        ),
        (
            {"transformations": [{"infoTypes": ["VIN", "VEHICLE_IDENTIFICATION_NUMBER"], "redactConfig": {}}]},
            "VEHICLE_IDENTIFICATION_NUMBER has a transformation already",
        ),
        (
            {"transformations": [{"infoTypes": ["date"], "redactConfig": {}}]},
            r"text.transformations\[0\].infoTypes\[0\]: is no name of an infoType; write it as PERSON_NAME",
        ),
        ({"excludeInfoTypes": [""]}, r"text.excludeInfoTypes\[0\]: is no name of an infoType"),
        (
            {"transformations": [{"characterMaskConfig": {"maskingCharacter": "**"}}]},
            "maskingCharacter: must be one printable character",
        ),
        (
            {"transformations": [{"dateShiftConfig": {"kmsWrapped": {}}}]},
            r"text.transformations\[0\].dateShiftConfig.kmsWrapped: only Google's KMS",
        ),
    ],
)
def test_mistakes(config: dict[str, Any], problem: str) -> None:
    """A contradiction is told with its path."""
    with pytest.raises(ValueError, match=problem):
        made(**config)
