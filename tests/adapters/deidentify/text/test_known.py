"""Free text keeps what names nobody."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.settings import Hl7v2Profile
from adapters.deidentify.text.known import MOST_FOUND, cleaned
from tests.adapters.deidentify.fhir.making import DOMAINS, PATIENT, PSEUDONYMS, SUBJECT, bundle, done
from tests.adapters.fhir.making import message

OWN = OwnIdentifiers()
OWN.add_name("Quagmire Zebulon")
OWN.add_number("4711007")
OWN.add_date("1980-03-15")
HIDDEN = base64.b64encode(b"patient is Zebulon Quagmire").decode()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no effusion", "no effusion"),
        ("Mr. Quagmire has no effusion", "Mr. has no effusion"),
        ("Quagmire, Zebulon: no effusion", "no effusion"),
        ("no effusion in QUAGMIRE", "no effusion in"),
        ("MRN 47 11 007 seen", "MRN seen"),
        ("born 15 March 1980, well", "born well"),
        (f"see {HIDDEN} please", "see please"),
        ("Quagmire", ""),
        ("Quagmire.", ""),
        ("... Quagmire !", ""),
        ("", ""),
        ("a\nQuagmire\nb", "a b"),
    ],
)
def test_cleaned(text: str, left: str) -> None:
    """The words that name the patient go, in every spelling; the others stay."""
    assert " ".join(cleaned(text, OWN.is_in).split()) == left


def test_too_many() -> None:
    """A text that is full of identifiers goes as a whole."""
    assert cleaned("Quagmire well " * MOST_FOUND, OWN.is_in) == ""
    assert cleaned("Quagmire well " * (MOST_FOUND - 1), OWN.is_in).count("well") == MOST_FOUND - 1


@given(
    st.lists(
        st.sampled_from(["Quag", "mire", "Quagmire", "4711", "007", "15", "03", "1980", "well", " ", "\n", "-", ","])
    )
)
def test_never_left(words: list[str]) -> None:
    """What is left never names the patient, however its parts come together."""
    assert not OWN.is_in(cleaned("".join(words), OWN.is_in))


def test_fhir() -> None:
    """A text of a concept keeps the words beside the name."""
    code = {"text": "as Quagmire said: pain", "coding": [{"code": "1"}]}
    given_bundle = bundle(PATIENT, {"resourceType": "Observation", "subject": SUBJECT, "code": code})
    made = done(given_bundle, text="known_identifiers")["entry"][1]["resource"]
    assert made["code"]["text"] == "as said: pain"
    assert "text" not in done(given_bundle)["entry"][1]["resource"]["code"]


def test_hl7v2() -> None:
    """A note and a result in words keep the words beside the name; a result in a code goes whole."""
    source = message(
        "PID|1||7^^^HOSP&1.2.3&ISO^MR||Quagmire^Zebulon", "NTE|1||seen by Quagmire\\T\\ team",
        "OBX|1|TX|1^x^LN||pain \\T\\ fever of Zebulon||in Quagmire 1-2", "OBX|2|CWE|1^x^LN||Zebulon^y^LN",
        kind="ORU^R01",
    )  # fmt: skip
    made, manifest = Hl7v2Transformer(Hl7v2Profile(text="known_identifiers"), PSEUDONYMS, DOMAINS).transform(source)
    lines = made.decode().split("\r")
    assert lines[2] == "NTE|1||seen by team"
    assert lines[3].split("|")[5:8] == ["pain \\T\\ fever of ", "", "in 1-2"]
    assert "Zebulon" not in made.decode()
    assert manifest.done["own identifier", "cleaned"] == 3
    removed, _ = Hl7v2Transformer(Hl7v2Profile(), PSEUDONYMS, DOMAINS).transform(source)
    assert "fever" not in removed.decode()
