"""NTE: comments."""

from adapters.fhir.actors import practitioner
from adapters.fhir.bundle import Json
from adapters.fhir.context import Context
from adapters.fhir.reading import NULL, Segment


def annotation(nte: Segment, context: Context) -> Json | None:
    """Return the comment of an NTE, with who entered it and when."""
    text = comment(nte, context)
    if not text:
        return None
    context.at(nte, 5)
    by = nte.get(5).split(context.delimiters.repetition)[0]
    author = (practitioner(by, context) if by and by != NULL else None) or {}
    context.at(nte, 6)
    time = context.date_time(nte.get(6)) if nte.peek(6) != NULL else None
    return {"text": text, **_author(author), **({"time": time} if time else {})}


def comment(nte: Segment, context: Context) -> str:
    """Return the text of an NTE; its repetitions are lines."""
    nte.get(1)
    lines = (context.delimiters.text(each) for each in nte.get(3).split(context.delimiters.repetition))
    return "\n".join(lines).strip()


def _author(author: Json) -> Json:
    """Return who wrote a comment: a reference, or a name if there is nothing else."""
    if author.keys() == {"display"}:
        return {"authorString": author["display"]}
    return {"authorReference": author} if author else {}
