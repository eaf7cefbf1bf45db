"""Patients that nobody has ever been: names of syllables, so that none of them is a word of a report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST = (
    "Brund",
    "Quell",
    "Vost",
    "Drag",
    "Hirt",
    "Jalm",
    "Kresp",
    "Luft",
    "Mord",
    "Nolk",
    "Pfisk",
    "Ruhn",
    "Schwag",
    "Tolp",
)
MIDDLE = ("ab", "el", "im", "on", "ur", "av", "ek", "il", "op", "um")
LAST = ("sen", "berg", "hoff", "witz", "mann", "feld", "horst", "trup", "gaard", "wald")
WITH_ACCENTS = ("ström", "lührs", "bäck", "søn", "grün", "höft", "mählß", "vöß", "çelik", "ñarro")
GIVEN = ("Ulvira", "Tjorben", "Maslinde", "Okkert", "Yvaine", "Zendrik", "Philomar", "Wendeline", "Isbrand", "Quirina")
BORN = date(1931, 1, 1), date(1962, 12, 31)
EXAMINED = date(2021, 3, 1)
"""The first of seven days on which all examinations and reports are. Dates are moved back by at least a week, so that
no moved date of one patient is the true date of another."""


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient of one hospital."""

    number: str
    family: str
    given: str
    birth: date
    telephone: str
    address: str

    @property
    def planted(self) -> Iterator[str]:
        """Yield all by which the patient is named, in the spellings in which it is somewhere written."""
        yield from (self.number, self.family, self.given, self.telephone, self.address)
        yield from (self.family.upper(), self.given.upper())
        yield from days(self.birth)


def days(day: date) -> Iterator[str]:
    """Yield the spellings of a date."""
    yield from (f"{day:%Y%m%d}", f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}")


def patients(chance: Random, prefix: str, count: int, *, has_accents: bool) -> Iterator[Patient]:
    """Yield patients with names of their own."""
    endings = WITH_ACCENTS if has_accents else LAST
    families = [f"{first}{middle}{last}" for first in FIRST for middle in MIDDLE for last in endings]
    chance.shuffle(families)
    for number in range(count):
        family = families[number % len(families)] + "aeiou"[number // len(families) :][: number // len(families)]
        yield Patient(
            f"{prefix}{7_000_000 + 37 * number + chance.randrange(37)}",
            family,
            chance.choice(GIVEN),
            BORN[0] + timedelta(chance.randrange((BORN[1] - BORN[0]).days)),
            f"0{chance.randrange(200, 999)} {chance.randrange(4_000_000, 9_999_999)}",
            f"{chance.choice(FIRST)}{chance.choice(MIDDLE)}gasse {chance.randrange(10, 99)}",
        )


TEXTS: Mapping[str, tuple[str, ...]] = {
    "north": (
        'Clinical question: {age} years, "progressive" cough; known COPD | no fever.',
        "Mr/Ms {family}, {given} (born {birth}, ID {number}) was examined on {day}.",
        "Findings: nodule of 3.2 x 4.5 mm in the right upper lobe, unchanged; heart, vessels: normal.",
        "Called {telephone} to tell the result.",
        'Impression: "no new lesion".',
    ),
    "south": (
        "Frau/Herr {given} {family}, geb. {birth}, Pat.-Nr. {number}; Untersuchung vom {day}.",
        "Fragestellung: „Rundherd“ \u2013 Verlauf; Z. n. Pneumonie, seit 2019 Dyspnoe.",
        "Befund: Größenkonstanter Rundherd 3,2 mm; übrige Lunge unauffällig, Kosten 120 €.",
        'Rückruf unter {telephone} erbeten; "dringend".',
        "Beurteilung: kein Hinweis für Malignität.",
    ),
}


def text(hospital: str, patient: Patient, day: date, marker: str) -> str:
    """Return the text of a report, which quotes, has line feeds, and names its patient; *marker* names nobody."""
    told = {
        "family": patient.family,
        "given": patient.given,
        "number": patient.number,
        "telephone": patient.telephone,
        "birth": f"{patient.birth:%d.%m.%Y}",
        "day": f"{day:%Y-%m-%d}" if hospital == "north" else f"{day:%d.%m.%Y}",
        "age": day.year - patient.birth.year,
    }
    return "\n".join([f"Text {marker}", *(line.format(**told) for line in TEXTS[hospital])])
