"""A report is cleaned by what the images of its patient say, with the days of the step."""

from pathlib import Path

import pytest

from adapters.deidentify.settings import DeidentifySettings
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.stages.texts import NOTHING_LEFT, Cleaner
from adapters.pipeline.work import Work
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import ConfigError
from gateway.contract.objects import Bucket
from tests.adapters.pipeline.reports.made import report

IMAGE = {
    "Hospital": "north",
    "StudyInstanceUID": "1.2.3.4.1",
    "PatientID": "MRN7423501",
    "PatientName": {"Alphabetic": "Musterfrau^Erika"},
    "AccessionNumber": "A1",
}
PRIOR = {**IMAGE, "StudyInstanceUID": "1.2.3.4.2", "AccessionNumber": "ACC777"}
STUDY = "north", "1.2.3.4.1"


def no_bucket(name: str) -> Bucket:
    """Open nothing: cleaning asks no bucket."""
    raise AssertionError(name)


def cleaner(folder: Path, domain: str | None = "hospital") -> Cleaner:
    """Return a cleaner that knows two studies of one patient."""
    key = folder / "key"
    key.write_bytes(b"k" * 32)
    hospital = {"images": "north:**.dcm", "reports": "north:*.csv", "columns": {"accession": "A", "text": "T"}}
    settings = PipelineSettings.model_validate(
        {
            "hospitals": {"north": hospital},
            "via": "anonymous",
            "tables": folder / "tables",
            "public": {"tables": "public:", "thumbnails": "thumbs:", "columns": ["report"]},
        }
    )
    step = {"kind": "deidentify", "key_file": key, "hl7v2": {"text": "known_identifiers"}, "default_domain": domain}
    made = DeidentifySettings.model_validate(step)
    found = Cleaner(Work(settings, made, {"hospital": DomainSettings()}, folder, no_bucket))
    found.learn([IMAGE, PRIOR])
    return found


def test_cleaned(tmp_path: Path) -> None:
    """Names and numbers are removed, also those of another study of the patient; the date is moved by whole weeks."""
    clean = cleaner(tmp_path)
    row = report("r1", text="Frau Musterfrau: no change to ACC777 of 20.02.2021", report_date="2021-03-05")
    made = clean(row, STUDY)
    assert made.text.startswith("Frau *** no change to *** of ")
    assert "20.02.2021" not in made.text
    assert made.date is not None
    assert made.date < "2021-03-05"
    assert made == clean(row, STUDY)
    clean.close()


def test_held_back(tmp_path: Path) -> None:
    """A report of an unknown study, of which nothing is left, or of a patient of nobody's domain has a reason."""
    clean = cleaner(tmp_path)
    assert clean(report("r1"), ("south", "1.2.3.4.1")).reason == "nothing is known of its patient"
    assert clean(report("r1", text="Musterfrau"), STUDY).reason == NOTHING_LEFT
    clean.close()
    clean = cleaner(tmp_path, None)
    assert "default_domain" in clean(report("r1"), STUDY).reason
    assert clean(report("r1"), STUDY).text == ""
    clean.close()


def test_mistake(tmp_path: Path) -> None:
    """A key that is not there is a mistake of the step."""
    cleaner(tmp_path).close()
    with pytest.raises(ConfigError, match=r"steps\.anonymous\."):
        cleaner(tmp_path, "other")
