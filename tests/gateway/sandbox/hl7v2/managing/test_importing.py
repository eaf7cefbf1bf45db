"""Imports of messages."""

from gateway.sandbox.hl7v2.managing.importing import AT_ONCE
from tests.gateway.sandbox.hl7v2.managing.support import ingest, line, message, messages
from tests.gateway.sandbox.operations_client import HL7V2, Api

ASKED = {"gcsSource": {"uri": "gs://data/in/*.ndjson"}}


async def test_more_than_one_transaction(api: Api) -> None:
    """Every line is stored with its labels; an import that is done again changes nothing and succeeds as well."""
    count = AT_ONCE + 5
    api.put("in/a.ndjson", b"\n".join(line(message(number), n=str(number)) for number in range(count)))
    for _ in range(2):
        done = await api.run(f"{HL7V2}:import", ASKED)
        assert done["metadata"]["counter"] == {"success": str(count)}
        assert await messages(api) == [(message(number), {"n": str(number)}) for number in range(count)]


async def test_what_failed(api: Api) -> None:
    """A line that cannot be stored is named with its reason, and without its content; the others are stored."""
    good = line(message(1))
    lines = [good, b"{", b'{"data": "!"}', line(b"PID|Quagmire"), b"", line(message(2)), b'{"date": "QQ=="}']
    api.put("in/a.ndjson", b"\n".join(lines))
    done = await api.run(f"{HL7V2}:import", ASKED)
    assert done["metadata"]["counter"] == {"success": "2", "failure": "4"}
    assert await api.log(done) == [
        "gs://data/in/a.ndjson:2: it is not JSON",
        "gs://data/in/a.ndjson:3: message.data is not base64",
        "gs://data/in/a.ndjson:4: the message does not start with an MSH segment",
        "gs://data/in/a.ndjson:7: message has a key that is not known",
    ]
    assert [data for data, _ in await messages(api)] == [message(1), message(2)]


async def test_overwriting(api: Api) -> None:
    """The labels of a message with the same octets are those of the import; no topic is told."""
    await ingest(api, message(1), old="x")
    api.put("in/a.ndjson", line(message(1), new="y"))
    assert (await api.run(f"{HL7V2}:import", ASKED))["metadata"]["counter"] == {"success": "1"}
    assert await messages(api) == [(message(1), {"new": "y"})]


async def test_nothing(api: Api) -> None:
    """A pattern that no object matches is an error of the operation."""
    assert (await api.run(f"{HL7V2}:import", ASKED))["error"]["code"] == 5
