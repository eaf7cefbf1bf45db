"""Ids, references, URLs and conditions stay closed, and dates belong to the right patient."""

from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.pseudonyms.dates import moved
from adapters.deidentify.pseudonyms.domains import Domain, Domains, Patient
from tests.adapters.deidentify.fhir.making import DOMAINS, PATIENT, PSEUDONYMS, SUBJECT, SYSTEM, bundle, done

OTHER = {"resourceType": "Patient", "id": "p-2", "identifier": [{"system": SYSTEM, "value": "8800"}]}
URN = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
DATE = "2024-05-01"


def of(number: str) -> str:
    """Return DATE, moved as a date of the patient with this number."""
    found = moved(DATE, PSEUDONYMS.shift(Patient("hospital", number)))
    assert found
    return found


def flag(**elements: Any) -> dict[str, Any]:
    """Return a resource with a date."""
    return {"resourceType": "Flag", "period": {"start": DATE}, **elements}


def start(made: dict[str, Any]) -> str:
    """Return the date of a flag."""
    found: str = made["period"]["start"]
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Patient/p-1001", "Patient/p-1001/_history/3"),
        (URN, URN.upper().replace("URN:UUID:", "urn:uuid:")),
        ("https://his.example/fhir/Patient/p-1001", "https://his.example/fhir/Patient/p-1001"),
    ],
)
def test_references(one: str, other: str) -> None:
    """A reference and the URL of an entry are the same afterwards, and other ones than before."""
    entries = [
        {"fullUrl": one, "resource": PATIENT},
        {"fullUrl": "urn:uuid:1", "resource": flag(subject={"reference": other, "display": "Zebulon"})},
    ]
    made = done({"resourceType": "Bundle", "type": "collection", "entry": entries})["entry"]
    reference = made[1]["resource"]["subject"]
    assert reference == {"reference": made[0]["fullUrl"]}
    assert "his.example" not in str(made)
    assert "p-1001" not in str(made)
    assert start(made[1]["resource"]) == of("4711007")


def test_relative_and_absolute() -> None:
    """The id is the same in the resource, in a relative and in an absolute reference."""
    made = done(bundle(PATIENT, flag(subject=SUBJECT, author={"reference": "https://x.example/Patient/p-1001"})))
    patient, found = (each["resource"] for each in made["entry"])
    assert found["subject"]["reference"] == f"Patient/{patient['id']}"
    assert found["author"]["reference"].endswith(f".invalid/Patient/{patient['id']}")


def test_contained() -> None:
    """A contained resource keeps its reference, and its patient counts."""
    made = done(flag(contained=[{**PATIENT, "id": "p"}], subject={"reference": "#p"}))
    assert made["subject"]["reference"] == f"#{made['contained'][0]['id']}"
    assert "#p" not in str(made)
    assert start(made) == of("4711007")


def test_transaction() -> None:
    """Requests do the same with other names: their URLs and conditions fit the identifiers."""

    def entry(resource: Any, method: str, url: str, **more: str) -> Any:
        return {"fullUrl": URN, "resource": resource, "request": {"method": method, "url": url, **more}}

    condition = "identifier=urn%3Aoid%3A1.2.3%7C4711007"
    made = done({"resourceType": "Bundle", "type": "transaction", "entry": [
        entry(PATIENT, "PUT", f"Patient?{condition}"), entry(PATIENT, "POST", "Patient", ifNoneExist=condition),
        entry(flag(subject={"reference": f"Patient?{condition}"}), "PUT", "Flag/f1", ifMatch='W/"1"', ifNoneMatch="*"),
    ]})["entry"]  # fmt: skip
    number = made[0]["resource"]["identifier"][0]["value"]
    token = f"identifier=urn%3Aoid%3A1.2.3%7C{number}"
    assert made[0]["request"]["url"] == f"Patient?{token}"
    assert made[1]["request"] == {"method": "POST", "url": "Patient", "ifNoneExist": token}
    assert made[2]["resource"]["subject"]["reference"] == f"Patient?{token}"
    assert made[2]["request"] == {
        "method": "PUT", "url": f"Flag/{PSEUDONYMS.identifier('id Flag', 'f1')}", "ifNoneMatch": "*",
    }  # fmt: skip


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "GET", "url": "Patient?name=Quagmire"},
        {"method": "PUT", "url": "Patient?identifier=a|1&name=Quagmire"},
        {"method": "PUT", "url": "Patient?identifier=http://ssn.example|078051120"},
        {"method": "POST", "url": "Patient", "ifNoneExist": "name=Quagmire"},
        {"method": "POST", "url": "$process/Quagmire"},
        {"method": "DELETE"},
    ],
)
def test_other_requests(request_: dict[str, str]) -> None:
    """A request that would do something else is held back, without its text."""
    given = {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": PATIENT, "request": request_}]}
    if "url" not in request_:
        assert "request" in done(given)["entry"][0]
        return
    with pytest.raises(HeldBackError) as caught:
        done(given)
    assert "Quagmire" not in str(caught.value)


def test_links_of_search() -> None:
    """The links of a search result go: they say what was searched for."""
    made = done({**bundle(PATIENT, kind="searchset"), "link": [{"relation": "self", "url": "http://h/Patient?name=Q"}]})
    assert "link" not in made


def test_each_by_its_own() -> None:
    """In a bundle of several patients each resource is moved like those of its own patient."""
    other = {"reference": "Patient/p-2"}
    provenance = {"resourceType": "Provenance", "recorded": f"{DATE}T10:00:00Z", "target": [other]}
    made = done(bundle(PATIENT, OTHER, flag(subject=SUBJECT), flag(subject=other), provenance))
    found = [each["resource"] for each in made["entry"]]
    assert (start(found[2]), start(found[3])) == (of("4711007"), of("8800"))
    assert found[4]["recorded"][:10] == of("8800")


def test_by_way_of_another() -> None:
    """A resource that names no patient is moved like that to which it refers, or like all others of the bundle."""
    provenance = {"resourceType": "Provenance", "recorded": f"{DATE}T10:00:00Z", "target": [{"reference": "Flag/f1"}]}
    made = done(bundle(PATIENT, OTHER, flag(id="f1", subject={"reference": "Patient/p-2"}), provenance))
    assert made["entry"][3]["resource"]["recorded"][:10] == of("8800")
    assert start(done(bundle(PATIENT, flag()))["entry"][1]["resource"]) == of("4711007")


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ([flag()], "names no patient"),
        ([PATIENT, OTHER, flag()], "several patients"),
        ([PATIENT, flag(subject={"reference": "Patient/unknown"})], "no entry of `domains`"),
        ([PATIENT, flag(subject={"type": "Patient", "display": "Quagmire"})], "names no patient"),
    ],
)
def test_nobody(resources: list[Any], reason: str) -> None:
    """A date that belongs to nobody is held back; without a date nobody is asked for."""
    with pytest.raises(HeldBackError, match=reason):
        done(bundle(*resources))
    done(bundle(*resources[:-1], {**resources[-1], "period": {}}))


def test_by_identifier() -> None:
    """A reference with an identifier of a known system names the patient."""
    subject = {"type": "Patient", "identifier": {"system": SYSTEM, "value": "8800"}}
    assert start(done(flag(subject=subject))) == of("8800")


def test_by_id_of_server() -> None:
    """An entry ``fhir: [Patient]`` says that ids of the server's patients are numbers of that domain."""
    domains = Domains({("fhir", "Patient"): Domain("hospital")})
    assert start(done(flag(subject={"reference": "Patient/8800"}), domains)) == of("8800")
    with pytest.raises(HeldBackError):
        done(flag(subject={"reference": "Patient/8800"}), DOMAINS)
