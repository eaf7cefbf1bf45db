"""The whole pipeline over the generated hospitals, judged by their answer key."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.deidentify.settings import DeidentifySettings
from adapters.pipeline.gate.second_look import second_look
from adapters.pipeline.linking import Why
from adapters.pipeline.reporting import Reports
from adapters.pipeline.running import run
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.work import Work
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from gateway.contract.domains import DomainSettings
from tests.adapters.pipeline.small import Opener, files, here
from tests.pipeline.hospitals import NAMES, Hospitals, hospitals, settings_of


def work_of(root: Path, dicom: dict[str, Any], **gate: Any) -> Work:
    """Return the work over generated hospitals."""
    key = root / "key"
    key.write_bytes(b"k" * 32)
    settings = PipelineSettings.model_validate(
        {
            "hospitals": {name: settings_of(name) for name in NAMES},
            "via": "anonymous",
            "tables": root / "identified",
            "public": {"tables": "public:", "thumbnails": "thumbs:", "columns": ["Modality", "report"]},
            "gate": {"k_anonymity": 1, "second_look": False, **gate},
        }
    )
    step = {
        "kind": "deidentify",
        "key_file": key,
        "default_domain": "hospital",
        "hl7v2": {"text": "known_identifiers"},
        "dicom": dicom,
    }
    made = DeidentifySettings.model_validate(step)
    return Work(settings, made, {"hospital": DomainSettings()}, settings.tables / "work", Opener(root))


def rows(folder: Path, sql: str) -> list[Any]:
    """Return the answer to a query."""
    engine = Engine({"main": Tables(folder)})
    try:
        return list(engine.query(sql).rows)
    finally:
        engine.close()


def leaks(folder: Path, planted: set[str]) -> list[str]:
    """Return what is in any octet below a folder, or in a name, and should not be."""
    octets = b"\n".join(
        str(each.relative_to(folder)).encode() + b"\n" + (each.read_bytes() if each.is_file() else b"")
        for each in folder.rglob("*")
    )
    return [each for each in planted if each.encode() in octets]


def planted_in_rows(public: list[Any], planted: set[str]) -> list[str]:
    """Return what is in the values of the public table: in a file they may be compressed."""
    text = "\n".join(str(value) for row in public for value in row if value is not None)
    return [each for each in planted if each in text]


@pytest.fixture(scope="module")
def made() -> Hospitals:
    """Return hospitals without text in their images."""
    return hospitals(instances=80, reports=80, burned=0)


async def test_by_the_key(made: Hospitals, tmp_path: Path) -> None:
    """No link is wrong and none is missed; what is no image is a dead letter; nothing planted is on the public side."""
    await judged(made, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_at_full_size(tmp_path: Path) -> None:
    """The same with 2,000 images and 600 reports."""
    await judged(hospitals(burned=0), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_text_in_images(tmp_path: Path) -> None:
    """Text that is burned into images is covered before a thumbnail is drawn, and the gate looks at each once more."""
    pytest.importorskip("rapidocr_onnxruntime", reason="the extra ocr is not installed")
    found = hospitals(instances=40, reports=40, burned=0.3)
    assert found.burned
    work = work_of(tmp_path, {"pixels": "redact_all_text", "search_originals": False}, second_look=True)
    for delivery in (0, 1):
        found.write(tmp_path, delivery)
    assert (await run(work, here, "1")).is_good
    pictures = [*(tmp_path / "thumbs").rglob("*.webp")]
    assert len(pictures) > len(found.images) // 2
    assert not [each for each in pictures if second_look(each.read_bytes())]
    burned = rows(
        work.settings.tables,
        "SELECT count(*) FROM final_table WHERE Modality = 'OT'",
    )
    assert burned[0][0] == len(found.burned), "each of them is kept, with black where the text was"
    assert not leaks(tmp_path / "public", found.planted)
    assert not leaks(tmp_path / "thumbs", found.planted)


async def judged(made: Hospitals, tmp_path: Path) -> None:
    """Run the pipeline over both deliveries, and judge what comes out by the key."""
    work = work_of(tmp_path, {})
    for delivery in (0, 1):
        made.write(tmp_path, delivery)
        assert (await run(work, here, "1")).is_good
    before = files(tmp_path)
    assert not (await run(work, here, "1")).has_written
    assert files(tmp_path) == before

    images = rows(work.settings.tables, "SELECT Hospital, Object, SOPInstanceUID FROM dicom_metadata")
    assert {(hospital, key): uid for hospital, key, uid in images} == made.images
    dead = rows(work.settings.tables, "SELECT DISTINCT hospital, object FROM dead_letters WHERE stage = 'headers'")
    assert set(dead) == {each for each in made.dead_images if not each[1].endswith("/")}

    final = rows(
        work.settings.tables,
        "SELECT count(*), count(*) FILTER (report IS NOT NULL), count(DISTINCT (hospital, StudyInstanceUID))"
        " FILTER (report_state = 'linked') FROM final_table",
    )
    assert final[0][0] == len(made.images)
    assert final[0][2] == len(made.links)
    counts: Counter[str] = Counter()
    for name in NAMES:
        counts.update(json.loads(Reports(work.folder).read(f"linking-{name}.json")))
    assert counts["linked"] == len(made.links)
    wanted = Counter(Why[reason].value for reason in made.unlinked.values())
    assert {reason: counts[reason] for reason in wanted} == wanted

    public = rows(tmp_path / "public", "SELECT * FROM public_table")
    assert len(public) == rows(work.settings.tables, "SELECT count(*) FROM prod")[0][0]
    assert not planted_in_rows(public, made.planted)
    assert not leaks(tmp_path / "public", made.planted)
    assert not leaks(tmp_path / "thumbs", made.planted)
    markers = {marker for row in public for marker in made.links.values() if row[1] and marker in row[1]}
    assert markers == set(made.links.values())
