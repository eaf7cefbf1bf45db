"""The gate itself: every candidate is checked by itself, then all that are left together; what fails is held back.

Each check returns a reason, and a candidate passes only if every check has returned none. An error in a check is a
reason as well; an error outside of them holds everything back.
"""

from collections.abc import Mapping, Sequence

from adapters.pipeline.gate.candidates import Candidate, Held, Rules, Verdict
from adapters.pipeline.gate.groups import Cells, small_cells
from adapters.pipeline.gate.identifiers import Identifiers
from adapters.pipeline.gate.leaks import NOTHING_KNOWN, LeakScan
from adapters.pipeline.gate.reporting import FAILED, Scanned, failed_report, report_of
from adapters.pipeline.gate.second_look import Look, second_look
from adapters.tables.dicom.quiet import quiet

NO_PATIENT = "it is not known whose it is, so it cannot be counted"
NOT_ALLOWED = "its row has a column that is not allowed"
NOT_CHECKED = "it could not be checked: an internal error"
PASSES = "passes"
"""What a check of one candidate says when all of it is done: nothing else lets a candidate pass."""


def gate(
    candidates: Sequence[Candidate],
    identified: Mapping[str, Identifiers],
    rules: Rules,
    look: Look = second_look,
) -> Verdict:
    """Return which of the *candidates* may become public. The same for the same arguments.

    *identified* has the identifiers of each patient by ``Candidate.patient``. *look* searches a picture for text; who
    has seen the same octets before may pass a function that remembers.
    """
    try:
        with quiet():
            return _judged(candidates, identified, rules, look)
    except Exception:  # noqa: BLE001  whatever it is, nothing may pass
        return Verdict((), [Held(each.reference, FAILED) for each in candidates], failed_report(len(candidates)))


def _judged(
    candidates: Sequence[Candidate], identified: Mapping[str, Identifiers], rules: Rules, look: Look
) -> Verdict:
    scans = _Scans(identified)
    reasons = [NOT_CHECKED] * len(candidates)
    for number in sorted(range(len(candidates)), key=lambda each: candidates[each].patient):
        reasons[number] = _reason(candidates[number], scans, rules, look)
    clean = [each for each, reason in zip(candidates, reasons, strict=True) if reason == PASSES]
    judged, cells = small_cells(clean, rules)
    if len(judged) != len(clean):
        raise AssertionError("the gate has lost a candidate")
    passed = [each for each in judged if isinstance(each, Candidate)]
    of_clean = iter(judged)
    held = []
    for candidate, reason in zip(candidates, reasons, strict=True):
        found = next(of_clean) if reason == PASSES else reason
        if not isinstance(found, Candidate):
            held.append(Held(candidate.reference, found))
    return _told(candidates, passed, held, cells, scans, rules)


def _told(
    candidates: Sequence[Candidate],
    passed: Sequence[Candidate],
    held: Sequence[Held],
    cells: Cells,
    scans: "_Scans",
    rules: Rules,
) -> Verdict:
    scanned = Scanned(
        patients=len(scans.used),
        identifiers=sum(len(scans.identified[each]) for each in scans.used),
        rows=len(candidates),
        pictures=sum(len(each.pictures) for each in candidates),
    )
    return Verdict(passed, held, report_of(len(passed), held, cells, scanned, rules))


class _Scans:
    """The search for the identifiers of one patient after the other."""

    def __init__(self, identified: Mapping[str, Identifiers]) -> None:
        self.identified = identified
        self.used: set[str] = set()
        self._last: tuple[str, LeakScan] | None = None

    def of(self, patient: str) -> LeakScan | None:
        """Return the search for a patient; None if nothing is known of the patient."""
        if self._last is None or self._last[0] != patient:
            known = self.identified.get(patient)
            if not known:
                return None
            self._last = (patient, LeakScan(known))
            self.used.add(patient)
        return self._last[1]


def _reason(candidate: Candidate, scans: _Scans, rules: Rules, look: Look) -> str:
    """Return PASSES, or why a candidate may not pass by itself."""
    try:
        if not candidate.patient:
            return NO_PATIENT
        if not candidate.row.keys() <= rules.columns:
            return NOT_ALLOWED
        scan = scans.of(candidate.patient)
        if scan is None:
            return NOTHING_KNOWN
        found = scan.reason(candidate) or _looked_at(candidate, rules, look)
    except Exception:  # noqa: BLE001  what cannot be checked is held back, and an error may quote it
        return NOT_CHECKED
    return PASSES if found == "" else found


def _looked_at(candidate: Candidate, rules: Rules, look: Look) -> str:
    """Return why a picture may not pass."""
    if not rules.second_look:
        return ""
    return next(filter(None, map(look, candidate.pictures.values())), "")
