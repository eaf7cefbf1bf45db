"""What the commands ask of a step: its policy without an identifier, digests of names, and the way back."""

from pathlib import Path

import pytest

from adapters.deidentify.engines import open_engines
from adapters.deidentify.releasing import open_reidentification, release_of
from gateway.contract.release import Original
from tests.adapters.deidentify.support import DOMAINS, settings

MESSAGE = b"MSH|^~\\&|||||20240101||ADT^A08|1|P|2.5\rPID|1||4815162^^^HOSP^MR\r"


def test_release(tmp_path: Path) -> None:
    """The report names policy, edition and key; names of files become digests that the key decides."""
    found = release_of(settings(tmp_path), DOMAINS)
    assert found.policies["dicom"].startswith("PS3.15 Annex E 20")
    assert (found.policies["hl7v2"], found.pseudonyms) == ("limited", "keyed")
    assert found.name_of("Smith/1.dcm") == found.name_of("Smith/1.dcm") != found.name_of("Smith/2.dcm")
    assert len(found.name_of("Smith\udce9")) == 24
    other = settings(tmp_path)
    other.key_file.write_text("5b" * 32)
    changed = release_of(other, DOMAINS)
    assert changed.key != found.key
    assert changed.settings != found.settings
    assert changed.name_of("Smith/1.dcm") != found.name_of("Smith/1.dcm")


def test_settings(tmp_path: Path) -> None:
    """Every setting that changes the result changes the digest; the place of a file does not."""
    one = release_of(settings(tmp_path), DOMAINS).settings
    assert release_of(settings(tmp_path, most_weeks=4), DOMAINS).settings != one
    assert release_of(settings(tmp_path, default_domain=None), {}).settings != one
    assert release_of(settings(tmp_path, crosswalk_file=tmp_path / "crosswalk"), DOMAINS).settings == one


@pytest.mark.parametrize("mode", ["keyed", "random"])
def test_back(mode: str, tmp_path: Path) -> None:
    """With a crosswalk the pseudonym in a message leads back to its patient; another text leads nowhere."""
    given = settings(tmp_path, pseudonyms=mode, crosswalk_file=tmp_path / "crosswalk")
    engines = open_engines(given, DOMAINS)
    made, _ = engines.hl7v2(MESSAGE, None)
    assert engines.crosswalk is not None
    engines.crosswalk.close()
    pseudonym = made.decode().split("\r")[1].split("|")[3].partition("^")[0]
    with open_reidentification(given) as reidentify:
        assert reidentify(pseudonym) == Original("patient", "hospital", "4815162")
        assert reidentify("4815162") is None


def test_no_way_back(tmp_path: Path) -> None:
    """Without a crosswalk, with one that does not exist, or with another key, the mistake names the setting."""
    path = tmp_path / "crosswalk"
    with pytest.raises(ValueError, match=r"^crosswalk_file: is not set"), open_reidentification(settings(tmp_path)):
        pass
    given = settings(tmp_path, crosswalk_file=path)
    with pytest.raises(ValueError, match=r"^crosswalk_file: .*does not exist"), open_reidentification(given):
        pass
    assert not path.exists()
    engines = open_engines(given, DOMAINS)
    engines.hl7v2(MESSAGE, None)
    assert engines.crosswalk is not None
    engines.crosswalk.close()
    given.key_file.write_text("5b" * 32)
    with pytest.raises(ValueError, match=r"^crosswalk_file: .*another key"), open_reidentification(given):
        pass
    with pytest.raises(ValueError, match="another key"):
        release_of(given, DOMAINS)


def test_google(tmp_path: Path) -> None:
    """By Google's dialect the policy is that of the file; what the file says changes the digest, its place does not."""
    found = []
    for name, text in (("a", '{"dicom": {}}'), ("b", '{"dicom": {}}'), ("c", '{"fhir": {}}')):
        (tmp_path / name).write_text(text)
        given = settings(tmp_path, google_config_file=tmp_path / name)
        found.append(release_of(given, DOMAINS))
    assert found[0].policies["dicom"].startswith("Google DeidentifyConfig v1 ")
    assert found[0].policies["hl7v2"] == "held back"
    assert found[0].settings == found[1].settings != found[2].settings
    (tmp_path / "c").write_text("{")
    with pytest.raises(ValueError, match=r"^google_config_file: .*is no JSON"):
        release_of(given, DOMAINS)
