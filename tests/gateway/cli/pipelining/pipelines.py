"""A configuration of a pipeline, and a stand-in for the pipeline that tells what it was asked."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.contract.pipeline import DriverName, Forgotten, Letter, PipelineError, Report, RunFacts, StageFacts, Step
from gateway.contract.tables import Answer

TEXT = """
data_dir: {root}/data
audit: {{file: {root}/audit.log}}
domains: {{hospital: {{}}}}
steps:
  anonymous: {{kind: deidentify, key_file: {root}/key, default_domain: hospital, hl7v2: {{text: known_identifiers}}}}
buckets:
  north: {{kind: folder, url: {root}/north}}
  public: {{kind: folder, url: {root}/public}}
  thumbs: {{kind: folder, url: {root}/thumbs}}
pipeline:
  hospitals: {{north: {{images: "north:**.dcm"}}}}
  via: anonymous
  tables: {root}/identified
  public: {{tables: "{place}", thumbnails: "thumbs:", columns: [Modality, report]}}
  watch_seconds: 1
"""


def configuration(root: Path, place: str = "public:") -> str:
    """Write a configuration; return its path."""
    (root / "key").write_text("ab" * 32)
    path = root / "hilum.yaml"
    path.write_text(TEXT.format(root=root, place=place))
    return str(path)


class Asked:
    """A pipeline that says what it is told to."""

    def __init__(self, facts: RunFacts | None = None, problem: str = "") -> None:
        self.asked: list[str] = []
        self._facts, self._problem = facts or RunFacts(7, 7, 2, has_written=True), problem

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self._problem:
            raise PipelineError(self._problem)

    async def run(self, tell: Callable[[Step], None], driver: DriverName) -> RunFacts:
        """Run."""
        self._ask(f"run {driver}")
        tell(Step(1, 7, 0))
        return self._facts

    def status(self) -> Sequence[StageFacts]:
        """Tell how far it is."""
        self._ask("status")
        return [StageFacts("north", "headers", 5, 1, 2, "it is cut")]

    def report(self) -> Report:
        """Tell what was found."""
        self._ask("report")
        gate = {"passed": 3, "candidates": 4, "reasons": {"text was found": 1}}
        letter = Letter("north", "a\x1b[2J.dcm", "headers", "it is cut")
        return Report([letter], {"north": {"linked": 2}}, {"prod": gate, "public": {}})

    def retry(self) -> int:
        """Try again."""
        self._ask("retry")
        return 3

    async def forget(self, hospital: str, uid: str) -> Forgotten:
        """Forget."""
        self._ask(f"forget {hospital} {uid}")
        return Forgotten(0, 0)

    async def query(self, sql: str, most: int | None) -> Answer:
        """Answer."""
        self._ask(f"query {sql} {most}")
        return Answer(["n"], [(1,)])

    async def search(self, words: str, most: int | None) -> Answer:
        """Answer."""
        self._ask(f"search {words} {most}")
        return Answer(["n"], [(2,)])
