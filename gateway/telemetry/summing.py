"""Adds up the metrics of several workers, so that `/metrics` shows one gateway."""

from collections.abc import Container, Iterable

from prometheus_client.parser import text_string_to_metric_families

LARGEST = (
    "hilum_build_info",
    "hilum_certificate_expiry_seconds",
    "hilum_import_not_stored_objects",
    "hilum_import_objects",
    "hilum_import_stored_messages",
    "hilum_listener_encrypted",
    "hilum_pipeline_dead_letters",
    "hilum_pipeline_objects",
    "hilum_pipeline_run_objects",
    "hilum_spool_oldest_seconds",
    "hilum_spool_free_bytes",
    "hilum_spool_limit_bytes",
    "hilum_spools_set_aside",
    "hilum_source_lag_seconds",
    "process_start_time_seconds",
    "process_max_fds",
)
"""Metrics for which the largest value is shown, not the sum."""
SMALLEST = ("hilum_certificate_expiry_timestamp_seconds", "hilum_destination_available")
"""Metrics for which the smallest value is shown: a problem of one worker is a problem of the gateway."""

MADE = "_created"
"""Suffix of the client library's metrics for when a counter was made; times cannot be added, so they are left out."""
COUNTING = frozenset({"counter", "histogram"})

Key = tuple[str, tuple[tuple[str, str], ...]]


def add_up(texts: Iterable[str], types: Container[str] | None = None) -> str:
    """Return the sum of *texts*, each in the Prometheus text format: samples with equal name and labels are added.

    With *types*, only metric families of these types are included.
    """
    heads: dict[str, list[str]] = {}
    sums: dict[str, dict[Key, float]] = {}
    for text in texts:
        for family in text_string_to_metric_families(text):
            if family.name.endswith(MADE) or (types is not None and family.type not in types):
                continue
            name = f"{family.name}_total" if family.type == "counter" else family.name
            heads[name] = [f"# HELP {name} {family.documentation}", f"# TYPE {name} {family.type}"]
            samples = sums.setdefault(name, {})
            for sample in family.samples:
                key = sample.name, tuple(sample.labels.items())
                samples[key] = _together(name, samples[key], sample.value) if key in samples else sample.value
    lines = [line for name, head in heads.items() for line in (*head, *map(_line, sums[name].items()))]
    return "\n".join([*lines, ""])


def only_counters(text: str) -> str:
    """Return the counters and histograms in *text*: they only grow, so they stay valid after the process ends."""
    return add_up([text], COUNTING)


def _together(name: str, one: float, other: float) -> float:
    if name in SMALLEST:
        return min(one, other)
    return max(one, other) if name in LARGEST else one + other


def _line(sample: tuple[Key, float]) -> str:
    (name, labels), value = sample
    inside = ",".join(f'{label}="{_escape(text)}"' for label, text in labels)
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
