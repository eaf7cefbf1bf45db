"""What is missing is planned; what depends on other settings is another thing."""

from pathlib import Path

import pytest

pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.contract import Made, Reference
from adapters.pipeline.ledger import Known, Ledger
from adapters.pipeline.planning import Bases, plan_of, planned, tasks, unused
from adapters.pipeline.results import Results
from gateway.contract.errors import ConfigError
from tests.adapters.pipeline import small

IMAGE = Known("image", Reference("north", "a", "1", 5), 1, is_current=True)
OLD = Known("report", Reference("south", "b", "1", 5), 2, is_current=False, result="ab" * 32)
NEW = Known("report", Reference("south", "b", "2", 5), 3, is_current=True)


def test_tasks(tmp_path: Path) -> None:
    """Both stages of an image are missing; an older version of a report cannot be read again, and is no task."""
    work = small.work(tmp_path)
    results = Results(work.folder)
    plan = planned([IMAGE, OLD, NEW], Bases(work, "1"), results)
    found = list(tasks(plan))
    assert [(each.reference.key, each.reference.version, [*each.stages]) for each in found] == [
        ("a", "1", ["headers", "public"]),
        ("b", "2", ["reports"]),
    ]
    for each in found:
        for stage, name in each.stages.items():
            results.write(stage, name, Made({"t": [{}]}))
    assert not list(tasks(planned([IMAGE, OLD, NEW], Bases(work, "1"), results)))


def test_an_older_version_keeps_its_result(tmp_path: Path) -> None:
    """It has the name under which it was made, whatever the settings are now, and nothing sweeps it away."""
    work = small.work(tmp_path)
    results = Results(work.folder)
    results.write("reports", OLD.result, Made({"reports": [{}]}))
    results.write("reports", "cd" * 32, Made({"reports": [{}]}))
    plan = planned([OLD], Bases(work, "1"), results)
    assert plan[0].results == {"reports": (OLD.result, "made")}
    assert plan[0].name("reports", "made") == OLD.result
    assert plan[0].name("reports", "dead") is None
    assert dict(unused(plan, results)) == {"reports": {"cd" * 32}}


def test_bases(tmp_path: Path) -> None:
    """Each setting that a result depends on makes another one; the place of the key does not, its content does."""
    work = small.work(tmp_path)

    def public(**changes: object) -> str:
        return Bases(small.work(tmp_path, **changes), "1")("public", "north")

    first = public()
    assert first == public(processes=7)
    assert first != public(gate={"second_look": True})
    assert first != Bases(work, "2")("public", "north")
    assert Bases(work, "1")("reports", "north") != Bases(work, "1")("reports", "south")
    other = work.step.key_file.with_name("other")
    work.step.key_file.rename(other)
    with pytest.raises(ConfigError, match="key_file"):
        Bases(work, "1")("public", "north")
    work.step.key_file.write_bytes(b"q" * 32)
    assert first != Bases(work, "1")("public", "north")


def test_a_hospital_that_is_not_configured_any_more(tmp_path: Path) -> None:
    """Nothing of it is planned, so it goes from all tables."""
    work = small.work(tmp_path)
    work.folder.mkdir(parents=True)
    with Ledger(work.folder / "ledger") as ledger:
        ledger.listed("image", "north", [IMAGE.reference])
        ledger.listed("image", "west", [IMAGE.reference])
        assert [each.reference.hospital for each in plan_of(work, ledger, "1")] == ["north"]
