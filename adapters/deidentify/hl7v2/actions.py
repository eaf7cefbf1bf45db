"""What is done to one field, by the action of its row in the table."""

import re
from collections.abc import Callable, Mapping

from adapters.deidentify import postcodes
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.ages import without_great_ages
from adapters.deidentify.hl7v2.dates import Dates
from adapters.deidentify.hl7v2.document import Component, Document, Field, Leaf, Repetition, leaves
from adapters.deidentify.hl7v2.identity import authorities
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domains
from adapters.deidentify.pseudonyms.service import Pseudonyms
from adapters.deidentify.settings import Hl7v2Profile

CODE = re.compile(r"[^\s]{1,20}")
"""A code: one word. A longer text, or one with blanks, is none."""
SYSTEMS = re.compile(
    r"(?:HL7\d{4}|UCUM|LNC?|SCT2?|SNM3?|SNT|I9C?P?|I9CDX|I10C?P?|I10PCS?|C4|CVX|MVX|NDC|RXNORM|ISO\w*|CDCREC|DCM)",
    re.ASCII,
)
"""Code systems of HL7 table 0396 whose names of codes are those of the system."""
REGION = re.compile(r"[^\W_]{1,3}")
"""A state or a country as a code; written out it may be anything."""


class Actions:
    """The actions for the fields that belong to one patient."""

    def __init__(
        self,
        document: Document,
        profile: Hl7v2Profile,
        pseudonyms: Pseudonyms,
        domains: Domains,
        manifest: Manifest,
        year: int | None,
    ) -> None:
        self._document, self._profile, self._pseudonyms, self._domains = document, profile, pseudonyms, domains
        self._manifest = manifest
        self._is_safe_harbor = profile.profile == "safe_harbor"
        self.dates = dates = Dates(pseudonyms, manifest, year, is_safe_harbor=self._is_safe_harbor)
        self._by_name: Mapping[str, Callable[[Field], None]] = {
            "keep": self._keep,
            "code": self._code,
            "patient": self._patient,
            "person": self._person,
            "place": self._place,
            "address": self._address,
            "birth": dates.birth,
            "date": dates.date,
            "period": dates.period,
            "timing": dates.timing,
            "text": self._text,
            "sender": self._sender,
        }

    def do(self, action: str, field: Field) -> None:
        """Do *action* to a field."""
        name, _, purpose = action.partition(":")
        if name == "number":
            self._number(field, purpose)
        else:
            self._by_name[name](field)

    def empty(self, field: Field) -> None:
        """Empty a whole field."""
        if any(leaf.raw for leaf in leaves(field)):
            self._manifest.note("field", "removed")
        field[:] = [[[Leaf("")]]]

    def _keep(self, field: Field) -> None:
        """Keep codes and numbers; a text of several words is not kept."""
        for leaf in leaves(field):
            if not CODE.fullmatch(leaf.raw):
                self.remove(leaf)

    def remove(self, leaf: Leaf) -> None:
        """Empty one part."""
        if leaf.raw:
            self._manifest.note("part", "removed")
            leaf.clear()

    def _only(self, repetition: Repetition, text: str) -> None:
        """Leave nothing of a repetition but *text*, which is made here."""
        leaf = Leaf("")
        leaf.make(text)
        repetition[:] = [[leaf]]

    def _code(self, field: Field) -> None:
        """Keep codes and their systems, each of one word; names of codes only where the system's are known."""
        for repetition in field:
            for first in (0, 3):
                code, name, system = (_part(repetition, first + offset) for offset in range(3))
                if system is not None and not CODE.fullmatch(system.raw.strip()):
                    self.remove(system)
                if code is not None and not CODE.fullmatch(code.raw):
                    self.remove(code)
                known = system is not None and SYSTEMS.fullmatch(system.raw.strip()) is not None
                if name is not None and not (known and code is not None and code.raw):
                    self.remove(name)
            for component in repetition[:6]:
                for leaf in component[1:]:
                    self.remove(leaf)
            for component in repetition[6:]:
                for leaf in component:
                    self.remove(leaf)

    def _patient(self, field: Field) -> None:
        """Replace identifiers of a patient; those of an unknown authority are removed."""
        kept: list[Repetition] = []
        for repetition in field:
            number = self._document.text(repetition[0][0]).strip()
            if not number:
                continue
            try:
                patient = self._domains.patient("hl7v2", authorities(self._document, repetition), number)
            except HeldBackError:  # another repetition names the patient
                self._manifest.note("field", "removed")
                continue
            kept.append(self._identifier(repetition, self._pseudonyms.patient(patient)))
        field[:] = kept or [[[Leaf("")]]]

    def _identifier(self, repetition: Repetition, pseudonym: str) -> Repetition:
        """Return a CX with the pseudonym, its authority and its type."""
        self._manifest.note("identifier", "replaced")
        leaf = Leaf("")
        leaf.make(pseudonym)
        made: Repetition = [[leaf]]
        if len(repetition) > 3:
            made += [[Leaf("")], [Leaf("")], repetition[3][:3]]
            if len(repetition) > 4 and CODE.fullmatch(repetition[4][0].raw):
                made.append([repetition[4][0]])
        return made

    def _number(self, field: Field, purpose: str) -> None:
        """Replace each identifier; of an EI or EIP with several parts, those that are one."""
        for repetition in field:
            # An EIP has a placer's and a filler's EI; a CX, EI and ST have the identifier in front.
            is_pair = len(repetition) == 2 and (len(repetition[0]) > 1 or len(repetition[1]) > 1)
            made: Repetition = []
            for component in repetition[: 2 if is_pair else 1]:
                text = self._document.text(component[0]).strip()
                leaf = Leaf("")
                if text:
                    leaf.make(self._pseudonyms.identifier(purpose, text))
                    self._manifest.note("identifier", "replaced")
                made.append([leaf])
            repetition[:] = made

    def _person(self, field: Field) -> None:
        """Replace the number of a person who treats the patient; the name is removed."""
        if self._profile.clinicians == "remove":
            self.empty(field)
            return
        for repetition in field:
            words = [self._document.text(component[0]).strip() for component in repetition[:3]]
            who = words[0] or "^".join(words[1:])
            if who:
                self._manifest.note("person", "replaced")
            self._only(repetition, self._pseudonyms.identifier("clinician", who) if who else "")

    def _place(self, field: Field) -> None:
        """Keep the facility (PL.4) only."""
        for repetition in field:
            facility = _part(repetition, 3)
            if facility is None or self._is_safe_harbor:
                repetition[:] = [[Leaf("")]]
            else:
                repetition[:] = [[Leaf("")], [Leaf("")], [Leaf("")], [facility]]

    def _address(self, field: Field) -> None:
        """Keep state, country, and of a postcode of the United States three digits."""
        for repetition in field:
            state, postcode, country = (_part(repetition, number) for number in (3, 4, 5))
            area = Leaf("")
            said = (postcode.raw if postcode else "", country.raw if country else "", state.raw if state else "")
            area.make(postcodes.area(*said))
            self._manifest.note("address", "cut")
            for region in (state, country):
                if region is not None and not REGION.fullmatch(region.raw.strip()):
                    region.clear()
            kept = [state or Leaf(""), area, country or Leaf("")]
            repetition[:] = [[Leaf("")], [Leaf("")], [Leaf("")], *([leaf] for leaf in kept)]
        del field[1:]

    def _text(self, field: Field) -> None:
        """Remove free text, or leave it to the search for the message's own identifiers."""
        if self._profile.text == "remove":
            self.empty(field)
        for leaf in leaves(field):
            leaf.is_text = True
            leaf.raw = without_great_ages(leaf.raw)

    def _sender(self, field: Field) -> None:
        if not self._profile.keep_sender:
            self.empty(field)


def _part(repetition: Repetition, number: int) -> Leaf | None:
    """Return the first text of a component, counted from 0; None if it is not there."""
    component: Component | None = repetition[number] if number < len(repetition) else None
    return component[0] if component else None
