"""Writes to a FHIR server as an application with fhirpy does; prints what it has got, as JSON."""

import asyncio
import json
import sys

from fhirpy import AsyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome


async def main(url: str, token: str) -> None:
    """Create, update and delete patients, execute a transaction, and make a mistake."""
    client = AsyncFHIRClient(url, authorization=f"Bearer {token}")
    patient = client.resource("Patient", gender="female", identifier=[{"system": "urn:mrn", "value": "1"}])
    await patient.create()
    patient["gender"] = "male"
    await patient.update()
    version = patient["meta"]["versionId"]
    entry = {
        "fullUrl": "urn:uuid:1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
        "resource": {"resourceType": "Patient", "active": True},
        "request": {"method": "POST", "url": "Patient"},
    }
    bundle = client.resource("Bundle", type="transaction", entry=[entry])
    executed = await client.execute("", method="post", data=bundle.serialize())
    mistake = ""
    try:
        await client.resource("Patient", gender="banana").create()
    except OperationOutcome as error:
        mistake = error.resource["issue"][0]["severity"]
    await patient.delete()
    told = {
        "id": patient.id,
        "version": version,
        "executed": [each["response"]["status"][:3] for each in executed["entry"]],
        "mistake": mistake,
    }
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
