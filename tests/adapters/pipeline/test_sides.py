"""The two sides share nothing: each way in which they could is refused with its setting and its mend."""

import copy
from pathlib import Path
from typing import Any

import pytest

from adapters.pipeline.sides import pipeline_problems
from gateway.config.loading import parse
from gateway.contract.errors import ConfigError

S3_KEY = {"kind": "s3", "key_file": "/run/secrets/north"}
RAW: dict[str, Any] = {
    "buckets": {
        "north": {"kind": "s3", "url": "s3://north", "endpoint": "https://s3.example", "credentials": S3_KEY},
        "south": {"kind": "folder", "url": "/srv/south"},
        "public": {
            "kind": "s3",
            "url": "s3://public",
            "endpoint": "https://s3.example",
            "credentials": {"kind": "s3", "key_file": "/run/secrets/public"},
        },
        "thumbs": {"kind": "folder", "url": "/srv/thumbs"},
    },
    "steps": {"anonymous": {"kind": "deidentify", "hl7v2": {"text": "known_identifiers"}}},
    "pipeline": {
        "hospitals": {"north": {"images": "north:**", "reports": "north:*.csv"}, "south": {"images": "south:**"}},
        "via": "anonymous",
        "tables": "/var/lib/hilum/tables",
        "public": {"tables": "public:", "thumbnails": "thumbs:", "columns": ["Modality", "report"]},
    },
}


GOOGLE_KEY = {"kind": "google", "service_account_file": "/run/secrets/google"}


def test_notifications() -> None:
    """They name objects: their credential is one of the identified side."""
    raw = copy.deepcopy(RAW)
    raw["buckets"]["public"] = {"kind": "gcs", "url": "gs://public", "credentials": GOOGLE_KEY}
    raw["pipeline"]["notifications"] = {"subscription": "projects/p/subscriptions/s", "credentials": GOOGLE_KEY}
    (problem,) = pipeline_problems(raw)
    assert problem.startswith("pipeline.public.tables: has the credential of the same service_account_file, which pipe")
    raw["pipeline"]["notifications"]["credentials"] = {**GOOGLE_KEY, "service_account_file": "/run/secrets/north"}
    assert list(pipeline_problems(raw)) == []


MALFORMED: tuple[object, ...] = (None, 3, [], "x", {"north": 4})


def problems(path: str, value: object) -> list[str]:
    """Return the problems of the configuration with this value at this path."""
    raw: Any = copy.deepcopy(RAW)
    at = raw
    *before, last = path.split(".")
    for each in before:
        at = at[each]
    at[last] = value
    return list(pipeline_problems(raw))


def test_good() -> None:
    """Sides that share nothing are no problem, and neither is a configuration without a pipeline."""
    assert list(pipeline_problems(RAW)) == []
    assert list(pipeline_problems({})) == []
    assert list(pipeline_problems({"pipeline": 3})) == []


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (
            "pipeline.public.tables",
            "north:public/",
            "pipeline.public.tables: is in the bucket 'north', which pipeline.",
        ),
        ("pipeline.public.tables", "other:", "pipeline.public.tables: there is no bucket 'other'; there is north, "),
        ("pipeline.hospitals.south.images", "b:**", "pipeline.hospitals.south.images: there is no bucket 'b'"),
        ("buckets.thumbs.url", "/srv/south/thumbs", "pipeline.public.thumbnails: is inside of the folder, which"),
        ("buckets.thumbs.url", "/srv", "pipeline.public.thumbnails: holds the folder, which"),
        ("buckets.thumbs.url", "/srv/x/../south/", "pipeline.public.thumbnails: is the same folder as that, which"),
        ("buckets.thumbs.url", "/var/lib/hilum/tables/t", "which pipeline.tables uses"),
        ("data_dir", "/srv/thumbs/data", "pipeline.public.thumbnails: holds the folder, which data_dir uses"),
        ("buckets.public.url", "s3://north/public", "pipeline.public.tables: is the same bucket as that"),
        ("buckets.public.credentials", S3_KEY, "pipeline.public.tables: has the credential of the same key_file"),
        ("pipeline.public.columns", ["Modalty"], "pipeline.public.columns: Modalty is no attribute of PS3.6"),
        ("pipeline.public.thumbnails", "public:t/", "name another bucket: thumbnails have one of their own"),
    ],
)
def test_shared(path: str, value: object, problem: str) -> None:
    """Each thing that the sides could share is told."""
    assert any(problem in each for each in problems(path, value))


def test_the_credential_of_the_machine_is_one() -> None:
    """Without files both sides would get what the environment of the process gives."""
    raw = copy.deepcopy(RAW)
    raw["buckets"]["north"]["credentials"] = raw["buckets"]["public"]["credentials"] = {"kind": "s3"}
    (problem,) = pipeline_problems(raw)
    assert "the credential that this machine gives to processes" in problem


def test_links_do_not_hide_a_folder(tmp_path: Path) -> None:
    """A link to the hospital's folder is that folder."""
    (tmp_path / "south").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "south")
    raw = copy.deepcopy(RAW)
    raw["buckets"]["south"]["url"], raw["buckets"]["thumbs"]["url"] = str(tmp_path / "south"), str(tmp_path / "link")
    assert "is the same folder" in next(pipeline_problems(raw))


def test_malformed_sections() -> None:
    """Whatever a section holds, nothing is raised: its own mistakes are told elsewhere."""
    for path in ("buckets", "steps", "pipeline.hospitals", "pipeline.public", "pipeline.tables", "pipeline.via"):
        for value in MALFORMED:
            list(problems(path, value))


def test_check_says_it(tmp_path: Path) -> None:
    """`hilum check` tells of it with the place in the file."""
    text = f"""
listeners: {{lab: {{kind: mllp, port: 0}}}}
destinations: {{store: {{kind: http, url: "http://127.0.0.1:1/"}}}}
routes: [{{from: lab, to: store}}]
buckets: {{north: {{kind: folder, url: {tmp_path}}}}}
steps: {{anonymous: {{kind: deidentify, key_file: k}}}}
pipeline:
  hospitals: {{north: {{images: "north:**"}}}}
  via: anonymous
  tables: /var/lib/tables
  public: {{tables: "north:t/", thumbnails: "north:u/", columns: [Modality]}}
"""
    with pytest.raises(ConfigError) as raised:
        parse(text, {}, "hilum.yaml")
    assert "hilum.yaml:11:20: pipeline.public.tables: is in the bucket 'north'" in raised.value.problems[0]
