"""What is to be made of which object, under which name, and what of it is there already."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.deidentify.pseudonyms.key import read_key
from adapters.pipeline.contract import Reference
from adapters.pipeline.ledger import Known, Ledger
from adapters.pipeline.results import Results, State, basis_of, digest_of
from adapters.pipeline.stages import deidentify, headers
from adapters.pipeline.stages.forgotten import NOTHING, Forgotten
from adapters.pipeline.work import REPORTS, Task, Work
from gateway.contract.errors import ConfigError

VERSIONS: Mapping[str, str] = {headers.STAGE: "1", deidentify.STAGE: "1", REPORTS: "1"}
"""Of each stage; to be counted up with each change of what it makes of the same object."""
STAGES: Mapping[str, tuple[str, ...]] = {"image": (headers.STAGE, deidentify.STAGE), "report": (REPORTS,)}


@dataclass(frozen=True, slots=True)
class Planned:
    """One version of an object, and by stage the name of its result and what that holds; None if it is missing."""

    known: Known
    results: Mapping[str, tuple[str, State | None]]

    @property
    def reference(self) -> Reference:
        """The object."""
        return self.known.reference

    def name(self, stage: str, *states: State) -> str | None:
        """Return the name of a result that holds one of *states*."""
        name, state = self.results.get(stage, ("", None))
        return name if state in states else None


class Bases:
    """By stage and hospital, the digest of the settings on which a result depends."""

    def __init__(self, work: Work, version: str) -> None:
        self._work, self._version = work, version
        self._found: dict[tuple[str, str], str] = {}

    def __call__(self, stage: str, hospital: str) -> str:
        """Return the digest."""
        if (stage, hospital) not in self._found:
            settings = self._settings(stage, hospital)
            self._found[stage, hospital] = basis_of(f"{self._version} {VERSIONS[stage]}", settings)
        return self._found[stage, hospital]

    def _settings(self, stage: str, hospital: str) -> Mapping[str, object]:
        work = self._work
        if stage == headers.STAGE:
            return {}
        if stage == deidentify.STAGE:
            try:
                key = read_key(work.step.key_file).fingerprint
            except ValueError as error:
                raise ConfigError(f"steps.{work.settings.via}.key_file: {error}") from None
            step = work.step.model_dump(mode="json", exclude={"key_file"})
            domains = {name: each.model_dump(mode="json") for name, each in work.domains.items()}
            return {
                "step": step,
                "key": key,
                "domains": domains,
                "columns": sorted(work.settings.public.columns),
                "second_look": work.settings.gate.second_look,
            }
        told = work.settings.hospitals[hospital].model_dump(mode="json", exclude={"images", "reports"})
        return {"reports": told, "forgotten": work.forgotten.get(hospital, NOTHING).digest}


def with_forgotten(work: Work, ledger: Ledger) -> Work:
    """Return the work with what the ledger says is forgotten."""
    gone = {
        name: Forgotten(ledger.forgotten(name, "uid"), ledger.forgotten(name, "accession"))
        for name in work.settings.hospitals
    }
    return replace(work, forgotten=gone)


def plan_of(work: Work, ledger: Ledger, version: str) -> list[Planned]:
    """Return what there is and what is missing, of the hospitals that the configuration names."""
    known = [each for each in ledger.known() if each.reference.hospital in work.settings.hospitals]
    return planned(known, Bases(work, version), Results(work.folder))


def planned(known: Sequence[Known], bases: Callable[[str, str], str], results: Results) -> list[Planned]:
    """Return what there is and what is missing: of each image that the bucket has now, of each report ever seen."""
    there = {stage: results.known(stage) for stage in VERSIONS}
    found = []
    for each in known:
        names = {
            stage: digest_of(stage, each.reference, bases(stage, each.reference.hospital))
            for stage in STAGES[each.what]
        }
        if each.what == "report" and not each.is_current and names[REPORTS] not in there[REPORTS]:
            names[REPORTS] = each.result
        if each.is_current or each.what == "report":
            found.append(Planned(each, {stage: (name, there[stage].get(name)) for stage, name in names.items()}))
    return found


def tasks(plan: Sequence[Planned]) -> Iterator[Task]:
    """Yield what is missing of the objects that the buckets have now."""
    for each in plan:
        missing = {stage: name for stage, (name, state) in each.results.items() if state is None}
        if missing and each.known.is_current:
            yield Task(each.known.what, each.reference, missing)


def unused(plan: Sequence[Planned], results: Results) -> Iterator[tuple[str, Collection[str]]]:
    """Yield by stage the results that nothing needs any more: of objects that are gone, or of other settings."""
    for stage in VERSIONS:
        needed = {each.results[stage][0] for each in plan if stage in each.results}
        if gone := results.known(stage).keys() - needed:
            yield stage, gone
