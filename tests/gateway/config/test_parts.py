"""What a command does not use of a configuration is not resolved."""

from pathlib import Path

import pytest

from gateway.config.parts import JournalPart, SpoolPart, StepsPart, load_part, unread_variables
from gateway.contract.errors import ConfigError

TEXT = """
listeners:
  adt: {kind: mllp, port: "${PORT}", tls: {certificate_file: c.pem, key_file: "${CREDENTIALS_DIRECTORY}/key"}}
destinations:
  store: {kind: hl7v2_store, url: "${URL}", credentials: {kind: bearer, token_file: "${CREDENTIALS_DIRECTORY}/token"}}
steps: {ward: {kind: edit_hl7v2, set: {MSH-5: "${WARD}"}}}
routes: [{from: adt, to: store}]
data_dir: ${STATE}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a configuration with variables in every part."""
    path = tmp_path / "hilum.yaml"
    path.write_text(TEXT)
    return path


def problems(path: Path) -> tuple[str, ...]:
    """Return the mistakes in the part of the spool."""
    with pytest.raises(ConfigError) as caught:
        load_part(path, SpoolPart, {})
    return caught.value.problems


def test_spool_needs_its_own_variables_only(path: Path) -> None:
    """Neither secrets nor addresses of listeners and stores are needed to look after the spool."""
    part = load_part(path, SpoolPart, {"STATE": "/srv/hilum"})
    assert (Path("/srv/hilum"), {"store": "hl7v2_store"}) == (
        part.data_dir,
        {name: each.kind for name, each in part.destinations.items()},
    )


def test_journal_needs_no_secret(path: Path) -> None:
    """Of the listeners only that is read which says how identifiers are kept."""
    path.write_text(TEXT.replace("kind: mllp,", "kind: mllp, identifiers: keyed,"))
    part = load_part(path, JournalPart, {"STATE": "/srv"})
    assert {"adt": "keyed"} == {name: each.identifiers for name, each in part.listeners.items()}
    path.write_text(TEXT.replace("kind: mllp,", "kind: mllp, identifiers: hashed,"))
    with pytest.raises(ConfigError, match=r"listeners\.adt\.identifiers"):
        load_part(path, JournalPart, {"STATE": "/srv"})


def test_what_the_spool_needs_is_told(path: Path) -> None:
    """A variable that the part uses is missing with its path."""
    assert (f"{path}:8:11: data_dir: the environment has no STATE; set it or write the value here",) == problems(path)


def test_steps_alone(path: Path) -> None:
    """Steps need no more than their own variables."""
    assert ["ward"] == list(load_part(path, StepsPart, {"WARD": "W1"}).steps)


MISTAKES = {
    "another gateway's spool is not taken for a misspelt one": (
        "data_dir: /srv",
        "data_dirr: /srv",
        "8:1: data_dirr: is not a known key; did you mean `data_dir`?",
    ),
    "an unknown kind": (
        "kind: hl7v2_store",
        "kind: pacs",
        (
            "5:17: destinations.store.kind: kind 'pacs' is not known; "
            "use one of hl7v2_store, http, dicomweb, fhir_store, mllp, table, bigquery, bucket"
        ),
    ),
}


@pytest.mark.parametrize(("right", "wrong", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(path: Path, right: str, wrong: str, expected: str) -> None:
    """A mistake in what is used is told."""
    path.write_text(TEXT.replace("${STATE}", "/srv").replace(right, wrong))
    assert (f"{path}:{expected}",) == problems(path)


def test_unread_variables(path: Path) -> None:
    """Variables in the names of files that only the daemon reads are found; those needed elsewhere too are not."""
    places = ["listeners.adt.tls.key_file", "destinations.store.credentials.token_file"]
    assert {"CREDENTIALS_DIRECTORY": places} == unread_variables(path, {})
    assert {} == unread_variables(path, {"CREDENTIALS_DIRECTORY": "/run"})
    path.write_text(TEXT.replace("${STATE}", "${CREDENTIALS_DIRECTORY}"))
    assert {} == unread_variables(path, {})


def test_files_of_steps_are_read(tmp_path: Path) -> None:
    """The tables of steps are read by `hilum check`, so that their variables are needed."""
    path = tmp_path / "hilum.yaml"
    path.write_text("steps: {a: {kind: edit_hl7v2, key_file: '${A}'}}")
    assert {} == unread_variables(path, {})


def test_no_yaml(tmp_path: Path) -> None:
    """What is no YAML is left to who loads the configuration."""
    path = tmp_path / "hilum.yaml"
    path.write_text("{")
    assert {} == unread_variables(path, {})
