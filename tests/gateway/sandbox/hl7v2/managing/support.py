"""Messages for the tests of whole stores."""

import base64
import json
from typing import Any

from tests.gateway.sandbox.operations_client import HL7V2, Api


def message(number: int, kind: str = "ADT^A01", moment: str = "20240102030405") -> bytes:
    """Return a message."""
    return b"MSH|^~\\&|APP|FAC|TO|THERE|%s||%s|%d|P|2.5\rPID|1||%d\r" % (moment.encode(), kind.encode(), number, number)


def line(data: bytes, **labels: str) -> bytes:
    """Return the line of a message in an object."""
    return json.dumps({"data": base64.b64encode(data).decode(), "labels": labels}).encode()


async def ingest(api: Api, data: bytes, store: str = HL7V2, **labels: str) -> str:
    """Store a message; return its name."""
    body = {"message": {"data": base64.b64encode(data).decode(), "labels": labels}}
    status, reply = await api.ask("POST", f"{store}/messages:ingest", body)
    assert status == 200, reply
    return str(reply["message"]["name"])


async def messages(api: Api, store: str = HL7V2) -> list[tuple[bytes, dict[str, str]]]:
    """Return the messages of a store with their labels, in the order of arrival."""
    _, page = await api.ask("GET", f"{store}/messages?view=RAW_ONLY&pageSize=1000")
    found: list[Any] = page.get("hl7V2Messages", [])
    return [(base64.b64decode(each["data"]), each.get("labels", {})) for each in found]
