"""The result as a table, for the terminal and for the page alike."""

from collections.abc import Iterator, Sequence

from tests.bench.measure import Measured, Spread

HEADER = ("row", "what", "contender", "median", "min - max", "first ÷ this", "goal", "beside")
Line = tuple[str, ...]


def number(value: float) -> str:
    """Return *value* with three significant digits at least."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: Spread) -> str:
    """Return the ends of *values*."""
    return f"{number(values.least)} - {number(values.most)}"


def lines(measured: Measured) -> Iterator[Line]:
    """Yield a line for each contender of a case, the subject first."""
    case = measured.case
    goals = {goal.of: f"{goal}: {'met' if met else 'MISSED'}" for goal, _, met in measured.verdicts()}
    for name in sorted(measured.samples, key=lambda name: name != case.subject):
        first = name == case.subject
        value, ratio = measured.value(name), measured.ratio(name)
        own = [f"{key} {text}" for key, text in goals.items() if first and key not in measured.samples]
        yield (
            str(case.row) if first else "",
            f"{case.name} ({case.unit})" if first else "",
            name,
            number(value.median),
            spread(value),
            "" if first else f"{number(ratio.median)} ({spread(ratio)})",
            ", ".join(own) if first else goals.get(name, ""),
            ", ".join(f"{key} {number(each.median)}" for key, each in measured.more(name).items()),
        )


def markdown(results: Sequence[Measured]) -> str:
    """Return all *results* as one table, its columns aligned, and what was skipped below it."""
    rows = [HEADER, *(line for each in results for line in lines(each))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    skipped = {f"{name}: {why}" for each in results for name, why in each.case.skipped.items()}
    return "\n".join([*text, *(f"\nNot measured: {line}" for line in sorted(skipped))])
