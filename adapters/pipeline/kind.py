"""How the research pipeline is opened: it is imported when somebody asks for it, with DuckDB and the decoders."""

from importlib.util import find_spec

from gateway.contract.pipeline import Parts, Pipeline, PipelineError

NEEDED = ("duckdb", "numpy", "PIL")
MISSING = "the research pipeline needs {}, which is not installed; install hilum[pipeline]"


def open_pipeline(parts: Parts) -> Pipeline:
    """Return the pipeline of a configuration; raises PipelineError without its extra."""
    absent = [each for each in NEEDED if find_spec(each) is None]
    if absent:
        raise PipelineError(MISSING.format(" and ".join(absent)))
    from adapters.pipeline.operating import open_pipeline as opened  # noqa: PLC0415  only for those who use it

    return opened(parts)
