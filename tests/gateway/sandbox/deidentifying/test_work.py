"""What an operation passes: by filters, with its failures, and no more than is asked for."""

from tests.adapters.deidentify.dicom.made import native
from tests.gateway.sandbox.deidentifying.support import (
    BASIC,
    FHIR_HERE,
    FHIR_THERE,
    FILE,
    HERE,
    PATIENT,
    REDACTED,
    STUDY,
    THERE,
    Operations,
)

OTHER_FILE = FILE.replace(b"1.3.46.1", b"1.3.46.7").replace(b"1.3.46.2", b"1.3.46.8")


async def test_filter_of_instances(api: Operations) -> None:
    """Only the studies, series and instances of the filter are passed, each once."""
    await api.put_file()
    await api.put_file(OTHER_FILE)
    await api.make(THERE)
    lines = f"/studies/{STUDY}\n/studies/{STUDY}/series/1.3.46.3\n/studies/9.9\n"
    paths = {"resourcePathsGcsUri": api.object("filter.txt", lines.encode())}
    done = await api.run(HERE, destinationStore=THERE, config=BASIC, filterConfig=paths)
    assert done["metadata"]["counter"] == {"success": "1"}
    assert len(await api.instances()) == 1


async def test_filter_of_resources(api: Operations) -> None:
    """Only the resources of the filter are passed."""
    await api.put()
    await api.put({**PATIENT, "id": "q"})
    await api.make(FHIR_THERE)
    only = {"resources": {"resources": ["Patient/q"]}}
    done = await api.run(FHIR_HERE, destinationStore=FHIR_THERE, config=REDACTED, resourceFilter=only)
    assert done["metadata"]["counter"] == {"success": "1"}
    assert [each["id"] for each in await api.resources("Patient")] == ["q"]


async def test_configuration_in_a_bucket(api: Operations) -> None:
    """The configuration may be an object of Cloud Storage."""
    await api.put()
    await api.make(FHIR_THERE)
    await api.run(FHIR_HERE, destinationStore=FHIR_THERE, gcsConfigUri=api.object("config.json", REDACTED))
    assert "Quagmire" not in str(await api.resources("Patient"))


async def test_a_second_time(api: Operations) -> None:
    """With a key of its own each operation adds instances of other UIDs; resources with the same id are replaced."""
    await api.put_file()
    await api.put()
    for store in (THERE, FHIR_THERE):
        await api.make(store)
    for _ in range(2):
        await api.run(HERE, destinationStore=THERE, config=BASIC)
        await api.run(FHIR_HERE, destinationStore=FHIR_THERE, config=REDACTED)
    assert len(await api.instances()) == 2
    assert len(await api.resources("Patient")) == 1


async def test_another_instance_with_the_uid(api: Operations) -> None:
    """An instance whose UID the destination has with another content is a failure, and leaves no file behind."""
    kept = {"dicom": {"keepList": {"tags": []}, "skipIdRedaction": True}}
    await api.put_file()
    await api.put_file(native(bytes(range(16))), THERE)
    done = await api.run(HERE, destinationStore=THERE, config=kept)
    assert done["metadata"]["counter"] == {"failure": "1"}
    assert list((api.data / "incoming").iterdir()) == []


async def test_broken_instance(api: Operations) -> None:
    """An instance that breaks off is a failure, the others are passed."""
    await api.put_file()
    await api.put_file(OTHER_FILE)
    await api.make(THERE)
    path = next((api.data / "dicom").rglob("1.3.46.7.dcm"))
    path.write_bytes(path.read_bytes()[:-4])
    done = await api.run(HERE, destinationStore=THERE, config=BASIC)
    assert done["metadata"]["counter"] == {"success": "1", "failure": "1"}
    assert len(await api.instances()) == 1
