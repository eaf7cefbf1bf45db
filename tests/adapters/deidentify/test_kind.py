"""The kind is in the table, takes three formats, counts, and gets the domains."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from adapters.deidentify.kind import DEIDENTIFY
from gateway.config.models import AnyStep
from gateway.contract.errors import ConfigError
from gateway.contract.message import Message
from gateway.flow.steps import check_steps, open_steps
from gateway.kinds import KINDS
from gateway.telemetry.metrics import Metrics
from tests.adapters.deidentify.support import DOMAINS, of_hl7v2, settings


def test_in_the_table() -> None:
    """Configurations may name it."""
    assert KINDS.steps["deidentify"] is DEIDENTIFY
    assert DEIDENTIFY.takes == {"dicom", "hl7v2", "fhir"}
    assert DEIDENTIFY.gives is None
    assert DEIDENTIFY.wants_domains


def configured(folder: Path) -> Mapping[str, AnyStep]:
    """Return the section `steps`."""
    return cast("Mapping[str, AnyStep]", {"anonymous": settings(folder)})


async def test_opened_by_the_gateway(tmp_path: Path) -> None:
    """The composition root opens it with the domains, and its results are a metric."""
    metrics = Metrics()
    async with open_steps(configured(tmp_path), metrics, DOMAINS) as steps:
        assert isinstance(await steps["anonymous"](of_hl7v2()), Message)
        await steps["anonymous"](of_hl7v2(b"Smith"))
    text = metrics.render().decode()
    assert 'hilum_deidentified_messages_total{result="transformed",step="anonymous"} 1' in text
    assert 'hilum_deidentified_messages_total{result="held_back",step="anonymous"} 1' in text


def test_report(tmp_path: Path) -> None:
    """Google's dialect has a report, which `hilum check` prints; the other one has none."""
    path = tmp_path / "config.json"
    path.write_text('{"dicom": {"keepList": {"tags": ["PatientSex"]}}}')
    given = settings(tmp_path, google_config_file=path)
    assert ("google_config_file", "HL7v2 messages are held back: DeidentifyConfig says nothing of them") in list(
        DEIDENTIFY.notices(given)
    )
    assert list(DEIDENTIFY.notices(settings(tmp_path))) == []


async def test_checked(tmp_path: Path) -> None:
    """`hilum check` opens it too, so that it reports a default_domain that is not there."""
    await check_steps(configured(tmp_path), DOMAINS)
    with pytest.raises(ConfigError, match=r"steps\.anonymous\.default_domain: there is no domain 'hospital'"):
        await check_steps(configured(tmp_path), {})
