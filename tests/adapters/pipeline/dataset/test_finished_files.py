"""A finished file of the public table is searched before any manifest names it; the rules of the gate are settings."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
pytest.importorskip("numpy", reason="the extra `pipeline` is not installed")

from adapters.pipeline.contract import Made, Reference
from adapters.pipeline.dataset.assembling import Part, assemble
from adapters.pipeline.dataset.gating import Gate, Image
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.stages.public_columns import public_columns
from adapters.tables.contract import Tables
from adapters.tables.manifest import Shape
from gateway.contract.errors import ConfigError

COLUMNS = ["Modality", "PatientAge", "StudyDescription"]


def settings(**gate: Any) -> PipelineSettings:
    """Return the settings of one hospital."""
    return PipelineSettings.model_validate(
        {
            "hospitals": {"north": {"images": "north:**.dcm"}},
            "via": "anonymous",
            "tables": "/tmp/tables",
            "public": {"tables": "public:", "thumbnails": "thumbs:", "columns": COLUMNS},
            "gate": {"k_anonymity": 3, "second_look": False, **gate},
        }
    )


def image(number: int, **more: Any) -> Image:
    """Return an image of a patient, and what is known of the patient."""
    row = {"hospital": "north", "SOPInstanceUID": f"2.25.{number}", "PatientID": f"PX{number}", "Modality": "CT"}
    known = {"PatientName": {"Alphabetic": "Musterfrau^Erika"}, "PatientID": f"7423{number:04}"}
    return Image(Reference("north", f"{number}.dcm", "1", 9), {**row, **more}, Made(), known)


def gate_of(**gate: Any) -> tuple[Gate, dict[str, bytes]]:
    """Return a gate, and where its reports go."""
    files: dict[str, bytes] = {}
    return Gate(settings(**gate), files.__setitem__), files


@pytest.mark.parametrize("leak", ["seen: Musterfrau^Erika", "7423 0001 is 74230001"])
def test_refused(tmp_path: Path, leak: str) -> None:
    """A file with an identifier stops the publication: the table is what it was, and a later try starts anew."""
    gate, _ = gate_of()
    tables, shape = Tables(tmp_path), Shape(public_columns(COLUMNS))
    inspect = gate.inspector([image(1), image(2)])
    clean = Part("a" * 64, lambda: [{"Modality": "CT"}])
    assert assemble(tables, "public_table", shape, [clean], {"made_of": "1"}, inspect)
    before = tables.manifest("public_table")
    leaking = Part("b" * 64, lambda: [{"Modality": "CT", "StudyDescription": leak}])
    for _ in range(2):
        with pytest.raises(ConfigError, match="not published") as told:
            assemble(tables, "public_table", shape, [clean, leaking], {"made_of": "2"}, inspect)
        assert "7423" not in str(told.value)
        assert tables.manifest("public_table") == before
    assemble(tables, "public_table", shape, [clean], {"made_of": "1"}, inspect)
    assert [each.name for each in tables.manifest("public_table").segments] == ["a" * 64 + ".parquet"]
    assert len(list(tables.path("public_table").glob("segments/*"))) == 1


def test_other_column(tmp_path: Path) -> None:
    """A column that the settings do not allow stops the publication as well."""
    gate, _ = gate_of()
    shape = Shape(public_columns([*COLUMNS, "PatientSex"]))
    with pytest.raises(ConfigError, match="not allowed"):
        assemble(
            Tables(tmp_path), "t", shape, [Part("a" * 64, lambda: [{"Modality": "CT"}])], {}, gate.inspector([image(1)])
        )


def ages(gate: Gate) -> list[Any]:
    """Return the ages that become public of three patients of 50 and one of 93 years."""
    images = [*(image(each, PatientAge="050Y") for each in (1, 2, 3)), image(4, PatientAge="093Y")]
    return [row.get("PatientAge") for row in gate.into_public([each.row for each in images], images)]


def test_rules() -> None:
    """Rare values are left out or held back, and columns are not counted, as the settings say."""
    gate, files = gate_of()
    assert ages(gate) == ["050Y"] * 3
    assert b'"rare_values": {\n   "PatientAge": 1\n  }' in files["public-gate.json"]
    assert ages(gate_of(rare_values="hold_back")[0]) == ["050Y"] * 3
    assert ages(gate_of(not_identifying=["PatientAge"])[0]) == ["050Y"] * 3 + ["090Y"]
    assert ages(gate_of(k_anonymity=1)[0]) == ["050Y"] * 3 + ["090Y"]
    assert ages(gate_of(k_anonymity=1, rare_values="hold_back")[0]) == ["050Y"] * 3
