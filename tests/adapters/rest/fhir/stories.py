"""Stories of patients as HL7v2 messages, one for each family of events, and what a store holds in the end."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from aiohttp import ClientSession

Json = dict[str, Any]
HOSP = "HOSP&1.2.3&ISO"
DOCTOR = "17^Heal^Ann^^^^^^DOC&1.2.9&ISO"
ANNA = f"PID|1||7^^^{HOSP}^MR~70^^^{HOSP}^PI||Test^Anna|Mutter^Eva|19800315|F|||Way 1^^Town||555|||M|CAT"
PRIOR = f"PID|1||8^^^{HOSP}^MR||Test^Ana||19800315|F"
NK1 = "NK1|1|Test^Otto|SPO||556"
AL1 = "AL1|1||^Penicillin"
DG1 = "DG1|1||I10^^I10|||A"
MRG = f"MRG|8^^^{HOSP}^MR"
numbers = count(1)


def pv1(ward: str = "W1^2^3", *, start: str = "", end: str = "", prior: str = "", number: str = "V1") -> str:
    """Return the visit of the stories, or another one."""
    fields = [""] * 46
    fields[1:4], fields[6], fields[7], fields[19] = ["1", "I", ward], prior, DOCTOR, f"{number}^^^{HOSP}^VN"
    fields[44], fields[45] = start, end
    return "PV1" + "|".join(fields).rstrip("|")


def said(event: str, when: str, *segments: str) -> bytes:
    """Return an ADT message about what happened at that time of the second of May."""
    return message(f"ADT^{event}", when, f"EVN|{event}|202405{when}", *segments)


def message(kind: str, when: str, *segments: str) -> bytes:
    """Return a message of that time of May: day and clock."""
    header = f"MSH|^~\\&|HIS|HOSP|||202405{when}||{kind}|{next(numbers)}|P|2.5.1"
    return "\r".join([header, *segments, ""]).encode()


def result(when: str, status: str, value: str, flag: str = "") -> bytes:
    """Return a result with that status; the laboratory has an old name of the patient."""
    obr = f"OBR|1|P1^LIS|F1^LIS|718-7^Haemoglobin^LN|||0205080000{'|' * 15}202405{when}|||{status}"
    obx = f"OBX|1|NM|718-7^Haemoglobin^LN||{value}|g/dL|12-16|{flag}|||{status}"
    return message("ORU^R01", when, ANNA.replace("Anna", "Old"), pv1("LAB"), "ORC|RE", obr, obx)


def order(when: str, control: str, obr: str = "", *more: str) -> bytes:
    """Return an order control for an X-ray at that time of May."""
    orc = f"ORC|{control}|P1^HIS|||||||202405{when}"
    return message("ORM^O01", when, ANNA, pv1(), orc, f"OBR|1|P1^HIS||71045^Chest^C4{obr}", *more)


def document(event: str, when: str, number: str, parent: str = "", status: str = "AU", text: str = "") -> bytes:
    """Return an event of a document at that time of May."""
    txa = f"TXA|1|DS{'|' * 10}{number}^DOC^1.2.5^ISO|{parent and f'{parent}^DOC^1.2.5^ISO'}||||{status}||AV"
    obx = [f"OBX|1|TX|1^Letter||{text}"] if text else []
    return message(f"MDM^{event}", when, f"EVN|{event}|202405{when}", ANNA, pv1(), txa, *obx)


START = "20240502080000"
ADMIT = said("A01", "02080000", ANNA, pv1(start=START), NK1, AL1, DG1)
STORIES: Mapping[str, Sequence[bytes]] = {
    "admit": [said("A28", "01080000", ANNA), ADMIT, said("A08", "02090000", ANNA.replace("Way 1", "Way 2"), pv1())],
    "transfer": [
        ADMIT,
        said("A02", "02100000", ANNA, pv1("W2^1^1", prior="W1^2^3")),
        said("A02", "02110000", ANNA, pv1("W3^1^1", prior="W2^1^1")),
        said("A12", "02120000", ANNA, pv1("W2^1^1", prior="W3^1^1")),
    ],
    "cancel": [ADMIT, said("A08", "02090000", ANNA, pv1()), said("A11", "02100000", ANNA, pv1())],
    "discharge": [
        ADMIT,
        said("A03", "03100000", ANNA, pv1(start=START, end="20240503100000")),
        said("A13", "03110000", ANNA, pv1(start=START)),
        said("A03", "03120000", ANNA, pv1(start=START, end="20240503115500")),
    ],
    "order": [
        order("02080000", "NW", "|" * 27 + "R05^Cough^I10", "NTE|1||wheelchair", "DG1|1||J18^^I10"),
        order("02090000", "XO", "||20240503"),
        order("02093000", "UC"),
        order("02100000", "CA"),
    ],
    "document": [
        document("T02", "02080000", "D1", status="DI", text="first"),
        document("T03", "02090000", "D1"),
        document("T06", "02100000", "D2", "D1", text="second"),
        document("T10", "02110000", "D3", "D1", text="third"),
        document("T11", "02120000", "D2"),
    ],
    "late A08": [
        ADMIT,
        said("A08", "02090000", ANNA.replace("Anna", "Ana").replace("555", '""'), pv1()),
        said("A03", "03100000", ANNA, pv1(start=START, end="20240503100000")),
        said("A08", "03110000", ANNA.replace("|||M", "|||S"), pv1()),
    ],
    "merge": [
        said("A28", "01080000", ANNA),
        said("A28", "01080100", PRIOR),
        said("A08", "01090000", PRIOR.replace("Ana", "Anne"), pv1(number="V8")),
        said("A40", "02080000", ANNA, MRG),
        said("A08", "02090000", PRIOR.replace("Ana", "Anna"), pv1(number="V8")),
        said("A08", "02100000", ANNA.replace("Way 1", "Way 2"), pv1(number="V8")),
    ],
    "unmerge": [
        said("A24", "01080000", ANNA, PRIOR),
        said("A37", "02080000", ANNA, PRIOR),
        said("A40", "03080000", ANNA, MRG),
        said("A37", "04080000", ANNA, PRIOR),
        said("A24", "05080000", ANNA, PRIOR),
    ],
    "reverse merge": [
        said("A28", "01080000", ANNA),
        said("A28", "01080100", PRIOR),
        said("A40", "02080000", ANNA, MRG),
        said("A40", "03080000", PRIOR, MRG.replace("|8^", "|7^")),
        said("A29", "04080000", PRIOR),
        said("A28", "05080000", PRIOR),
    ],
    "corrected result": [
        ADMIT,
        result("02100000", "P", "12.0"),
        result("02110000", "F", "11.10", "L"),
        result("02120000", "C", "12.10"),
    ],
    "results first": [
        result("01100000", "F", "11.10"),
        ADMIT,
        said("A03", "03100000", ANNA, pv1(end="20240503100000")),
    ],
    "results only": [result("01100000", "P", "11.10"), result("01110000", "F", "11.2", "L")],
    "one record under two numbers": [
        said("A28", "01080000", ANNA.replace("~70^^^", "~8^^^")),
        said("A40", "02080000", ANNA.replace("~70^^^", "~8^^^"), MRG),
    ],
    "another number of the visit": [
        ADMIT,
        said("A50", "02090000", ANNA, pv1().replace("V1^", "V2^"), f"{MRG}||||V1^^^{HOSP}^VN"),
        said("A08", "02070000", ANNA, pv1(start=START)),
    ],
    "another patient of the visit": [
        said("A01", "02080000", PRIOR, pv1(start=START, number="V4")),
        said("A45", "02090000", ANNA, pv1(number="V4"), f"{MRG}||||V4^^^{HOSP}^VN"),
        said("A08", "02070000", PRIOR, pv1(start=START, number="V4")),
    ],
}


APART = {"one record under two numbers"}
"""Its number 8 is a record of its own in the other stories."""
TOGETHER = [each for name, story in STORIES.items() if name not in APART for each in story]
"""The messages of the stories of one patient, in order."""


async def contents(url: str, client: ClientSession) -> dict[str, Json]:
    """Return the resources of a store by their keys, without ``meta``, and with keys in the place of their IDs."""
    found = [each for kind in KINDS.split() for each in await _all(f"{url}/{kind}?_count=1000", client)]
    names = {f"{each['resourceType']}/{each['id']}": _key(each) for each in found}
    made = {}
    for each in found:
        key = names[f"{each['resourceType']}/{each['id']}"]
        plain = _named({name: value for name, value in each.items() if name not in {"id", "meta"}}, names)
        assert key not in made, "there are two resources for one thing"
        made[key] = plain
    return made


KINDS = """
    Account AllergyIntolerance Condition DiagnosticReport DocumentReference Encounter Observation Organization Patient
    Practitioner Provenance ServiceRequest Specimen
"""


def _key(resource: Json) -> str:
    """Return a name that does not depend on which message came first: its smallest identifier, or else its ID."""
    tokens = sorted(f"{each.get('system', '')}|{each['value']}" for each in resource.get("identifier", ()))
    return f"{resource['resourceType']} {(tokens or [resource['id']])[0]}"


async def _all(url: str, client: ClientSession) -> list[Json]:
    async with client.get(url) as response:
        assert response.status == 200
        page = json.loads(await response.read())
    assert "next" not in {each["relation"] for each in page.get("link", [])}
    return [each["resource"] for each in page.get("entry", [])]


UNORDERED = {"link", "identifier", "extension", "statusHistory", "classHistory"}
"""Lists of which the order has no meaning."""


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """Return *value* with the keys of resources in references; the order of what messages add does not count."""
    if isinstance(value, dict):
        named = {name: _named(each, names) for name, each in value.items()}
        if isinstance(named.get("reference"), str):
            named["reference"] = names.get(named["reference"], named["reference"])
        for name in UNORDERED & named.keys():
            named[name] = sorted(named[name], key=json.dumps) if isinstance(named[name], list) else named[name]
        return named
    return [_named(each, names) for each in value] if isinstance(value, list) else value
