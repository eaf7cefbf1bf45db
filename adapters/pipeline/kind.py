"""How the research pipeline is opened, and how its public table is searched by those who have nothing else of it.

Both are imported when somebody asks for them, with DuckDB and the decoders.
"""

from importlib.util import find_spec
from pathlib import Path

from gateway.contract.pipeline import Parts, Pipeline, PipelineError
from gateway.contract.tables import Answer

NEEDED = ("duckdb", "numpy", "PIL")
MISSING = "the research pipeline needs {}, which is not installed; install hilum[pipeline]"


def open_pipeline(parts: Parts) -> Pipeline:
    """Return the pipeline of a configuration; raises PipelineError without its extra."""
    absent = [each for each in NEEDED if find_spec(each) is None]
    if absent:
        raise PipelineError(MISSING.format(" and ".join(absent)))
    from adapters.pipeline.operating import open_pipeline as opened  # noqa: PLC0415  only for those who use it

    return opened(parts)


def search_public(folder: Path, words: str, most: int) -> Answer:
    """Return the first rows of the public table in *folder* whose reports have all *words*; raises PipelineError."""
    if find_spec("duckdb") is None:
        raise PipelineError(MISSING.format("duckdb"))
    from adapters.pipeline.dataset.showing import rows_of  # noqa: PLC0415  only for those who search

    return rows_of(folder, words, most)
