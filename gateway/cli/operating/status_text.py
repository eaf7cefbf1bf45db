"""The status as lines of text: the sentence, a card for each cause, and in one line what is as usual."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gateway.cli.operating.commands_to_paste import commands_of
from gateway.cli.operating.instants import clock, duration, local, zone
from gateway.cli.operating.lines import beside, clean, wrapped
from gateway.cli.operating.paint import USUAL, Paint, mark_of
from gateway.contract.observed import Case, Status

INDENT = 12
WORD = 9
LONGEST_SUBJECT = 40
MOST_PEERS = 8
LEVELS: Mapping[str, str] = {"red": "red", "amber": "amber", "blue": "blue", "green": "green"}


class View(NamedTuple):
    """How the status is shown."""

    width: int
    config: str
    """The configuration, as the operator has named it; it stands in the commands to paste."""
    paint: Paint


def status_lines(status: Status, view: View) -> Iterator[str]:
    """Yield the lines of a status."""
    now, paint = status["at"], view.paint
    right = f"{local(now):%H:%M} {zone(now)}, {clean(status['gateway'], now)}"
    first, *rest = beside(clean(status["sentence"], now), right, view.width)
    yield paint(first, "bold", LEVELS.get(status["level"], ""))
    yield from rest
    for line in wrapped(clean(status["counts"], now), view.width):
        yield paint(line, "dim")
    yield ""
    subjects = [_subject(each, now) for each in status["cases"]]
    column = max(map(len, subjects), default=0)
    for case, subject in zip(status["cases"], subjects, strict=True):
        yield from _card(case, subject.ljust(column), now, view)
    yield from _odd_peers(status, view)
    if usual := _usual(status):
        yield from (paint(line, USUAL.style) for line in wrapped(usual, view.width, 2, f"{USUAL.shape} "))


def _subject(case: Case, now: float) -> str:
    return clean(case["subject"], now)[:LONGEST_SUBJECT]


def _card(case: Case, subject: str, now: float, view: View) -> Iterator[str]:
    paint, mark = view.paint, mark_of(case["state"])
    head = f"{mark.shape} {clean(mark.word, now):<{WORD}}"
    since = f"since {clock(case['since'], now)} ({duration(now - case['since'])})"
    facts = f"{since}   {clean(_side(case), now)}"
    if INDENT + len(subject) + 3 + len(facts) <= view.width:
        yield f"{paint(head, mark.style, 'bold')} {paint(subject, 'bold')}   {facts}"
    else:
        yield f"{paint(head, mark.style, 'bold')} {paint(subject.rstrip(), 'bold')}"
        yield from wrapped(facts, view.width, INDENT)
    for text, *styles in _body(case, now):
        yield from (paint(line, *styles) for line in wrapped(text, view.width, INDENT))
    yield from wrapped(_what_now(case, now, view.config), view.width, INDENT, "→ ")
    for command in commands_of(case, view.config):
        yield " " * INDENT + paint(command, "dim")  # in one line, however long: it is to be pasted


def _side(case: Case) -> str:
    return "here" if case["side"] == "here" else f"{case['side']} side"


def _body(case: Case, now: float) -> Iterator[tuple[str, ...]]:
    title, why, proof, effect = (clean(case[key], now) for key in ("title", "why", "proof", "effect"))
    if title and not why.startswith(title.rstrip(".")):
        yield title, "bold"
    if why:
        yield (why,)
    if proof and proof not in why:
        yield f"({proof})", "dim"
    if effect:
        yield (effect,)


def _what_now(case: Case, now: float, config: str) -> str:
    what, contact = clean(case["now"], now).replace(" CONFIG ", f" {config} "), clean(case["contact"], now)
    call = f"Call {contact.rstrip('.')}." if contact and contact not in what else ""
    return " ".join(filter(None, (call, what)))


def _odd_peers(status: Status, view: View) -> Iterator[str]:
    """Yield a line for each peer that is not as usual and in no card."""
    now, paint = status["at"], view.paint
    told = {case["subject"] for case in status["cases"]}
    odd = [each for each in status["peers"] if each.get("peer") not in told]
    for each in odd[:MOST_PEERS]:
        mark = mark_of(str(each.get("state", "")))
        name, words = clean(each.get("peer", ""), now), clean(each.get("words", ""), now)
        yield f"{paint(f'{mark.shape} {clean(mark.word, now):<{WORD}}', mark.style)} {name}   {words}".rstrip()
    if len(odd) > MOST_PEERS:
        yield f"  and {len(odd) - MOST_PEERS} more peers that are not as usual."


def _usual(status: Status) -> str:
    """Return what is as usual in words, such as ``2 more destinations and 14 peers as usual``."""
    more = "more " if status["cases"] else ""
    counted = [(status["usual_destinations"], "destination"), (status["usual_peers"], "peer")]
    parts = [(count, name if count == 1 else f"{name}s") for count, name in counted if count]
    words = [f"{count} {more if not place else ''}{name}" for place, (count, name) in enumerate(parts)]
    return f"{' and '.join(words)} as usual." if words else ""
