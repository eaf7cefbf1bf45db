"""Adds up the metrics of several workers, so that operators see one gateway."""

from collections.abc import Container, Iterable

from prometheus_client.parser import text_string_to_metric_families

LARGEST = (
    "hilum_build_info",
    "hilum_certificate_expiry_seconds",
    "hilum_listener_encrypted",
    "hilum_spool_oldest_seconds",
    "hilum_spool_free_bytes",
    "hilum_spool_limit_bytes",
    "hilum_spools_set_aside",
    "process_start_time_seconds",
    "process_max_fds",
)
"""Metrics of which the largest counts, not the sum."""
SMALLEST = ("hilum_certificate_expiry_timestamp_seconds", "hilum_destination_available")
"""Those of which the smallest counts: what is wrong for one worker is wrong."""

MADE = "_created"
"""When a counter was made, as the client library tells of its own: of several there is no sum."""
COUNTING = frozenset({"counter", "histogram"})

Key = tuple[str, tuple[tuple[str, str], ...]]


def add_up(texts: Iterable[str], types: Container[str] | None = None) -> str:
    """Return the metrics in *texts*, each in the Prometheus text format, as one text: sample by sample the sum.

    With *types*, only families of these are in it.
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
    """Return the counters and histograms in *text*: what only grows, and so stays true when its process has ended."""
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
