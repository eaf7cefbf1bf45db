"""The operations over HTTP."""

from random import Random

import numpy as np
import pydicom
import pytest

from adapters.deidentify import engines
from tests.adapters.deidentify.dicom.made import native
from tests.adapters.deidentify.dicom.pixels.planted import drawn
from tests.gateway.sandbox.deidentifying.support import (
    BASIC,
    FHIR_HERE,
    FHIR_THERE,
    FILE,
    HERE,
    NAME,
    PATIENT,
    REDACTED,
    THERE,
    Operations,
)

OTHER = NAME.replace("/datasets/d", "/datasets/e")


async def test_dicom_store(api: Operations) -> None:
    """Instances come to the destination without their patient, and the source stays as it is."""
    await api.put_file()
    await api.make(THERE)
    begun = await api.begin(HERE, destinationStore=THERE, config=BASIC)
    assert begun["metadata"]["apiMethodName"].endswith(".DeidentifyDicomStore")
    done = await api.done(begun)
    assert done["response"] == {
        "@type": "type.googleapis.com/google.cloud.healthcare.v1.deidentify.DeidentifyDicomStoreSummary"
    }
    assert done["metadata"]["counter"] == {"success": "1"}
    assert begun["metadata"]["createTime"] <= done["metadata"]["endTime"]
    (found,) = await api.instances()
    assert "Musterfrau" not in str(found)
    assert found["0020000D"]["Value"] != ["1.3.46.2"]
    assert "Musterfrau" in str(await api.instances(HERE))


async def test_fhir_store(api: Operations) -> None:
    """Resources come to the destination, and those that are held back are counted and told in the log."""
    await api.put()
    await api.put({"resourceType": "Parameters", "id": "x"})
    await api.make(FHIR_THERE)
    done = await api.run(FHIR_HERE, destinationStore=FHIR_THERE, config=REDACTED)
    assert done["metadata"]["counter"] == {"success": "1", "failure": "1"}
    (found,) = await api.resources("Patient")
    assert ("name" in found, found["id"], found["active"]) == (False, "p", True)
    _, log = await api.ask("GET", done["metadata"]["logsUrl"].partition("/v1/")[2])
    ((reason, count),) = log["failures"].items()
    assert ("of a type that is not de-identified" in reason, count) == (True, 1)
    assert any(each.startswith("fhir.fieldMetadataList: what no path matches passes") for each in log["report"])


async def test_dataset(api: Operations) -> None:
    """DICOM and FHIR stores of a dataset come to a new one, of the same names; a second time it exists."""
    await api.put_file()
    await api.put()
    done = await api.run(NAME, destinationDataset=OTHER, config={**BASIC, **REDACTED})
    assert done["metadata"]["counter"] == {"success": "2"}
    assert done["response"]["@type"].endswith(".DeidentifySummary")
    assert done["name"].startswith(f"{NAME}/operations/")
    assert len(await api.instances(f"{OTHER}/dicomStores/d")) == 1
    (found,) = await api.resources("Patient", f"{OTHER}/fhirStores/f")
    assert found["active"] is PATIENT["active"]
    assert await api.refused(NAME, destinationDataset=OTHER, config=BASIC) == (
        409,
        "the destination dataset exists already",
    )


async def test_each_operation_has_a_key(api: Operations) -> None:
    """Without a key in the configuration each operation has its own, so the UIDs of two operations differ."""
    await api.put_file()
    uids = set()
    for number in range(2):
        await api.make(f"{THERE}{number}")
        await api.run(HERE, destinationStore=f"{THERE}{number}", config=BASIC)
        (found,) = await api.instances(f"{THERE}{number}")
        uids.add(found["00080018"]["Value"][0])
    assert len(uids) == 2


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({}, 400, "destinationStore is required"),
        ({"destinationStore": HERE}, 400, "destinationStore is the source"),
        ({"destinationStore": FHIR_THERE}, 400, "destinationStore is required, and is no name of dicomStores"),
        ({"destinationStore": THERE.replace("/l/", "/m/")}, 400, "destinationStore is in another location"),
        ({"destinationStore": f"{THERE}-not-there"}, 404, "the destination store does not exist"),
        ({"destinationStore": THERE, "resourceFilter": {}}, 400, "the request has a field that is not one of config"),
        (
            {"destinationStore": THERE, "config": {"dicoms": {}}},
            400,
            "config: dicoms: is no field there; there is dicom",
        ),
        ({"destinationStore": THERE, "config": {"dicomTagConfig": {}}}, 501, "dicomTagConfig is a field of v1beta1"),
        (
            {
                "destinationStore": THERE,
                "config": {"text": {"transformations": [{"cryptoHashConfig": {"kmsWrapped": {}}}]}},
            },
            400,
            "config: text.transformations[0].cryptoHashConfig.kmsWrapped: only Google's KMS",
        ),
        ({"destinationStore": THERE, "config": {}, "gcsConfigUri": "gs://data/c"}, 400, "only one of config and gcs"),
    ],
)
async def test_refused(api: Operations, body: dict[str, object], status: int, reason: str) -> None:
    """A request that is wrong begins nothing."""
    await api.put_file()
    await api.make(THERE)
    found = await api.refused(HERE, **body)
    assert found[0] == status
    assert found[1].startswith(reason)
    assert await api.ask("GET", f"{NAME}/operations") == (200, {})


async def test_no_source(api: Operations) -> None:
    """What is not there cannot be de-identified."""
    await api.make(THERE)
    assert await api.refused(HERE, destinationStore=THERE) == (404, "the source store does not exist")
    assert await api.refused(OTHER, destinationDataset=f"{OTHER}2") == (404, "the source dataset does not exist")


async def test_images_are_counted_and_not_passed(api: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a detector of text an image in which text is to be redacted is a failure, and not in the destination."""
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    await api.put_file(FILE)
    await api.make(THERE)
    config = {**BASIC, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}}
    done = await api.run(HERE, destinationStore=THERE, config=config)
    assert done["metadata"]["counter"] == {"failure": "1"}
    assert "response" in done
    assert await api.instances() == []


@pytest.mark.slow
async def test_text_in_images(api: Operations) -> None:
    """With the detector an image comes to the destination without its text."""
    pytest.importorskip("rapidocr_onnxruntime")
    pixels = np.zeros((200, 320), np.uint8)
    _, ink = drawn("MUELLER, ANNA 04/11/1961", 16, Random(1))
    pixels[40 : 40 + ink.shape[0], 30 : 30 + ink.shape[1]] = 255 * ink
    await api.put_file(native(pixels.tobytes(), rows=200, columns=320))
    await api.make(THERE)
    done = await api.run(
        HERE, destinationStore=THERE, config={**BASIC, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}}
    )
    assert done["metadata"]["counter"] == {"success": "1"}
    (found,) = await api.instances()
    assert found["00280301"]["Value"] == ["NO"]
    (stored,) = [each for each in api.data.rglob("*.dcm") if found["00080018"]["Value"][0] in each.name]
    assert pydicom.dcmread(stored).pixel_array.max() == 0
